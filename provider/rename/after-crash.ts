import { KerioError } from "../errors";
import { clearDeadRun } from "../host/dead-run";
import { lockHolder } from "../host/lock-holder";
import type { HostSession } from "../host/session";
import { getServerTime } from "../kerio/methods/server";
import { Deadline, waitFor } from "../retry";
import { isAway } from "./is-away";
import { openHost, type MailServer } from "./mail-server";
import { readOpen } from "./recover";

/**
 * Brings to its end, over SSH alone, a run that died with the service stopped.
 *
 * @returns whether a run is open on the host, so that the server may be on its way down and up again
 */
export async function endDeadRun(server: MailServer, host: HostSession): Promise<boolean> {
  if ((await readOpen(host)).length === 0) return false;
  const dead = await clearDeadRun(host);
  if (dead.found) server.log.info(`A run that died on the mail host was brought to its end: ${dead.detail}.`);
  return true;
}

/**
 * What to tell whose server has not come back: a supervisor on the host that cannot start its service knows why.
 *
 * @returns `RENAME_OPEN`, or the error that was met where no supervisor knows more
 */
export async function whyAway(server: MailServer, host: HostSession, met: unknown): Promise<unknown> {
  const unstarted = (await lockHolder(host).catch(() => undefined))?.unstarted;
  if (unstarted === undefined) return met;
  return new KerioError("RENAME_OPEN", {
    object: `mail server ${server.settings.api.url}`,
    doing: "waiting for it to come back after a run that died",
    happened: `the mail service does not start (${unstarted.trim() || "without a word of the service manager"})`,
    next:
      "The supervisor on the mail host goes on trying; accounts and mail stay as they are. Find out on the host what keeps " +
      "the service from starting. Once it runs, run `pulumi up` again, which goes on from there.",
    outcome: "unknown",
    cause: met,
  });
}

/**
 * Waits for a server that is away because a run died a moment ago: the supervisor on the host brings it back.
 *
 * @returns false when no run is open, so that the server is away for a reason of its own
 * @throws KerioError `TIMEOUT` when it does not come back, `RENAME_OPEN` when its service does not start; the codes of an
 * SSH login
 */
export async function waitAfterCrash(server: MailServer): Promise<boolean> {
  if (!server.settings.ssh) return false;
  const host = await openHost(server);
  try {
    if (!(await endDeadRun(server, host))) return false;
    server.log.progress("A run died a moment ago; waiting for the mail server to come back.");
    await untilBack(server).catch(async (error: unknown) => {
      throw await whyAway(server, host, error);
    });
  } finally {
    await host.close();
  }
  return true;
}

async function untilBack(server: MailServer): Promise<void> {
  const { stop, start, supervisor } = server.settings.timeouts;
  await waitFor(
    {
      what: "the administration API to answer, after a run that died",
      object: `mail server ${server.settings.api.url}`,
      deadline: Deadline.in(stop + start + supervisor),
      every: 1000,
      tolerate: isAway,
    },
    () => {
      server.client.forget();
      return getServerTime(server.client);
    },
  );
}
