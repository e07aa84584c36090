import { codeOf, messageOf } from "../errors";
import { removeEmptyMailbox } from "../host/directories";
import { setAliases } from "../kerio/methods/aliases";
import { addGroupMembers } from "../kerio/methods/groups";
import { addMembers, listMembers } from "../kerio/methods/mailing-lists";
import { listResources } from "../kerio/methods/resources";
import { removeUsers } from "../kerio/methods/users";
import { isMember, memberOf, replacePrincipal } from "./members";
import {
  lookAgain,
  newAddress,
  renameError,
  seeAccounts,
  seeDirectories,
  type Renaming,
  type RunContext,
} from "./run-context";
import { setAll } from "./steps/switch-over";
import { waitForService } from "./steps/window";

/**
 * Gives everything back to the old accounts: seat, memberships, aliases, the directory (with a second stop where it had
 * moved already), and removes the accounts that this run made, by id and mark. Renamings whose old account is gone are
 * past the point of no return and are left alone. Sets each `failure` to an error that says in what state the server is.
 */
export async function rollBack(run: RunContext, failed: Renaming[]): Promise<void> {
  try {
    lookAgain(run);
    const accounts = await seeAccounts(run, failed);
    const back = failed.filter((renaming) => accounts.get(renaming)?.old !== undefined);
    const reasons = new Map(back.map((renaming) => [renaming, renaming.failure]));
    for (const renaming of failed) if (!back.includes(renaming)) stayOpen(renaming, renaming.failure);
    if (back.length === 0) return;
    await run.supervisor.beat();
    await run.hooks.before("roll-back");
    await switchBack(run, back, accounts);
    lookAgain(run);
    await moveBack(run, back);
    lookAgain(run);
    await removeFresh(run, back);
    lookAgain(run);
    await run.hooks.after("roll-back");
    for (const renaming of back) {
      renaming.failure = rolledBack(renaming, reasons.get(renaming));
      run.snapshot.results[renaming.record.oldId] = { rolledBack: true };
    }
  } catch (error) {
    if (codeOf(error) === "LOCK_LOST") throw error;
    for (const renaming of failed) {
      if (run.snapshot.results[renaming.record.oldId]?.rolledBack) continue;
      stayOpen(renaming, renaming.failure ?? error);
      renaming.notes.push(`Rolling back failed, too: ${messageOf(error)}`);
    }
  }
}

async function switchBack(
  run: RunContext,
  back: Renaming[],
  accounts: Awaited<ReturnType<typeof seeAccounts>>,
): Promise<void> {
  const { client } = run.server;
  const enabledFresh = back.filter((renaming) => accounts.get(renaming)?.fresh?.isEnabled);
  await setAll(run, enabledFresh, (renaming) => accounts.get(renaming)?.fresh?.id, false);
  const disabledOld = back.filter((r) => r.record.before.isEnabled && accounts.get(r)?.old?.isEnabled === false);
  await setAll(run, disabledOld, (renaming) => renaming.record.oldId, true);
  for (const renaming of back) {
    const { record } = renaming;
    const { old, fresh } = accounts.get(renaming) ?? {};
    const freshId = fresh?.id;
    for (const group of record.before.userGroups ?? []) {
      const isIn = (old?.userGroups ?? []).some((has) => has.id === group.id);
      if (!isIn) await addGroupMembers(client, group.id, [record.oldId]);
    }
    for (const list of record.lists) {
      if (isMember(await listMembers(client, list.id), record.oldId, list.kind)) continue;
      await addMembers(client, list.id, [memberOf(record.oldId, list.kind)]);
    }
    for (const alias of record.aliases) await setAliases(client, [alias.id], { deliverTo: alias.deliverTo });
    if (record.resources.length > 0) {
      const resources = await listResources(client, { domainId: record.domainId });
      for (const wanted of record.resources) {
        const resource = resources.find((candidate) => candidate.id === wanted.id);
        if (!resource) continue;
        const to = { id: record.oldId, name: record.from };
        await replacePrincipal(client, resource, wanted, { from: freshId ?? record.oldId, to });
      }
    }
  }
}

async function moveBack(run: RunContext, back: Renaming[]): Promise<void> {
  const directories = await seeDirectories(run, back);
  const moved = back.filter((r) => r.record.mailbox !== undefined && directories.get(r)?.mailboxAt === "to");
  if (moved.length === 0) return;
  run.server.log.warn("Stopping the mail service once more, to give mailboxes back to their old names.");
  for (const renaming of moved) {
    const from = directories.get(renaming)?.from;
    if (from && from.messages === 0) {
      await removeEmptyMailbox(run.host, `${renaming.record.domainPath}/${from.name}`, from.inode);
    }
  }
  const stopped = await run.supervisor.stop();
  try {
    if (!stopped.inactive || !stopped.processGone) throw new Error(`the service did not stop (${stopped.detail})`);
    const reports = await run.supervisor.move(
      moved.map(({ record }) => ({
        inode: record.mailbox?.inode ?? "",
        from: `${record.domainPath}/${record.to}`,
        to: `${record.domainPath}/${record.from}`,
        directory: record.domainPath,
        parking: record.parking,
        aside: "ours" as const,
      })),
    );
    const refused = reports.find((report) => !report.ok);
    if (refused) throw new Error(`the directory could not be given back (${refused.reason ?? "no reason given"})`);
  } finally {
    await run.supervisor.start();
    await waitForService(run);
  }
}

async function removeFresh(run: RunContext, back: Renaming[]): Promise<void> {
  const accounts = await seeAccounts(run, back);
  const made = back.flatMap((renaming) => {
    const fresh = accounts.get(renaming)?.fresh;
    return fresh && (fresh.description ?? "").includes(run.snapshot.mark) ? [{ renaming, id: fresh.id }] : [];
  });
  if (made.length === 0) return;
  const before = await seeDirectories(run, back);
  await removeUsers(
    run.server.client,
    made.map(({ id, renaming }) => {
      const to = before.get(renaming)?.to;
      const hasMail = to !== undefined && to.messages > 0 && to.inode !== renaming.record.mailbox?.inode;
      return hasMail
        ? { userId: id, method: "UMoveFolder", removeReferences: false, targetUserId: renaming.record.oldId }
        : { userId: id, method: "UDeleteUser", removeReferences: false, targetUserId: "" };
    }),
  );
  lookAgain(run);
  const left = await seeAccounts(run, back);
  const still = made.find(({ renaming }) => left.get(renaming)?.fresh !== undefined);
  if (still) throw new Error(`the unfinished account ${newAddress(still.renaming.record)} is still there`);
  const directories = await seeDirectories(run, back);
  for (const { renaming } of made) {
    const { record } = renaming;
    const to = directories.get(renaming)?.to;
    if (!to || to.inode === record.mailbox?.inode || to.messages > 0) continue;
    await removeEmptyMailbox(run.host, `${record.domainPath}/${record.to}`, to.inode);
  }
}

function rolledBack(renaming: Renaming, reason: unknown): Error {
  if (codeOf(reason) === "RENAME_REFUSED" || codeOf(reason) === "RENAME_ROLLED_BACK") return reason as Error;
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "renaming",
    happened: messageOf(reason),
    next: "The old account has its mail, memberships and addresses as before. Correct the cause and run `pulumi up` again.",
    cause: reason,
  });
}

function stayOpen(renaming: Renaming, reason: unknown): void {
  if (codeOf(reason) === "RENAME_OPEN") return;
  renaming.failure = renameError("RENAME_OPEN", renaming.record, {
    doing: "renaming",
    happened: messageOf(reason),
    next: "What was done so far is written down on the mail host. Run `pulumi up` again; it looks at the server and goes on from there.",
    cause: reason,
  });
}
