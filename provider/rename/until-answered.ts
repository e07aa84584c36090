import { codeOf } from "../errors";
import { isAway } from "./is-away";
import type { Patience } from "./patience";
import type { Answer } from "./renaming";
import type { UserRequest } from "./user-request";

/**
 * Does something for several requests, and again for those that were cut off because the server was away for the sake of
 * somebody else's run.
 */
export async function untilAnswered(
  patience: Patience,
  requests: UserRequest[],
  act: (requests: UserRequest[]) => Promise<Map<UserRequest, Answer>>,
): Promise<Map<UserRequest, Answer>> {
  const answers = new Map<UserRequest, Answer>();
  const cutOff = () =>
    requests.filter((request) => {
      const answer = answers.get(request);
      return !answer || (!answer.ok && isCutOff(answer.error));
    });
  const round = async () => {
    for (const [request, answer] of await act(cutOff())) answers.set(request, answer);
    for (const request of cutOff()) {
      const answer = answers.get(request);
      if (answer?.ok === false) throw answer.error;
    }
  };
  try {
    await patience.ask(round);
  } catch (error) {
    for (const request of requests) if (!answers.has(request)) answers.set(request, { ok: false, error });
  }
  return answers;
}

/** A server that is there and does not show what was asked for may still be about to make it. */
function isCutOff(error: unknown): boolean {
  return isAway(error) && codeOf(error) !== "OUTCOME_UNKNOWN";
}
