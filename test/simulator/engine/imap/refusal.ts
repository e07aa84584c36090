/** What is told while the mailbox cannot be had. */
export const mailboxUnavailable = "[UNAVAILABLE] the mailbox is not available";

/** A command that is not done: NO when it cannot be, BAD when it is not understood. */
export class Refusal extends Error {
  constructor(
    readonly status: "NO" | "BAD",
    message: string,
  ) {
    super(message);
  }
}
