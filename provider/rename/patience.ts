import { waitAfterCrash } from "./after-crash";
import { isAway } from "./is-away";
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
   * @param mayRepeat whether it is harmless to ask again after an error; left out, it always is
   * @throws what the question throws where the server is away for another reason, or again and again; KerioError `TIMEOUT`
   * when it does not come back
   */
  async ask<T>(question: () => Promise<T>, mayRepeat: (error: unknown) => boolean = () => true): Promise<T> {
    for (let returns = 0; ; returns++) {
      try {
        return await question();
      } catch (error) {
        const isOver = !isAway(error) || !mayRepeat(error) || returns === stopsOfOneRun;
        if (isOver || !(await this.untilBack())) throw error;
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
