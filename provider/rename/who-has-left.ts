import {
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
    const at = directories.get(renaming)?.mailboxAt ?? "neither";
    if (!hasLeft(look.snapshot, record, accounts.get(renaming) ?? {}, at)) continue;
    const mailbox = at === "to" ? ` The mailbox lies under the new name, and is that account's.` : "";
    left.set(
      renaming,
      `${oldAddress(record)} was removed before the rename to ${newAddress(record)} had made anything.${mailbox}`,
    );
  }
  return left;
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
