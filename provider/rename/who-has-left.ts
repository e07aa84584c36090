import {
  homePath,
  newAddress,
  oldAddress,
  seeAccounts,
  seeDirectories,
  type Accounts,
  type Directories,
  type Look,
  type Renaming,
} from "./run-context";
import { linkKey, resultKey, type RenameRecord, type Snapshot } from "./snapshot";

/**
 * Whose account somebody has removed while nothing was made for them yet, with the words about it: nobody is left to
 * rename. Where others depend on the name it stays with them to go on.
 */
export async function whoHasLeft(look: Look, open: Renaming[]): Promise<Map<Renaming, string>> {
  const accounts = await seeAccounts(look, open);
  const directories = await seeDirectories(look, open);
  const left = new Map<Renaming, string>();
  for (const renaming of open) {
    const { record } = renaming;
    const seen = accounts.get(renaming) ?? {};
    const at = directories.get(renaming)?.mailboxAt ?? "neither";
    if (!hasLeft(look.snapshot, record, seen, at)) continue;
    const removed = `${oldAddress(record)} was removed before the rename to ${newAddress(record)} had made anything.`;
    left.set(renaming, [removed, ...whereMailLies(record, at, seen.stranger !== undefined)].join(" "));
  }
  return left;
}

/** With the snapshot goes the last that knows of a mailbox which no account shows. */
function whereMailLies(record: RenameRecord, at: Directories["mailboxAt"], hasBearer: boolean): string[] {
  if (at === "from") return [`The mailbox still lies in ${homePath(record)}: see that an account has it.`];
  if (at !== "to") return [];
  return hasBearer
    ? [`The mailbox lies under the new name, and is that account's.`]
    : [`A mailbox lies in ${record.domainPath}/${record.to}, and no account has it.`];
}

/**
 * Whether nobody is left to rename. A mailbox that waits in parking, or that was moved to a name which nobody bears, is
 * still to be brought to somebody; under the name of somebody else's account it is found.
 */
export function hasLeft(
  { renames, results }: Snapshot,
  record: RenameRecord,
  { old, fresh, stranger }: Pick<Accounts, "old" | "fresh" | "stranger">,
  at: Directories["mailboxAt"],
): boolean {
  const { madeId, newId } = results[resultKey(record)] ?? {};
  const isLinked = [record.after, record.follows, record.transientFor].some((link) => link !== undefined);
  const isAwaited = renames.some(({ after }) => after === linkKey(record));
  if (isLinked || isAwaited || old || fresh || madeId !== undefined || newId !== undefined) return false;
  if (record.mailbox === undefined || at === "from" || at === "neither") return true;
  return at === "to" && stranger !== undefined;
}
