import { isDeepStrictEqual } from "node:util";
import { setUsers, writableFields, type User, type UserPattern } from "../kerio/methods/users";
import { delivers } from "./delivery-address";
import { explainItemError } from "./item-errors";
import { lackingSettings } from "./lacking-settings";
import { isMember } from "./members";
import { alive, lookAgain, oldAddress, seeAccounts, seeUsers, type Renaming, type RunContext } from "./run-context";
import { writeDown } from "./save-results";
import { personOf, resultKey, type RenameRecord } from "./snapshot";
import { membersOf } from "./steps/memberships";

/**
 * Looks once more at the accounts that are about to give everything away, and takes over what administrators have changed
 * on them since the snapshot: groups, lists that they have left, settings, addresses, whether they are enabled. What the
 * program declares stays declared. Only of those whose swap no run has begun: later nobody can tell what somebody has
 * taken from what a rename has.
 */
export async function carryOver(run: RunContext): Promise<void> {
  lookAgain(run);
  const people = new Set(
    alive(run)
      .filter((renaming) => hasEverything(run, renaming))
      .map(({ record }) => personOf(record)),
  );
  const changed = new Map<RenameRecord, { now: RenameRecord; parts: string[] }>();
  for (const record of run.snapshot.renames) {
    if (!people.has(personOf(record))) continue;
    const old = (await seeUsers(run, record.domainId)).find((user) => user.id === personOf(record));
    if (!old) continue;
    const now = structuredClone(record);
    const parts = [...takeRest(now, old), ...(await leaveLists(run, now)), ...takeSettings(now, old)];
    // What the mailbox holds can be told of the account of the beginning alone: it may have moved since.
    const { consumedItems, consumedSize } = record.before;
    if (parts.length > 0)
      changed.set(record, { now: { ...now, before: { ...old, consumedItems, consumedSize } }, parts });
  }
  if (changed.size === 0) return;
  const renames = run.snapshot.renames.map((record) => changed.get(record)?.now ?? record);
  // Known here only once it was heard to be written down: until then the next look finds it again.
  await writeDown({ host: run.host, snapshot: { ...run.snapshot, renames } });
  for (const [record, { now, parts }] of changed) {
    Object.assign(record, now);
    if (record.follows !== undefined) continue;
    run.server.log.info(
      `${oldAddress(record)} has been changed since the rename began (${parts.join(", ")}); that is taken over.`,
    );
  }
}

/** Whether the account of the beginning has not been asked to give anything away. */
function hasEverything({ snapshot }: RunContext, { askedAtOnce, record }: Renaming): boolean {
  const isBegun = askedAtOnce || snapshot.results[resultKey(record)]?.swapBegun === true;
  return !isBegun && record.follows === undefined;
}

/**
 * Gives new accounts the settings that they lack. Some were taken over when they had been made already, and the run that
 * took them over may have died, or not have heard whether they are given; others the server has left out.
 */
export async function giveLacking(run: RunContext, renamings: Renaming[]): Promise<void> {
  const accounts = await seeAccounts(run, renamings);
  let isGiven = false;
  for (const renaming of renamings) {
    const fresh = accounts.get(renaming)?.fresh;
    if (!fresh) continue;
    const { settings, taken } = renaming.record;
    const [wanted, seen] = [settings as Members, membersIn(fresh)];
    const changed = taken.filter((member) => !isDeepStrictEqual(wanted[member], seen[member]));
    const lacking = renaming.wasHandedOver ? [] : lackingSettings(renaming.record, fresh);
    const missing = [...new Set([...changed, ...lacking])];
    if (missing.length === 0) continue;
    isGiven = true;
    const [result] = await setUsers(run.server.client, [fresh.id], only(wanted, missing), {
      relogin: false,
      itemwise: true,
    });
    if (result?.ok === false)
      renaming.notes.push(`${missing.join(", ")}: giving them failed: ${explainItemError(result.error)}`);
  }
  if (isGiven) lookAgain(run);
}

type Members = Record<string, unknown>;

function membersIn(user: User): Members {
  return { ...writableFields(user) };
}

function only(members: Members, names: readonly string[]): UserPattern {
  return Object.fromEntries(names.map((name) => [name, members[name]]));
}

/** Settings that the program leaves as they were. Answers which. */
function takeSettings(record: RenameRecord, old: User): string[] {
  const [then, now] = [membersIn(record.before), membersIn(old)];
  const changed = Object.keys(now).filter(
    (member) =>
      member in record.settings && !record.declared.includes(member) && !isDeepStrictEqual(now[member], then[member]),
  );
  Object.assign(record.settings, only(now, changed));
  record.taken = [...new Set([...record.taken, ...changed])];
  return changed;
}

/** What is given at steps of its own. Answers what it was. */
function takeRest(record: RenameRecord, old: User): string[] {
  const { before, declared } = record;
  const taken: string[] = [];
  const take = <T>(what: string, member: keyof User, of: (user: User) => T, write: (now: T) => void): void => {
    if (declared.includes(member) || isDeepStrictEqual(of(before), of(old))) return;
    write(of(old));
    taken.push(what);
  };
  const groups = (user: User) => (user.userGroups ?? []).map((group) => group.id).sort();
  const addresses = (user: User) =>
    (user.emailAddresses ?? []).filter((address) => !delivers(address, record.to, record.domain));
  const isEnabled = (user: User) => user.isEnabled ?? true;
  const description = (user: User) => user.description ?? "";
  take("groups", "userGroups", groups, (now) => (record.groupIds = now));
  take("addresses", "emailAddresses", addresses, (now) => (record.emailAddresses = now));
  take("enabled", "isEnabled", isEnabled, (now) => (record.enabled = now));
  take("description", "description", description, (now) => (record.description = now));
  return taken;
}

/** Mailing lists that somebody has taken the person out of are not joined again. */
async function leaveLists(run: RunContext, record: RenameRecord): Promise<string[]> {
  const left = new Set<RenameRecord["lists"][number]>();
  for (const list of record.lists) {
    const members = await membersOf(run, list);
    if (members !== "gone" && !isMember(members, personOf(record), list.kind)) left.add(list);
  }
  record.lists = record.lists.filter((list) => !left.has(list));
  return [...left].map(({ name }) => `mailing list ${name}`);
}
