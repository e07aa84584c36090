import { codeOf, type ErrorCode } from "../errors";
import { getServerTime } from "../kerio/methods/server";
import { Deadline, waitFor } from "../retry";
import { lookAgain, type RunContext } from "./run-context";

/** How often an effect that is not seen, or not heard of, is tried again. */
export const attempts = 3;

const unsure: ErrorCode[] = ["CONNECTION_FAILED", "OUTCOME_UNKNOWN", "TIMEOUT", "SSH_FAILED", "SESSION_EXPIRED"];

/** Whether what failed with this error may have been done all the same. */
export function mayHaveHappened(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && unsure.includes(code);
}

/** Waits until the server answers again, at most as long as a start may take. Throws `TIMEOUT`. */
export async function reachable(run: RunContext): Promise<void> {
  const { client, settings } = run.server;
  await waitFor(
    {
      what: "the administration API to answer again",
      object: `mail server ${settings.api.url}`,
      deadline: Deadline.in(settings.timeouts.start),
      every: 1000,
      tolerate: mayHaveHappened,
    },
    () => getServerTime(client),
  );
}

/** For work that may be repeated: where an answer was lost it is done again, after a new look. */
export async function untilHeard(run: RunContext, work: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (tried > attempts || !mayHaveHappened(error)) throw error;
      lookAgain(run);
      await reachable(run);
    }
  }
}
