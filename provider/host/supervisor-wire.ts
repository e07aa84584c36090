import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf, KerioError } from "../errors";
import type { Logger } from "../log";
import type { HostReply, HostSession } from "./session";
import { accountsScript, beatScript, commandScript, stateScript } from "./supervisor-script";

const lockLost = 3;
const noResultYet = 4;

/** Talks to a running supervisor: commands with sequence numbers, so that each is obeyed once however often it is sent. */
export class SupervisorWire {
  #number = 0;
  #tail: Promise<unknown> = Promise.resolve();
  /** When the last sign of life that was heard had been sent. By the clock that also counts a computer's sleep. */
  #heardAt = Date.now();
  #lostFor: KerioError | undefined;

  constructor(
    private readonly session: HostSession,
    private readonly settings: { run: string; heartbeat: number; stopTimeout: number; startTimeout: number },
  ) {}

  /** Waits until the supervisor holds the lock. Throws `RENAME_BUSY` when it gave up. */
  async awaitLock(options: { wait: number; log: Logger }): Promise<void> {
    // A dead run that is found is brought to its end first: its service is stopped or started with these bounds.
    const bound = options.wait + 2 * (this.settings.stopTimeout + this.settings.startTimeout) + 30;
    const until = performance.now() + bound * 1000;
    let told = "";
    for (;;) {
      const reply = await this.#run(stateScript, [], "waiting for the lock of the mail host");
      if (reply.code === lockLost) throw this.#lost(reply.stdout);
      if (reply.code !== 0) throw this.#failed("starting the supervisor", reply);
      const state = reply.stdout.trim();
      const owner = state.replace(/^\w+ ?/, "");
      if (state.startsWith("locked")) return;
      if (state.startsWith("busy") || performance.now() > until) {
        throw new KerioError("RENAME_BUSY", {
          object: `mail host ${this.session.description}`,
          doing: `waiting ${options.wait} seconds for another run`,
          happened: `it is still held by ${owner || "another run"}`,
          next: "Nothing was touched. One run at a time holds a host, whichever mail server on it is meant. Let that run end, then run `pulumi up` again.",
        });
      }
      if (state.startsWith("waiting") && state !== told)
        options.log.info(`Waiting for ${owner}, which holds the mail host.`);
      told = state;
    }
  }

  /** A sign of life. Throws `LOCK_LOST` when the run is over. */
  async beat(session = this.session): Promise<void> {
    const sentAt = Date.now();
    const reply = await this.#run(beatScript, [], "telling the supervisor that we are alive", session);
    if (reply.code === lockLost) throw this.#lost(reply.stdout);
    if (reply.code !== 0) throw this.#failed("telling the supervisor that we are alive", reply);
    this.#heardAt = sentAt;
  }

  /** Asks whether the run is still ours, unless that is known from less than half a heartbeat ago. */
  async fence(): Promise<void> {
    if (this.#lostFor) throw this.#lostFor;
    const silent = Date.now() - this.#heardAt;
    if (silent < 0 || silent > this.settings.heartbeat * 500) await this.beat();
  }

  /** Milliseconds since 1970 until which the supervisor cannot have ended the run for our silence. */
  heldUntil(): number {
    return this.#lostFor ? 0 : this.#heardAt + this.settings.heartbeat * 1000;
  }

  /** Replaces the accounts of the run, given as lines. Throws `LOCK_LOST` when the run is over. */
  async nameAccounts(lines: string[]): Promise<void> {
    const doing = "telling the supervisor of the server's accounts";
    const reply = await this.#run(accountsScript, lines, doing);
    if (reply.code === lockLost) throw this.#lost(reply.stdout);
    if (reply.code !== 0) throw this.#failed(doing, reply);
  }

  /** Has a command carried out and answers its result; `limit` is in seconds. */
  command(verb: string, lines: string[], limit: number): Promise<string> {
    const result = this.#tail.then(() => this.#command(++this.#number, verb, lines, limit));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** The orderly end. Its answer may be lost: then the host's record of how the run ended is the answer. */
  async finish(limit: number): Promise<string> {
    try {
      return await this.command("finish", [], limit);
    } catch (error) {
      const last = error instanceof KerioError ? error.facts.cause : undefined;
      if (codeOf(error) === "LOCK_LOST" && last === "finished") return "done=yes";
      throw error;
    }
  }

  async #command(number: number, verb: string, lines: string[], limit: number): Promise<string> {
    const doing = `having the supervisor ${verb}`;
    const input = [String(number), this.#sign(), verb, ...lines];
    const until = performance.now() + (limit + 60) * 1000;
    let heard = performance.now();
    for (;;) {
      try {
        const reply = await this.#run(commandScript, input, doing);
        heard = performance.now();
        if (reply.code === 0) return reply.stdout;
        if (reply.code === lockLost) throw this.#lost(reply.stdout);
        if (reply.code !== noResultYet) throw this.#failed(doing, reply);
        input[1] = this.#sign();
      } catch (error) {
        const lost =
          codeOf(error) === "SSH_FAILED" || codeOf(error) === "TIMEOUT" || codeOf(error) === "CONNECTION_FAILED";
        const rejected = error instanceof KerioError && error.outcome === "rejected";
        // Past twice the heartbeat the supervisor has ended the run, whether we can hear it or not.
        if (!lost || rejected || performance.now() - heard > this.settings.heartbeat * 2000) throw error;
        await sleep(500);
      }
      if (performance.now() > until) {
        throw new KerioError("TIMEOUT", {
          object: `mail host ${this.session.description}`,
          doing,
          happened: `no result within ${limit} seconds`,
          outcome: "unknown",
        });
      }
    }
  }

  /** For a beat the sign follows the run; for a command the caller has put it after the number. */
  #run(script: string, lines: string[], doing: string, session = this.session): Promise<HostReply> {
    const rest = script === commandScript ? lines : [this.#sign(), ...lines];
    return session.run({ script, input: `${[this.settings.run, ...rest].join("\n")}\n`, doing, timeout: 25 });
  }

  #sign(): string {
    return randomBytes(8).toString("hex");
  }

  #lost(lastEnd: string): KerioError {
    const [run, kind, , , ...told] = lastEnd.trim().split("\t");
    const ours = run === this.settings.run;
    this.#lostFor ??= new KerioError("LOCK_LOST", {
      object: `mail host ${this.session.description}`,
      doing: "going on with the rename",
      happened: ours
        ? `the supervisor has ended this run: ${told.join(" ").trim()}`
        : "the supervisor of this run is gone, and whoever takes the host next starts the service if it does not run",
      next: "Nothing more is touched by this run: accounts and mailboxes stay as its last step left them, and what they were is written down on the mail host. Run `pulumi up` again: it looks at what is there and goes on.",
      outcome: "unknown",
      cause: ours ? kind : undefined,
    });
    return this.#lostFor;
  }

  #failed(doing: string, reply: HostReply): KerioError {
    return new KerioError("SSH_FAILED", {
      object: `mail host ${this.session.description}`,
      doing,
      happened: reply.stderr || reply.stdout.trim() || `the script ended with code ${reply.code}`,
      outcome: "rejected",
    });
  }
}
