import type { HostSession } from "../host/session";
import { listSnapshots } from "../host/snapshot-store";
import { generatePassword } from "../kerio/methods/domains";
import { setUsers } from "../kerio/methods/users";
import { getUserById } from "./accounts";
import { answerOf, newRenaming, type Answer } from "./renaming";
import { rollBack } from "./roll-back";
import { carryOut, saveResults } from "./run";
import { renameError, seeAccounts, seeDirectories, type Renaming, type RunContext } from "./run-context";
import { isOpen, readText, type RenameRecord, type Snapshot } from "./snapshot";
import type { UserRequest } from "./user-request";

/** The snapshots on the host that are not closed. */
export async function readOpen(host: HostSession): Promise<Snapshot[]> {
  return (await listSnapshots(host)).filter((stored) => stored.open).map(({ id, text }) => readText(id, text));
}

/** Every snapshot on the host, closed ones too. */
export async function readAll(host: HostSession): Promise<Snapshot[]> {
  return (await listSnapshots(host)).map(({ id, text }) => readText(id, text));
}

/**
 * Brings an open snapshot to its end. Where it stopped is seen on the server, not remembered:
 *
 * | seen | done |
 * |---|---|
 * | result written down | nothing; the request that asks for this rename gets it as its answer |
 * | old account, mailbox under the old name | what was made is removed again; the request is planned anew |
 * | old account, mailbox under the new name | forward |
 * | old account gone | forward |
 */
export async function goOn(
  base: Omit<RunContext, "renamings" | "windowDone" | "seen">,
  requests: UserRequest[],
): Promise<Map<UserRequest, Answer>> {
  const { snapshot, server } = base;
  const requestOf = (record: RenameRecord) => requests.find((request) => asksFor(request, record));
  const open = snapshot.renames.filter((record) => isOpen(snapshot, record));
  const renamings = open.map((record) => newRenaming(record, samePassword(record, requestOf(record))));
  const run: RunContext = { ...base, renamings, windowDone: false, seen: new Map() };
  if (renamings.length > 0) {
    server.log.info(
      `An earlier run stopped half-way (${open.map((r) => `${r.from} → ${r.to}`).join(", ")}); it is finished first.`,
    );
    await rollBackUnmoved(run);
    await carryOut(run);
  }
  const answers = new Map<UserRequest, Answer>();
  for (const record of snapshot.renames) {
    const request = requestOf(record);
    const result = snapshot.results[record.oldId];
    if (!request || result?.rolledBack) continue;
    if (request.name !== record.to) answers.set(request, { ok: false, error: otherName(record, request) });
    else {
      const renaming =
        renamings.find((candidate) => candidate.record === record) ?? newRenaming(record, request.password);
      await givePassword(run, renaming);
      answers.set(request, await answerOf(run, renaming));
    }
  }
  await saveResults(run);
  return answers;
}

/** The id decides; a `renamedFrom` that a person wrote has none, and means the rename that its run has begun. */
function asksFor({ domain, name, renamedFrom }: UserRequest, record: RenameRecord): boolean {
  if (renamedFrom?.userId !== undefined) return renamedFrom.userId === record.oldId;
  return domain === record.domain && renamedFrom?.name === record.from && name === record.to;
}

async function rollBackUnmoved(run: RunContext): Promise<void> {
  const accounts = await seeAccounts(run, run.renamings);
  const directories = await seeDirectories(run, run.renamings);
  const unmoved = run.renamings.filter((renaming) => {
    const hasOld = accounts.get(renaming)?.old !== undefined;
    return hasOld && (renaming.record.mailbox === undefined || directories.get(renaming)?.mailboxAt !== "to");
  });
  for (const renaming of unmoved) {
    renaming.failure = renameError("RENAME_ROLLED_BACK", renaming.record, {
      doing: "renaming",
      happened: "an earlier run ended before the directory was renamed",
    });
  }
  if (unmoved.length > 0) await rollBack(run, unmoved);
  run.renamings.splice(0, run.renamings.length, ...run.renamings.filter((renaming) => !unmoved.includes(renaming)));
}

/** An unheard result whose password nobody knows gets one now. */
async function givePassword(run: RunContext, renaming: Renaming): Promise<void> {
  const { record } = renaming;
  const result = run.snapshot.results[record.oldId];
  if (result?.newId === undefined || result.password !== "random" || renaming.passwordSet) return;
  if (!(await getUserById(run.server.client, record.domainId, result.newId))) return;
  const password = renaming.password ?? (await generatePassword(run.server.client, record.domainId));
  await setUsers(run.server.client, [result.newId], { password });
  if (renaming.password === undefined) renaming.initialPassword = password;
}

function samePassword(record: RenameRecord, request: UserRequest | undefined): string | undefined {
  return request?.name === record.to ? request.password : undefined;
}

function otherName(record: RenameRecord, request: UserRequest): Error {
  return renameError("RENAME_REFUSED", record, {
    doing: `renaming to ${request.name}`,
    happened: `an earlier run has renamed this account to ${record.to} already`,
    next: "Run `pulumi refresh`, so that the stack knows the account under its present name, then `pulumi up` again.",
  });
}
