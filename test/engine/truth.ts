import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { layoutOf } from "../simulator/host/layout";
import type { Row, StoredMessage, TrueAccount } from "../simulator/host/control-types";
import { domain } from "./stage";

/** A person's mailbox as it lies in the store. */
export interface MailboxTruth {
  inode: number;
  messages: StoredMessage[];
}

/** Delivers so many mails to a person; they are in the mailbox when this resolves. */
export async function deliver(simulator: Simulator, name: string, subjects: string[]): Promise<void> {
  const before = (await simulator.control.deliveries()).length;
  for (const subject of subjects) await simulator.deliver({ to: `${name}@${domain}`, subject });
  await expect
    .poll(async () => (await simulator.control.deliveries()).length, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(before + subjects.length);
}

/** The mailbox under a name. Fails when there is none. */
export async function mailboxOf(simulator: Simulator, name: string): Promise<MailboxTruth> {
  const directory = (await simulator.control.directories(domain)).find((one) => one.name === name);
  if (!directory) throw new Error(`no mailbox directory ${name}`);
  return { inode: directory.inode, messages: await simulator.control.messages(domain, name) };
}

/** The account of a name, or undefined. */
export async function accountOf(simulator: Simulator, name: string): Promise<TrueAccount | undefined> {
  return (await simulator.control.truth()).accounts.find((account) => account.name === name);
}

/** Makes an account as somebody at the administration would; answers its id. */
export async function accountByHand(simulator: Simulator, loginName: string, more: object = {}): Promise<string> {
  const { list } = await simulator.adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  const { result, errors } = await simulator.adminCall<{ result: { id: string }[]; errors: unknown[] }>(
    "Users.create",
    {
      users: [{ domainId: list[0]?.id, loginName, password: "Orchard.7.Gate", ...more }],
    },
  );
  expect(errors).toEqual([]);
  return result[0]?.id ?? "";
}

/** Changes an account as somebody at the administration would. */
export async function changeByHand(simulator: Simulator, name: string, pattern: object): Promise<void> {
  const account = await accountOf(simulator, name);
  const { errors } = await simulator.adminCall<{ errors: unknown[] }>("Users.set", { userIds: [account?.id], pattern });
  expect(errors).toEqual([]);
}

/** Removes an account, its mail staying, as somebody at the administration would. */
export async function removeByHand(simulator: Simulator, name: string): Promise<void> {
  const account = await accountOf(simulator, name);
  const { errors } = await simulator.adminCall<{ errors: unknown[] }>("Users.remove", {
    requests: [{ userId: account?.id, method: "UDeleteUser", removeReferences: false, targetUserId: "" }],
  });
  expect(errors).toEqual([]);
}

/** The names of all accounts, sorted. */
export async function accountNames(simulator: Simulator): Promise<string[]> {
  return (await simulator.control.truth()).accounts.map((account) => account.name).sort();
}

/** Targets of the aliases by name, each target as a whole address. */
export async function aliasesOf(simulator: Simulator): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const alias of (await simulator.control.truth()).aliases) {
    const target = String(alias["deliverTo"]);
    (found[String(alias["name"])] ??= []).push(target.includes("@") ? target : `${target}@${domain}`);
  }
  return found;
}

/** Which services run, and how each is started. */
export async function servicesOf(simulator: Simulator): Promise<string[]> {
  const show = (row: Row) => `${String(row["name"])} ${String(row["isRunning"])} ${String(row["howToStart"])}`;
  return (await simulator.control.truth()).services.map(show).sort();
}

/**
 * A person has one enabled account under the name, without any mark of a run; the mailbox is the same directory, and
 * every message of it is there, byte by byte.
 */
export async function expectPerson(simulator: Simulator, name: string, mailbox: MailboxTruth): Promise<void> {
  const accounts = (await simulator.control.truth()).accounts.filter((account) => account.name === name);
  expect(accounts).toHaveLength(1);
  expect(accounts[0]).toMatchObject({ domain, enabled: true });
  expect(accounts[0]?.description).not.toContain("pulumi-kerio");
  const now = await mailboxOf(simulator, name);
  expect(now.inode).toBe(mailbox.inode);
  for (const message of mailbox.messages) expect(now.messages).toContainEqual(message);
}

/** A rename has happened: the person is there under the new name, and nothing but the alias under the old one. */
export async function expectRenamed(
  simulator: Simulator,
  from: string,
  to: string,
  mailbox: MailboxTruth,
): Promise<void> {
  await expectPerson(simulator, to, mailbox);
  expect(await accountOf(simulator, from)).toBeUndefined();
  expect((await simulator.control.directories(domain)).map((one) => one.name)).not.toContain(from);
  expect((await aliasesOf(simulator))[from]).toEqual([`${to}@${domain}`]);
}

/** The service is there, every stop was orderly, and it was away so many times since `before`. */
export async function expectStops(simulator: Simulator, count: number, before = 0): Promise<void> {
  const downtimes = (await simulator.control.downtimes()).slice(before);
  expect(downtimes.map(({ orderly, to }) => ({ orderly, isOver: to !== null }))).toEqual(
    Array.from({ length: count }, () => ({ orderly: true, isOver: true })),
  );
}

/** Nothing of ours is left on the host but closed snapshots and the copies of the configuration. */
export function expectCleanHost(simulator: Simulator): void {
  const { homeDir, storeDir, tmpDir } = layoutOf(simulator.state);
  const state = join(homeDir, ".pulumi-kerio");
  const left = (path: string) => (existsSync(path) ? readdirSync(path, { recursive: true, encoding: "utf8" }) : []);
  const own = left(state).filter(
    (path) => !/^(copies(\/.*)?|snapshots|snapshots\/[a-z0-9]+\.closed\.json|runs|lock)$/.test(path),
  );
  expect(own).toEqual([]);
  expect(left(join(state, "lock"))).toEqual([]);
  expect(left(tmpDir).filter((path) => path.includes("pulumi-kerio"))).toEqual([]);
  expect(readdirSync(storeDir).filter((name) => /pulumi/i.test(name))).toEqual([]);
  expect(left(join(storeDir, "mail")).filter((path) => /pulumi/i.test(path))).toEqual([]);
}

/** How many snapshots on the host wait for something. */
export function openSnapshots(simulator: Simulator): number {
  const snapshots = join(layoutOf(simulator.state).homeDir, ".pulumi-kerio", "snapshots");
  return readdirSync(snapshots).filter((name) => name.endsWith(".open.json")).length;
}

/** The run that holds the mail host; undefined when none does. */
export function holderOf(simulator: Simulator): string | undefined {
  const lock = join(layoutOf(simulator.state).homeDir, ".pulumi-kerio", "lock");
  return existsSync(lock) ? readdirSync(lock)[0] : undefined;
}
