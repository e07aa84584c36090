import { messageOf } from "../errors";
import type { UserResult } from "./user-request";

/** The new account exists and is this resource's, but something is left to do. The next update goes on. */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";
  readonly result: UserResult;

  constructor(result: UserResult, cause: unknown) {
    super(messageOf(cause), { cause });
    this.result = result;
  }
}
