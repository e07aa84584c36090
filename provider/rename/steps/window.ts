import { codeOf, KerioError } from "../../errors";
import type { StopReport } from "../../host/supervisor";
import { getServerTime } from "../../kerio/methods/server";
import { Deadline, waitFor } from "../../retry";
import { alive, lookAgain, renameError, seeDirectories, type Renaming, type RunContext } from "../run-context";
import type { Step } from "./step";

/**
 * Stops the service, renames the directories, starts the service. Whatever happens between, the service is started
 * again: by this step, or, when we fall silent, by the supervisor, which first puts back what it had moved.
 */
export const moveMailboxes: Step = {
  name: "move-mailboxes",
  unseen: "the mailbox directory does not bear the new name",
  async pending(run) {
    const directories = await seeDirectories(run, alive(run));
    return alive(run).filter((renaming) => {
      const seen = directories.get(renaming);
      if (renaming.record.mailbox && seen?.mailboxAt === "neither") renaming.failure = vanished(renaming);
      if (renaming.record.mailbox) return seen?.mailboxAt === "from";
      return !run.windowDone && seen?.from !== undefined && seen.to === undefined;
    });
  },
  async act(run, pending) {
    run.server.log.progress(`Stopping the mail service to rename ${count(pending)} …`);
    let failure: unknown;
    try {
      const stopped = await run.supervisor.stop();
      const reason = whyNotStopped(stopped);
      if (reason !== undefined) failAll(pending, reason);
      else {
        await run.supervisor.copyConfiguration();
        await moveAll(run, pending);
      }
    } catch (error) {
      failure = error;
    }
    if (codeOf(failure) === "LOCK_LOST") throw failure;
    await startAgain(run);
    if (failure !== undefined) throw failure;
  },
};

async function moveAll(run: RunContext, pending: Renaming[]): Promise<void> {
  lookAgain(run);
  const directories = await seeDirectories(run, pending);
  const movable = pending.filter((renaming) => directories.get(renaming)?.from !== undefined);
  const reports = await run.supervisor.move(
    movable.map((renaming) => ({
      inode: renaming.record.mailbox?.inode ?? directories.get(renaming)?.from?.inode ?? "",
      from: `${renaming.record.domainPath}/${renaming.record.from}`,
      to: `${renaming.record.domainPath}/${renaming.record.to}`,
      directory: renaming.record.domainPath,
      parking: renaming.record.parking,
      aside: "ours" as const,
    })),
  );
  movable.forEach((renaming, index) => {
    const report = reports[index];
    if (!report?.ok) renaming.failure = notMoved(renaming, report?.reason ?? "the mail host gave no answer");
    else if (report.salvaged > 0) {
      renaming.notes.push(`${report.salvaged} message(s) that had arrived under the new name were put into INBOX.`);
    }
  });
}

async function startAgain(run: RunContext): Promise<void> {
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

function whyNotStopped(report: StopReport): string | undefined {
  if (!report.inactive) return `the service manager does not report the service as stopped (${report.detail})`;
  if (!report.processGone) return `a server process is still running after the stop (${report.detail})`;
  if (!report.orderly)
    return `the service did not end by itself but was killed, so its configuration may be lost (${report.detail})`;
  if (report.missingAccounts.length > 0) {
    return `users.cfg lacks ${report.missingAccounts.slice(0, 5).join(", ")}, so the server did not write its configuration`;
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

function count(pending: Renaming[]): string {
  return pending.length === 1 ? "one mailbox" : `${pending.length} mailboxes`;
}
