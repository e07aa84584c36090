import { codeOf } from "../errors";

/** Whether an error means that the server was not there, and not that it said no. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  return code === "CONNECTION_FAILED" || code === "OUTCOME_UNKNOWN" || code === "SESSION_EXPIRED";
}
