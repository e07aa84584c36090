import { seeAccounts, seeDirectories, type Look, type Renaming } from "./run-context";
import { isOpen, resultKey } from "./snapshot";
import { goesBack, standingsOf } from "./standing";

/** In what state a rename that has not come to its end has left the server. */
export const renameStates = {
  unmoved: "the old account has its mailbox, which was not moved",
  parked: "the mailbox waits in the parking directory for a name that somebody else gives up",
  needed: "the old account has its mailbox, and its name is needed by somebody who cannot go back",
  moved: "the mailbox lies under the new name, and the old account is still there",
  "old-gone": "the old account is gone, and the new one has the mailbox",
  finished: "the rename is done, and Pulumi has not heard of it",
  "rolled-back": "everything is as it was before",
  "domain-gone": "its domain is on the server no more",
  "domain-renamed": "its domain has another name now",
  "domain-replaced": "its domain was made anew, and is another one now",
  unknown: "the mail server does not answer, so that it cannot be seen",
} as const;

/** One of {@link renameStates}. */
export type RenameState = keyof typeof renameStates;

/** Sees how far renames have come; all of a snapshot, because they may wait for each other. Reads only. Throws the codes of a call and of the host. */
export async function seeStates(look: Look, renamings: Renaming[]): Promise<Map<Renaming, RenameState>> {
  const accounts = await seeAccounts(look, renamings);
  const directories = await seeDirectories(look, renamings);
  const standings = standingsOf(renamings, accounts, directories);
  const back = goesBack([...standings.values()]);
  const stateOf = (renaming: Renaming): RenameState => {
    const { record } = renaming;
    const standing = standings.get(renaming);
    const isBack = accounts.get(renaming)?.old !== undefined;
    if (look.snapshot.results[resultKey(record)]?.rolledBack) return "rolled-back";
    if (!isOpen(look.snapshot, record) && !isBack) return "finished";
    if (standing?.mailboxAt === "parked" && (record.after === undefined || !back.has(standing))) return "parked";
    if (standing && back.has(standing)) return "unmoved";
    if (standing?.mailboxAt === "from" && isBack) return "needed";
    return isBack ? "moved" : "old-gone";
  };
  return new Map(renamings.map((renaming) => [renaming, stateOf(renaming)]));
}
