import type { Alias, NewAlias } from "../kerio/methods/aliases";
import type { User } from "../kerio/methods/users";
import { resultKey, type RenameRecord, type Snapshot } from "./snapshot";

/**
 * An interim alias bears a name that passes from one person to another, from the removal of the old bearer's account until
 * the new bearer's is enabled: a server may deliver although its services are held, and would return the mail to a name
 * that nobody bears. It leads to the old bearer, and holds the mark of its run in the description, so that "it is ours" is
 * seen and not remembered. Which names are concerned stands in the snapshot.
 */
export function interimAlias(snapshot: Snapshot, record: RenameRecord): NewAlias {
  return {
    domainId: record.domainId,
    name: record.from,
    deliverTo: `${record.to}@${record.domain}`,
    type: "TypeEmailAddress",
    description: `${snapshot.mark} bears the name until its next bearer's account is there`,
  };
}

/** Whether an alias is an interim one, of that run or, without a snapshot, of any: an open run's gives way when that goes on. */
export function isInterim({ description = "" }: Pick<Alias, "description">, snapshot?: Snapshot): boolean {
  return snapshot ? description.startsWith(snapshot.mark) : /^\[pulumi-kerio [0-9a-z]+\] /.test(description);
}

/** The interim aliases that bear the new name of a rename. */
export function interimOf(snapshot: Snapshot, { domainId, to }: RenameRecord, rows: readonly Alias[]): Alias[] {
  return rows.filter(
    (row) => isInterim(row, snapshot) && row.name.toLowerCase() === to && (row.domainId ?? domainId) === domainId,
  );
}

/** The rename of a run that takes the old name of another one. A temporary name is nobody's afterwards. */
export function takerOf(
  snapshot: Snapshot,
  { domainId, from }: Pick<RenameRecord, "domainId" | "from">,
): RenameRecord | undefined {
  return snapshot.renames.find(
    (other) => other.domainId === domainId && other.to === from && other.transientFor === undefined,
  );
}

/** Whether the old name is to be borne by an interim alias: somebody takes it in this run, and has no account yet. */
export function wantsInterim(snapshot: Snapshot, record: RenameRecord, users: readonly User[]): boolean {
  const taker = takerOf(snapshot, record);
  if (!taker || snapshot.results[resultKey(taker)]?.rolledBack === true) return false;
  return !users.some((user) => user.loginName.toLowerCase() === record.from && user.id !== record.oldId);
}
