import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { CallLine, StoredMessage } from "../../simulator/host/control-types";
import { isInterim } from "../../../provider/rename/interim-aliases";
import type { UserRequest, UserResult } from "../../../provider/rename/user-request";
import { picture } from "../picture";
import { domain } from "../stage";
import type { Lane } from "./lane";
import { at, becomesOf, scenarioOf, type ScenarioName } from "./scenarios";
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

/** Everything that must be true once the renames are done, by the truth of the server and of its disk. */
export async function judge(
  lane: Lane,
  name: ScenarioName,
  before: Before,
  told: { requests: UserRequest[]; results: UserResult[]; sent: Sent[]; newcomers?: string[]; mayAskAgain?: boolean },
): Promise<void> {
  const { control } = lane.simulator;
  const { renames, taken = [] } = scenarioOf(name);
  const becoming = becomesOf(name);
  const becomes = (old: string): string => becoming[old] ?? old;
  const after = await picture(lane.simulator);
  const renamed = (names: Record<string, string>) =>
    Object.fromEntries(Object.entries(names).map(([key, person]) => [key, becomes(person)]));

  expect(after.names).toEqual([...before.picture.names.map(becomes), ...(told.newcomers ?? [])].sort());
  expect(after.services).toEqual(before.picture.services);
  await expectMail(lane, before, told.sent, becomes);
  for (const [old, { inode }] of Object.entries(before.picture.directories)) {
    expect(after.directories[becomes(old)]?.inode).toBe(inode);
  }
  expect(after.groups).toEqual({ staff: [becomes("jdoe")], sellers: [becomes("asmith")] });
  expect(after.lists).toEqual({ news: [`${becomes("jdoe")} Moderator`], offers: [`${becomes("asmith")} Member`] });
  expect(after.managers).toEqual(renamed(before.picture.managers));
  expect(after.readers).toEqual({ news: ["TrusteeGroup", becomes("jdoe")], offers: [becomes("asmith")] });
  for (const [old, { description, emailAddresses }] of Object.entries(facts))
    expect(after.account(becomes(old))).toMatchObject({ enabled: true, description, emailAddresses });
  const aliases = Object.fromEntries(
    renames.filter(({ from }) => !taken.includes(from)).map(({ from, to }) => [from, [at(to)]]),
  );
  expect(Object.fromEntries(Object.entries(after.aliases).map(([from, to]) => [from, to.map(whole)]))).toEqual({
    books: [at(becomes("jdoe"))],
    letters: [at(becomes("asmith"))],
    ...aliases,
  });
  for (const [index, { to }] of renames.entries()) {
    const oldId = told.requests[index]?.renamedFrom?.userId ?? "";
    expect(after.text).not.toContain(oldId);
    expect(told.results[index]?.userId).toBe(after.account(to).id);
    const login = await control.login(to, told.results[index]?.initialPassword ?? "");
    expect(login).toMatchObject({ ok: true, userId: after.account(to).id });
  }
  await expectOnce(lane, name, told.requests, told.mayAskAgain ? [1, 2] : [1]);
  await expectNothingLeft(lane);
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

/** No effect has happened twice: what was made and taken back again is counted off. */
async function expectOnce(lane: Lane, name: ScenarioName, requests: UserRequest[], asked: number[]): Promise<void> {
  const calls = (await lane.simulator.control.calls()).filter((call) => call.code === 0).flatMap(commandsIn);
  const removals = lines(join(lane.simulator.state, "truth/removals.jsonl")).map(({ userId }) => String(userId));
  for (const [index, { from, to }] of scenarioOf(name).renames.entries()) {
    const oldId = requests[index]?.renamedFrom?.userId ?? "";
    expect(removals.filter((id) => id === oldId)).toHaveLength(1);
    const named = (method: string, key: string, field: string, value: string) =>
      calls
        .filter((call) => call.method === method)
        .flatMap((call) => call.params[key] as Record<string, unknown>[])
        // An interim alias comes and goes; that none is left is seen above.
        .filter((item) => item[field] === value && (key !== "aliases" || !isInterim(item))).length;
    // Once more only where the first one was taken back, or forgotten by a server that could not write.
    const made = named("Users.create", "users", "loginName", to);
    expect([1, 2]).toContain(made);
    // A name that somebody takes leads to its former bearer until then, where that somebody was taken back meanwhile.
    const isKept = !scenarioOf(name).taken?.includes(from);
    const led = named("Aliases.create", "aliases", "name", from);
    if (isKept) expect(asked, `calls that let ${from} lead to ${to}`).toContain(led);
    else expect([0, 1]).toContain(led);
  }
}

/** The calls of a call. */
function commandsIn(call: CallLine): Pick<CallLine, "method" | "params">[] {
  const list = call.method === "Batch.run" ? call.params.commandList : [call];
  return list as Pick<CallLine, "method" | "params">[];
}

function lines(file: string): Record<string, unknown>[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return text.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** On the host there is the closed snapshot, and the copies of the configuration; no process, no directory. */
async function expectNothingLeft(lane: Lane): Promise<void> {
  const { stateDirectory, simulator } = lane;
  const list = (directory: string) => (existsSync(directory) ? readdirSync(directory) : []);
  expect(list(stateDirectory).filter((entry) => !["snapshots", "copies", "runs"].includes(entry))).toEqual([]);
  expect(list(join(stateDirectory, "runs"))).toEqual([]);
  expect(list(join(stateDirectory, "snapshots")).filter((file) => !file.endsWith(".closed.json"))).toEqual([]);
  const { store } = simulator.info;
  expect(list(store).filter((entry) => entry.startsWith("pulumi-kerio"))).toEqual([]);
  expect(list(join(store, "mail", domain)).filter((entry) => entry.startsWith("."))).toEqual([]);
  const until = Date.now() + 10_000;
  while (processesOf(simulator.state).length > 0 && Date.now() < until) await sleep(100);
  expect(processesOf(simulator.state)).toEqual([]);
}

/** What logins have left running. */
function processesOf(state: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`STAND_IN_DIR=${state}`);
        return isOurs ? [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")] : [];
      } catch {
        // It has ended meanwhile, or is somebody else's.
        return [];
      }
    });
}
