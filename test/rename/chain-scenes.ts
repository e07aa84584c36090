import { expect } from "vitest";
import type { RunHooks } from "../../provider/rename/run-context";
import type { UserRequest } from "../../provider/rename/user-request";
import { startSimulator, type Simulator, type SimulatorOptions } from "../helpers/start-simulator";
import { ownerOf } from "./owner-of";
import { picture } from "./picture";
import { domain, renameRequest } from "./stage";

/** Renames that depend on each other: who becomes what, all at once. */
export interface Scene {
  title: string;
  /** From local part to local part; each person is called after the first one. */
  renames: Record<string, string>;
}

/** The scenes that every test of chains plays; crash tests take them from here too. */
export const scenes = {
  chain: { title: "a chain", renames: { ann: "bea", bea: "cleo" } },
  swap: { title: "a swap", renames: { ann: "bea", bea: "ann" } },
  circle: { title: "a circle of three", renames: { ann: "bea", bea: "cleo", cleo: "ann" } },
  several: {
    title: "a long chain, a swap and a plain rename at once",
    renames: { ann: "bea", bea: "cleo", cleo: "dora", eve: "fay", fay: "eve", gwen: "hope" },
  },
} satisfies Record<string, Scene>;

/** A person of a scene as the server knew them at the beginning. */
interface Person {
  name: string;
  id: string;
  inode: number | undefined;
  messages: string[] | undefined;
}

/** A stand-in with the people of a scene, and what was true of them at the beginning. */
export interface Played {
  simulator: Simulator;
  people: Person[];
  requests: UserRequest[];
  /** What the hooks of a run check before and after each step: whose mail an account would open, and the seats. */
  hooks: RunHooks;
  /** Judges, by the server's truth, that everybody has become who they were to become. */
  expectDone(): Promise<void>;
  /** Judges that each person has their mailbox under the new name, and beside it what came under that subject. */
  expectAllThere(subject: string): Promise<void>;
  /** Judges that nobody's mail can be opened by anybody else, and that no message is lost. */
  expectNobodyElses(): Promise<void>;
}

/** Starts a server with the people of a scene: two messages, a group, a list and an alias each. */
export async function play(scene: Scene, options: SimulatorOptions = {}): Promise<Played> {
  const simulator = await startSimulator(options);
  try {
    const names = Object.keys(scene.renames);
    await populate(simulator, names);
    const before = await picture(simulator);
    const people = names.map((name) => ({
      name,
      id: before.account(name).id,
      inode: before.directories[name]?.inode,
      messages: before.messages(name),
    }));
    const requests = people.map(({ name, id }) => renameRequest(name, scene.renames[name] ?? "", id));
    const seats = Number(options.switches?.["licence-seats"] ?? Number.POSITIVE_INFINITY);
    const expectNobodyElses = () => nobodyElses(simulator, scene, people, seats);
    return {
      simulator,
      people,
      requests,
      hooks: { before: expectNobodyElses, after: expectNobodyElses },
      expectDone: () => done(simulator, scene, people, before),
      expectAllThere: (subject) => allThere(simulator, scene, people, subject),
      expectNobodyElses,
    };
  } catch (error) {
    await simulator.stop();
    throw error;
  }
}

async function populate({ adminCall, deliver }: Simulator, names: string[]): Promise<void> {
  const { list: domains } = await adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  const domainId = domains[0]?.id ?? "";
  const made = async (method: string, params: Record<string, unknown>): Promise<string> => {
    const { result } = await adminCall<{ result: { id: string }[] }>(method, params);
    return result[0]?.id ?? "";
  };
  for (const name of names) {
    const user = {
      domainId,
      loginName: name,
      isEnabled: true,
      password: "Orchard.7.Gate",
      description: `desk of ${name}`,
    };
    const id = await made("Users.create", { users: [{ ...user, emailAddresses: [`${name}.extra`] }] });
    const groupId = await made("Groups.create", { groups: [{ domainId, name: `group-${name}` }] });
    await adminCall("Groups.addMemberList", { groupId, userList: [id] });
    const mlId = await made("MailingLists.create", { mailingLists: [{ domainId, name: `list-${name}` }] });
    const member = { hasId: true, userId: id, emailAddress: "", fullName: "", kind: "Moderator" };
    await adminCall("MailingLists.addMlUserList", { mlId, members: [member] });
    const alias = { domainId, name: `alias-${name}`, deliverTo: `${name}@${domain}`, type: "TypeEmailAddress" };
    await made("Aliases.create", { aliases: [alias] });
    for (const subject of ["one", "two"]) await deliver({ to: `${name}@${domain}`, subject: `${subject} for ${name}` });
  }
}

async function done(
  simulator: Simulator,
  { renames }: Scene,
  people: Person[],
  before: Awaited<ReturnType<typeof picture>>,
): Promise<void> {
  const after = await picture(simulator);
  const targets = Object.values(renames);
  expect(after.names).toEqual([...targets].sort());
  expect(Object.keys(after.directories).sort()).toEqual([...targets].sort());
  for (const { name, inode, messages, id } of people) {
    const now = renames[name] ?? "";
    expect(after.directories[now]?.inode, `${name}, now ${now}`).toBe(inode);
    expect(after.messages(now)).toEqual(messages);
    const facts = { enabled: true, description: `desk of ${name}`, emailAddresses: [`${name}.extra`] };
    expect(after.account(now)).toMatchObject(facts);
    expect(after.groups[`group-${name}`]).toEqual([now]);
    expect(after.lists[`list-${name}`]).toEqual([`${now} Moderator`]);
    expect(after.aliases[`alias-${name}`]).toEqual([`${now}@${domain}`]);
    expect(after.aliases[name]).toEqual(targets.includes(name) ? undefined : [`${now}@${domain}`]);
    expect(after.text).not.toContain(id);
  }
  expect(after.text).not.toContain("renaming-");
  expect(after.services).toEqual(before.services);
  for (const { name } of people) {
    const to = `alias-${name}@${domain}`;
    await simulator.deliver({ to, subject: `later for ${name}` });
    const subjects = (await simulator.control.messages(domain, renames[name] ?? "")).map((message) => message.subject);
    expect(subjects.sort()).toEqual([`later for ${name}`, `one for ${name}`, `two for ${name}`]);
  }
}

async function allThere(simulator: Simulator, { renames }: Scene, people: Person[], subject: string): Promise<void> {
  const after = await picture(simulator);
  expect(after.names).toEqual(Object.values(renames).sort());
  for (const { name, inode, messages = [] } of people) {
    const now = renames[name] ?? "";
    expect(after.directories[now]?.inode, `${name}, now ${now}`).toBe(inode);
    expect(after.messages(now)).toEqual(expect.arrayContaining(messages));
    const stored = await simulator.control.messages(domain, now);
    expect(stored.map((message) => message.subject).sort()).toEqual(
      [subject, `one for ${name}`, `two for ${name}`].sort(),
    );
  }
}

async function nobodyElses(simulator: Simulator, { renames }: Scene, people: Person[], seats: number): Promise<void> {
  const truth = await simulator.control.truth().catch(() => undefined);
  if (!truth) return;
  expect(truth.accounts.filter((account) => account.enabled).length).toBeLessThanOrEqual(seats);
  const directories = await simulator.control.directories(domain);
  const ids = Object.fromEntries(people.map(({ name, id }) => [name, id]));
  for (const account of truth.accounts) {
    const inode = directories.find((directory) => directory.name === account.name)?.inode;
    const reads = people.find((person) => person.inode === inode)?.name;
    if (reads !== undefined) expect(ownerOf(account, renames, ids), `who opens the mail of ${reads}`).toBe(reads);
  }
  for (const alias of truth.aliases) {
    const whose = /^alias-(.+)$/.exec(String(alias.name))?.[1];
    const [local] = String(alias.deliverTo).split("@");
    const target = truth.accounts.find((account) => account.name === local);
    if (whose && target) expect(ownerOf(target, renames, ids), `who gets the mail of alias-${whose}`).toBe(whose);
  }
}
