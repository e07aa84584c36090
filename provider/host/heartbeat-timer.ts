import { codeOf } from "../errors";
import type { HostSession } from "./session";

/**
 * Beats in the background over a connection of its own, so that a long command on the other one cannot silence us.
 * A lost connection is dialled again at the next turn; a lost lock ends the beating, and the next command tells it.
 */
export class HeartbeatTimer {
  #session: HostSession | undefined;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `every` is in seconds. */
  constructor(
    private readonly open: () => Promise<HostSession>,
    private readonly every: number,
    private readonly beat: (session: HostSession) => Promise<void>,
  ) {
    this.#schedule();
  }

  /** Waits for the beat under way and closes the connection. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#turn;
    await this.#drop();
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#turn = this.#once().finally(() => this.#schedule());
    }, this.every * 1000);
    this.#timer.unref();
  }

  async #once(): Promise<void> {
    try {
      this.#session ??= await this.open();
      await this.beat(this.#session);
    } catch (error) {
      if (codeOf(error) === "LOCK_LOST") this.#stopped = true;
      await this.#drop();
    }
  }

  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }
}
