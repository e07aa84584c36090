import { expect } from "vitest";
import type { StoredMessage } from "../../simulator/host/control-types";
import { picture } from "../picture";
import { domain } from "../stage";
import type { Lane } from "./lane";
import { at } from "./scenarios";
import type { Sent } from "./variants";

/** What was there before the first run. */
export interface Before {
  picture: Awaited<ReturnType<typeof picture>>;
  /** The messages of each mailbox. */
  mail: Map<string, StoredMessage[]>;
}

export async function lookBefore(lane: Lane): Promise<Before> {
  const seen = await picture(lane.simulator);
  const mail = new Map<string, StoredMessage[]>();
  for (const name of Object.keys(seen.directories)) mail.set(name, await lane.simulator.control.messages(domain, name));
  return { picture: seen, mail };
}

/** What the people of a lane are known by, beside their names. */
const facts = {
  jdoe: { description: "accounting", emailAddresses: ["j.d"] },
  asmith: { description: "sales", emailAddresses: ["a.s"] },
};

/** An alias may name its target by the local part alone. */
const whole = (address: string): string => (address.includes("@") ? address : at(address));

/**
 * Everything that must be true of the server and of its disk whenever no rename is under way: each person has the mailbox
 * and whatever belongs to it under one name, and nobody has anything beside it.
 *
 * @param became the renames that are done, from name to name; who is not in it is as before
 * @returns what was seen
 */
export async function expectState(
  lane: Lane,
  before: Before,
  { became, sent, newcomers = [] }: { became: Record<string, string>; sent: Sent[]; newcomers?: string[] },
): Promise<Awaited<ReturnType<typeof picture>>> {
  const becomes = (old: string): string => became[old] ?? old;
  const after = await picture(lane.simulator);
  const renamed = (names: Record<string, string>) =>
    Object.fromEntries(Object.entries(names).map(([key, person]) => [key, becomes(person)]));
  const names = before.picture.names.map(becomes);

  expect(after.names).toEqual([...names, ...newcomers].sort());
  expect(after.services).toEqual(before.picture.services);
  await expectMail(lane, before, sent, becomes);
  for (const [old, { inode }] of Object.entries(before.picture.directories))
    expect(after.directories[becomes(old)]?.inode).toBe(inode);
  // Whether a newcomer has one yet is for the server to say.
  const directories = Object.keys(after.directories).filter((name) => !newcomers.includes(name));
  expect(directories.sort()).toEqual(Object.keys(before.picture.directories).map(becomes).sort());
  expect(after.groups).toEqual({ staff: [becomes("jdoe")], sellers: [becomes("asmith")] });
  expect(after.lists).toEqual({ news: [`${becomes("jdoe")} Moderator`], offers: [`${becomes("asmith")} Member`] });
  expect(after.managers).toEqual(renamed(before.picture.managers));
  expect(after.readers).toEqual({ news: ["TrusteeGroup", becomes("jdoe")], offers: [becomes("asmith")] });
  for (const [old, { description, emailAddresses }] of Object.entries(facts))
    expect(after.account(becomes(old))).toMatchObject({ enabled: true, description, emailAddresses });
  // A name that somebody bears is no alias.
  const left = Object.entries(became).filter(([from]) => !names.includes(from));
  expect(Object.fromEntries(Object.entries(after.aliases).map(([from, to]) => [from, to.map(whole)]))).toEqual({
    books: [at(becomes("jdoe"))],
    letters: [at(becomes("asmith"))],
    ...Object.fromEntries(left.map(([from, to]) => [from, [at(to)]])),
  });
  for (const [old, id] of Object.entries(before.picture.ids))
    if (old in became) expect(after.text).not.toContain(id);
    else expect(after.account(old).id).toBe(id);
  return after;
}

/** Each message is where its person sees it, once, and as it was; nobody else has it. */
async function expectMail(lane: Lane, before: Before, sent: Sent[], becomes: (old: string) => string): Promise<void> {
  const { control } = lane.simulator;
  const lines: string[] = [];
  for (const { name } of await control.directories(domain)) {
    for (const { sha256, subject } of await control.messages(domain, name)) {
      lines.push(`${name} ${subject} ${subject.startsWith("meanwhile") ? "" : sha256}`);
    }
  }
  const wanted = [...before.mail].flatMap(([old, messages]) =>
    messages.map(({ sha256, subject }) => `${becomes(old)} ${subject} ${sha256}`),
  );
  for (const { subject, whose, refused } of sent) {
    if (refused === undefined) wanted.push(`${becomes(whose ?? "nobody")} ${subject} `);
  }
  expect(lines.sort()).toEqual(wanted.sort());
}
