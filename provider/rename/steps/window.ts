import { codeOf, KerioError, messageOf } from "../../errors";
import type { Account, StopReport } from "../../host/supervisor";
import { getServerTime } from "../../kerio/methods/server";
import { Deadline, waitFor } from "../../retry";
import {
  alive,
  homePath,
  lookAgain,
  newAddress,
  parkedName,
  plannedInodes,
  renameError,
  seeAccounts,
  seeDirectories,
  seeUsers,
  type Accounts,
  type Directories,
  type Renaming,
  type RunContext,
} from "../run-context";
import { writeDown } from "../save-results";
import { noteForeign } from "../snapshot";
import { living } from "../whereabouts";
import { failInRenamedDomains } from "./domain-stays";
import type { Step } from "./step";

/**
 * Stops the service, renames the directories, starts the service. Whatever happens between, the service is started
 * again: by this step, or, when we fall silent, by the supervisor, which first puts back what it had moved.
 */
export const moveMailboxes: Step = {
  name: "move-mailboxes",
  unseen: "the mailbox directory has not left the old name",
  async pending(run) {
    const directories = await seeDirectories(run, alive(run));
    const accounts = await seeAccounts(run, alive(run));
    // A temporary name is borne without the mailbox, which is moved once.
    const moving = alive(run).filter(({ record }) => record.transientFor === undefined);
    return moving.filter((renaming) => {
      const seen = directories.get(renaming);
      // Past the removal of the old account nothing is left to move, wherever a person has put it.
      const isWanted = renaming.record.mailbox !== undefined && accounts.get(renaming)?.old !== undefined;
      if (isWanted && seen?.mailboxAt === "neither") renaming.failure = vanished(renaming);
      const isMoving = renaming.record.mailbox
        ? seen?.mailboxAt === "from"
        : renaming.record.after === undefined && !run.windowDone && seen?.from !== undefined && seen.to === undefined;
      if (isMoving && isBarred(renaming, accounts.get(renaming))) renaming.failure = nameTaken(renaming);
      return isMoving;
    });
  },
  async act(run, all) {
    run.server.log.progress(`Stopping the mail service to rename ${count(all)} …`);
    lookAgain(run);
    const accounts = await seeAccounts(run, all);
    for (const renaming of all) if (isBarred(renaming, accounts.get(renaming))) renaming.failure = nameTaken(renaming);
    await failInRenamedDomains(run, all);
    const pending = all.filter((renaming) => renaming.failure === undefined);
    if (pending.length === 0) return;
    const listed = await nameListed(run);
    let failure: unknown;
    try {
      const stopped = await run.supervisor.stop();
      const reason = whyNotStopped(stopped, listed);
      if (reason !== undefined) failAll(pending, reason);
      else {
        await run.supervisor.copyConfiguration();
        await moveAll(run, pending, accounts);
      }
    } catch (error) {
      failure = error;
    }
    if (codeOf(failure) === "LOCK_LOST") throw failure;
    await startAgain(run);
    if (failure !== undefined) throw failure;
  },
};

/** Whether somebody bears the new name whom no rename of this run makes way for: a mailbox would wait for it for ever. */
function isBarred({ record }: Renaming, { stranger }: Accounts = {}): boolean {
  return stranger !== undefined && record.after === undefined;
}

/**
 * Where a mailbox goes: never into a name that somebody bears who has not made way, nor onto what the former bearer has
 * left, which is theirs.
 */
function destination(
  { record }: Renaming,
  { predecessor, stranger, fresh }: Accounts = {},
  { to }: Pick<Directories, "to"> = {},
): string {
  const isAwaited = record.after !== undefined && (predecessor ?? stranger ?? (fresh ? undefined : to)) !== undefined;
  return isAwaited ? `${record.parking}/${parkedName(record)}` : `${record.domainPath}/${record.to}`;
}

async function moveAll(run: RunContext, pending: Renaming[], accounts: Map<Renaming, Accounts>): Promise<void> {
  lookAgain(run);
  const directories = await seeDirectories(run, pending);
  await noteLatecomers(run, pending, directories);
  const planned = plannedInodes(run.snapshot);
  const movable = pending.filter(({ record, failure }) => record.mailbox !== undefined && failure === undefined);
  const reports = await run.supervisor.move(
    movable.map((renaming) => ({
      inode: renaming.record.mailbox?.inode ?? "",
      from: homePath(renaming.record),
      to: destination(renaming, accounts.get(renaming), directories.get(renaming)),
      directory: renaming.record.domainPath,
      parking: renaming.record.parking,
      // Without an account of ours nothing there was made for it; and some directories are somebody's mailbox.
      ...(accounts.get(renaming)?.fresh && !planned.has(directories.get(renaming)?.to?.inode ?? "")
        ? { aside: "ours" as const }
        : {}),
    })),
  );
  movable.forEach((renaming, index) => {
    const report = reports[index];
    const { to } = directories.get(renaming) ?? {};
    if (!report?.ok && to && !accounts.get(renaming)?.fresh) noteForeign(run.snapshot, renaming.record);
    if (!report?.ok) renaming.failure = notMoved(renaming, report?.reason ?? "the mail host gave no answer");
    if (report?.ok && report.salvaged > 0) {
      renaming.notes.push(`${report.salvaged} message(s) that had arrived under the new name were put into INBOX.`);
    }
  });
}

/**
 * Whoever had no mailbox at the snapshot and has got one before the stop. Written down before it moves: a run that dies
 * behind the move leaves it where the next one looks for it, and nobody takes for it what somebody else puts there. Where
 * it cannot be, these stay as they are, and nobody else has to wait for them.
 */
async function noteLatecomers(
  run: RunContext,
  pending: Renaming[],
  directories: Map<Renaming, Directories>,
): Promise<void> {
  const late: Renaming[] = [];
  for (const renaming of pending) {
    const mailbox = renaming.record.mailbox === undefined ? directories.get(renaming)?.from : undefined;
    if (!mailbox) continue;
    renaming.record.mailbox = { inode: mailbox.inode, messages: mailbox.messages, bytes: mailbox.bytes };
    late.push(renaming);
  }
  if (late.length === 0) return;
  try {
    await writeDown(run);
  } catch (error) {
    if (codeOf(error) === "LOCK_LOST" || codeOf(error) === "RENAME_OPEN") throw error;
    const reason = `that the person has a mailbox by now could not be written down: ${messageOf(error)}`;
    for (const renaming of late) renaming.failure = notMoved(renaming, reason);
  }
}

/** Starts the service, waits for it, and tells how long it was away. */
export async function startAgain(run: RunContext): Promise<void> {
  const report = await run.supervisor.start();
  if (!report.running) throw notStarted(run, report.detail);
  run.server.log.info(`The mail service was away for ${report.downSeconds} s.`);
  await waitForService(run);
  run.windowDone = true;
}

/** Waits until the API answers again and the server's own start time shows that it is a new start. */
export async function waitForService(run: RunContext): Promise<void> {
  const { client, settings } = run.server;
  client.forget();
  await waitFor(
    {
      what: "the administration API to answer after the start",
      object: `mail server ${settings.api.url}`,
      deadline: Deadline.in(settings.timeouts.start),
      every: 500,
    },
    async () => {
      try {
        const { startTime } = await getServerTime(client);
        return startTime !== run.snapshot.serverStartTime ? startTime : undefined;
      } catch (error) {
        if (codeOf(error) === "AUTH_REFUSED" || codeOf(error) === "CERTIFICATE_UNTRUSTED") throw error;
        client.forget();
        return undefined;
      }
    },
  );
}

function notStarted(run: RunContext, detail: string): KerioError {
  return new KerioError("RENAME_OPEN", {
    object: `mail server ${run.server.settings.api.url}`,
    doing: "starting the mail service",
    happened: `it does not run (${detail})`,
    outcome: "rejected",
    next: "Look at the service on the mail host and start it; then run `pulumi up` again, which goes on from there.",
  });
}

function vanished(renaming: Renaming): Error {
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "looking for the mailbox directory",
    happened: "the directory that was there at the beginning bears neither the old nor the new name",
    next: "Somebody moved it meanwhile: bring it back to its old name in the store, then run `pulumi up` again.",
  });
}

/**
 * The accounts that the server lists before the stop, by domain; the supervisor is told of them. What this run has made
 * since its start is the best witness: a server that has not written its configuration lacks it. What it has removed is
 * not missed.
 */
async function nameListed(run: RunContext): Promise<Map<string, Set<string>>> {
  const listed = new Map<string, Set<string>>();
  const accounts: Account[] = [];
  for (const { domain, domainId } of living(run.snapshot)) {
    if (listed.has(domain)) continue;
    const names = (await seeUsers(run, domainId)).map((user) => user.loginName);
    listed.set(domain, new Set(names.map((name) => name.toLowerCase())));
    accounts.push(...names.map((name) => ({ name, domain })));
  }
  await run.supervisor.nameAccounts(accounts, [...listed.keys()]);
  return listed;
}

function whyNotStopped(report: StopReport, listed: Map<string, Set<string>>): string | undefined {
  if (!report.inactive) return `the service manager does not report the service as stopped (${report.detail})`;
  if (!report.processGone) return `a server process is still running after the stop (${report.detail})`;
  if (!report.orderly)
    return `the service did not end by itself but was killed, so its configuration may be lost (${report.detail})`;
  const missing = report.missingAccounts.filter((account) => {
    const [name = "", domain = ""] = account.toLowerCase().split("@");
    return listed.get(domain)?.has(name) ?? true;
  });
  if (missing.length > 0) {
    return `users.cfg lacks ${missing.slice(0, 5).join(", ")}, so the server did not write its configuration`;
  }
  return undefined;
}

function failAll(pending: Renaming[], reason: string): void {
  for (const renaming of pending) {
    renaming.failure = renameError("RENAME_ROLLED_BACK", renaming.record, {
      doing: "stopping the mail service",
      happened: reason,
      next: "No directory was touched and the service has been started again. Find out why it does not stop in order, then run `pulumi up` again.",
    });
  }
}

function notMoved(renaming: Renaming, reason: string): Error {
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "renaming the mailbox directory",
    happened: reason,
    next: "The old account and its mail are as they were. Correct the cause on the mail host, then run `pulumi up` again.",
  });
}

function nameTaken(renaming: Renaming): Error {
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "renaming the mailbox directory",
    happened: `an account ${newAddress(renaming.record)} exists by now that this run did not make, so nothing was moved`,
    next: "Choose another name, or remove that account by hand if it is not needed.",
  });
}

function count(pending: Renaming[]): string {
  return pending.length === 1 ? "one mailbox" : `${pending.length} mailboxes`;
}
