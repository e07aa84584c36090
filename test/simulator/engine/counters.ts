/** What is counted; each name stands for the member of Statistics that shows it. */
export type Counter =
  | "received"
  | "receivedBytes"
  | "storedInQueue"
  | "transmitted"
  | "transmittedBytes"
  | "deliveredToLocals"
  | "deliveredToLocalsBytes"
  | "permanentFailures"
  | "transientFailures"
  | "smtpLogins"
  | "smtpLoginFailures"
  | "imapLoginFailures"
  | "smtpConnections"
  | "pop3Connections"
  | "imapConnections"
  | "ldapConnections"
  | "xmppConnections"
  | "smtpRejectedRelays"
  | "webConnections";

/** Counters since the start of the engine, or since somebody set them back. */
export class Counters {
  private counts: Partial<Record<Counter, number>> = {};

  /** Adds to a counter. */
  add(counter: Counter, by = 1): void {
    this.counts[counter] = this.of(counter) + by;
  }

  /** What a counter stands at. */
  of(counter: Counter): number {
    return this.counts[counter] ?? 0;
  }

  /** Sets all of them back to nothing. */
  reset(): void {
    this.counts = {};
  }
}
