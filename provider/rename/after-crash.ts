import { codeOf } from "../errors";
import { clearDeadRun } from "../host/dead-run";
import type { HostSession } from "../host/session";
import { getServerTime } from "../kerio/methods/server";
import { Deadline, waitFor } from "../retry";
import { openHost, type MailServer } from "./mail-server";
import { readOpen } from "./recover";

/** Whether an error means that the server was not there, and not that it said no. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  return code === "CONNECTION_FAILED" || code === "OUTCOME_UNKNOWN" || code === "SESSION_EXPIRED";
}

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
 * Waits for a server that is away because a run died a moment ago: the supervisor on the host brings it back.
 *
 * @returns false when no run is open, so that the server is away for a reason of its own
 * @throws KerioError `TIMEOUT` when it does not come back; the codes of an SSH login
 */
export async function waitAfterCrash(server: MailServer): Promise<boolean> {
  if (!server.settings.ssh) return false;
  const host = await openHost(server);
  try {
    if (!(await endDeadRun(server, host))) return false;
  } finally {
    await host.close();
  }
  server.log.progress("A run died a moment ago; waiting for the mail server to come back.");
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
  return true;
}
