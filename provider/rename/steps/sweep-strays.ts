import { codeOf, messageOf } from "../../errors";
import { moveMessages, removeEmptyMailbox, type BoundDirectory } from "../../host/directories";
import { checkMailboxIntegrity, listUsers } from "../../kerio/methods/users";
import {
  alive,
  lookAgain,
  parkedName,
  plannedInodes,
  seeAccounts,
  seeDirectories,
  type Directories,
  type Renaming,
  type RunContext,
} from "../run-context";
import type { RenameRecord } from "../snapshot";
import type { Step } from "./step";

/**
 * Looks once more for mail under the old name that no account sees: its messages go into the new mailbox's INBOX;
 * an empty directory is removed.
 */
export const sweepStrays: Step = {
  name: "sweep-strays",
  unseen: "a directory under the old name is left that no account bears",
  onUnseen: "incomplete",
  async pending(run) {
    const directories = await seeDirectories(run, alive(run));
    const planned = plannedInodes(run.snapshot);
    const suspects = alive(run).filter((renaming) => {
      const from = directories.get(renaming)?.from;
      return from !== undefined && !planned.has(from.inode);
    });
    const bearers = new Set<string>();
    for (const domainId of new Set(suspects.map((r) => r.record.domainId))) {
      for (const user of await listUsers(run.server.client, { domainId }))
        bearers.add(`${domainId} ${user.loginName.toLowerCase()}`);
    }
    return suspects.filter(({ record }) => !bearers.has(`${record.domainId} ${record.from}`));
  },
  async act(run, pending) {
    lookAgain(run);
    const directories = await seeDirectories(run, pending);
    const accounts = await seeAccounts(run, pending);
    for (const renaming of pending) {
      try {
        await sweep(run, renaming, directories.get(renaming), accounts.get(renaming)?.fresh?.id);
      } catch (error) {
        // A message that has just arrived, or somebody who has just taken the name, concerns this person alone.
        if (codeOf(error) !== "DELETE_REFUSED" && codeOf(error) !== "API_REFUSED") throw error;
        renaming.notes.push(messageOf(error));
      }
    }
  },
};

async function sweep(
  run: RunContext,
  { record, notes }: Renaming,
  seen: Directories | undefined,
  freshId: string | undefined,
): Promise<void> {
  const { from, to } = seen ?? {};
  if (!from) return;
  const path = `${record.domainPath}/${record.from}`;
  if (from.messages === 0) return removeEmptyMailbox(run.host, path, from.inode);
  const mailbox = to ? { path: `${record.domainPath}/${record.to}`, inode: to.inode } : waitingMailbox(run, record);
  if (!mailbox) return;
  const moved = await moveMessages(run.host, {
    from: { path, inode: from.inode },
    to: mailbox,
    parking: record.parking,
  });
  if (freshId && to) await checkMailboxIntegrity(run.server.client, [freshId]);
  notes.push(`${moved} message(s) that had arrived under the old name were put into INBOX.`);
}

/** The mailbox of whoever goes on under a temporary name waits in parking; its index is rebuilt when it is placed. */
function waitingMailbox({ snapshot }: RunContext, { oldId, transientFor }: RenameRecord): BoundDirectory | undefined {
  const next = snapshot.renames.find((record) => transientFor !== undefined && record.follows === oldId);
  return next?.mailbox && { path: `${next.parking}/${parkedName(next)}`, inode: next.mailbox.inode };
}
