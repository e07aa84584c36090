import { isDeepStrictEqual } from "node:util";
import { setUsers, writableFields, type User, type UserPattern } from "../kerio/methods/users";
import { delivers } from "./delivery-address";
import { explainItemError } from "./item-errors";
import { isMember } from "./members";
import { lookAgain, oldAddress, seeAccounts, seeUsers, type RunContext } from "./run-context";
import { writeDown } from "./save-results";
import { personOf, type RenameRecord } from "./snapshot";
import { membersOf } from "./steps/memberships";

/**
 * Looks once more at the accounts that are about to give everything away, and takes over what administrators have changed
 * on them since the snapshot: groups, lists that they have left, settings, addresses, whether they are enabled. What the
 * program has declared otherwise stays declared. Only in the run that took the snapshot, before it hands anything over:
 * later nobody can tell what somebody has taken from what this rename has.
 */
export async function carryOver(run: RunContext): Promise<void> {
  if (!run.isFirst || run.askedAtOnce) return;
  lookAgain(run);
  const changed = new Map<RenameRecord, UserPattern>();
  for (const record of run.snapshot.renames) {
    const old = (await seeUsers(run, record.domainId)).find((user) => user.id === personOf(record));
    if (!old) continue;
    const settings = takeSettings(record, old);
    const parts = [...takeRest(record, old), ...(await leaveLists(run, record)), ...Object.keys(settings)];
    if (parts.length === 0) continue;
    record.before = old;
    changed.set(record, settings);
    if (record.follows !== undefined) continue;
    run.server.log.info(
      `${oldAddress(record)} has been changed since the rename began (${parts.join(", ")}); that is taken over.`,
    );
  }
  if (changed.size === 0) return;
  await writeDown(run);
  const accounts = await seeAccounts(run, run.renamings);
  for (const renaming of run.renamings) {
    const fresh = accounts.get(renaming)?.fresh;
    const settings = changed.get(renaming.record) ?? {};
    if (!fresh || Object.keys(settings).length === 0) continue;
    const [result] = await setUsers(run.server.client, [fresh.id], settings, { relogin: false });
    if (result?.ok === false)
      renaming.notes.push(
        `${Object.keys(settings).join(", ")}: taking them over failed: ${explainItemError(result.error)}`,
      );
  }
  lookAgain(run);
}

/** Settings that the program leaves as they were. */
function takeSettings(record: RenameRecord, old: User): UserPattern {
  const [then, now] = [plain(record.before), plain(old)];
  const wanted = record.settings as Record<string, unknown>;
  const keys = Object.keys(now).filter(
    (key) => key in wanted && !isDeepStrictEqual(now[key], then[key]) && isDeepStrictEqual(wanted[key], then[key]),
  );
  const settings = Object.fromEntries(keys.map((key) => [key, now[key]]));
  Object.assign(record.settings, settings);
  return settings;
}

function plain(user: User): Record<string, unknown> {
  return { ...writableFields(user) };
}

/** What is given at steps of its own. Answers what it was. */
function takeRest(record: RenameRecord, old: User): string[] {
  const { before } = record;
  const taken: string[] = [];
  const take = <T>(what: string, of: (user: User) => T, wanted: T, write: (now: T) => void): void => {
    const [then, now] = [of(before), of(old)];
    if (isDeepStrictEqual(then, now) || !isDeepStrictEqual(wanted, then)) return;
    write(now);
    taken.push(what);
  };
  const groups = (user: User) => (user.userGroups ?? []).map((group) => group.id).sort();
  const addresses = (user: User) =>
    (user.emailAddresses ?? []).filter((address) => !delivers(address, record.to, record.domain));
  const isEnabled = (user: User) => user.isEnabled ?? true;
  const description = (user: User) => user.description ?? "";
  take("groups", groups, [...record.groupIds].sort(), (now) => (record.groupIds = now));
  take("addresses", addresses, record.emailAddresses, (now) => (record.emailAddresses = now));
  take("enabled", isEnabled, record.enabled, (now) => (record.enabled = now));
  take("description", description, record.description, (now) => (record.description = now));
  return taken;
}

/** Mailing lists that somebody has taken the person out of are not joined again. */
async function leaveLists(run: RunContext, record: RenameRecord): Promise<string[]> {
  const left = new Set<string>();
  for (const list of record.lists) {
    const members = await membersOf(run, list);
    if (members !== "gone" && !isMember(members, personOf(record), list.kind)) left.add(list.name);
  }
  record.lists = record.lists.filter((list) => !left.has(list.name));
  return [...left].map((name) => `mailing list ${name}`);
}
