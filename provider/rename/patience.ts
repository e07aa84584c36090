import { isAway, waitAfterCrash } from "./after-crash";
import type { MailServer } from "./mail-server";

/** A run stops the service for its window, once more where a mailbox is not seen to be adopted, and to roll back. */
const stopsOfOneRun = 3;

/** Waits, for everybody who asks at the same time, while a run of somebody else keeps the server away. */
export class Patience {
  private returning?: Promise<boolean>;

  constructor(private readonly server: MailServer) {}

  /**
   * Asks, and asks again when the server was away because of a run that died or is at work, as often as one run may stop it.
   *
   * @throws what the question throws where the server is away for another reason, or again and again; KerioError `TIMEOUT`
   * when it does not come back
   */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    for (let returns = 0; ; returns++) {
      try {
        return await question();
      } catch (error) {
        if (!isAway(error) || returns === stopsOfOneRun || !(await this.untilBack())) throw error;
      }
    }
  }

  private untilBack(): Promise<boolean> {
    this.returning ??= waitAfterCrash(this.server).finally(() => {
      this.returning = undefined;
      this.server.inventory.invalidate();
    });
    return this.returning;
  }
}
