import type { User } from "../kerio/methods/users";
import { bornAs, lastingRenames, resultKey, type RenameRecord, type Snapshot } from "./snapshot";
import type { AnnouncedRename } from "./user-request";

/**
 * Why a rename that is asked for by names alone is none: it was done before, and what bears the old name now is somebody
 * else, or nobody. Pure.
 *
 * @param snapshots every snapshot on the mail host, closed ones too
 * @param users the accounts of the domain
 * @param bearer the account that bears the old name now
 */
export function doneBefore(
  snapshots: readonly Snapshot[],
  { domain, from, to }: AnnouncedRename,
  users: readonly User[],
  bearer: User | undefined,
): string | undefined {
  const names = `${from}@${domain} was renamed to ${to}@${domain}`;
  const isIt = (record: RenameRecord) =>
    record.domain === domain && bornAs(record) === from.toLowerCase() && record.to === to.toLowerCase();
  for (const snapshot of snapshots) {
    for (const record of lastingRenames(snapshot).filter(isIt)) {
      const result = snapshot.results[resultKey(record)];
      if (!result?.finished || result.rolledBack) continue;
      const own = accountsOfPerson(snapshots, resultKey(record));
      if (bearer && own.has(bearer.id)) continue;
      const happened = `${names} before (${snapshot.createdAt.slice(0, 10)})`;
      const person = users.find((user) => own.has(user.id));
      if (bearer)
        return (
          `${happened}, and the account that bears ${from}@${domain} today is another one. Leave renamedFrom out. If that ` +
          `other account is to be renamed, declare it under a resource of its own (adopt: true), and change the name there.`
        );
      if (person)
        return `${happened}. Leave renamedFrom out, and write adopt: true to manage ${person.loginName}@${domain}.`;
      return `${happened}, and that account is there no more. Leave renamedFrom out to make ${to}@${domain} anew.`;
    }
  }
  return undefined;
}

/** Every account that a person is known to have had, from one on: a rename gives another, and may lead back to a name. */
function accountsOfPerson(snapshots: readonly Snapshot[], id: string): Set<string> {
  const own = new Set([id]);
  for (let before = 0; before < own.size;) {
    before = own.size;
    for (const { renames, results } of snapshots)
      for (const record of renames) {
        const { newId, rolledBack } = results[resultKey(record)] ?? {};
        if (own.has(resultKey(record)) && newId !== undefined && !rolledBack) own.add(newId);
      }
  }
  return own;
}
