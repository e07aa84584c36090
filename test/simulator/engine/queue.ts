import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { deliver } from "./delivery.js";
import type { Engine } from "./engine.js";

/**
 * The message queue, `store/queue/00/<id>.env` (envelope) and `<id>.eml`. A message is accepted once it lies
 * there, so a kill of the engine after the answer loses nothing: the queue runs at every start.
 */
export class Queue {
  private readonly directory: string;

  constructor(private readonly engine: Engine) {
    this.directory = join(engine.store, "queue", "00");
    mkdirSync(this.directory, { recursive: true });
  }

  /** Takes a message over and delivers it at once unless the SMTP service is held. Gives the id it has in the truth. */
  accept(sender: string, recipients: string[], bytes: Buffer): string {
    const id = randomBytes(8).toString("hex");
    writeFileSync(join(this.directory, `${id}.eml`), bytes, { mode: 0o600 });
    this.keep(id, { sender, recipients });
    this.run();
    if (existsSync(join(this.directory, `${id}.env`))) this.engine.counters.add("storedInQueue");
    return id;
  }

  /**
   * Delivers what waits, oldest name first, and keeps what has to wait longer; does nothing while the SMTP service is held
   * and the switch says so.
   */
  run(): void {
    if (!this.engine.service("SMTP")?.isRunning && this.engine.switches.of("queue-while-held") === "hold") return;
    for (const file of readdirSync(this.directory).filter((name) => name.endsWith(".env"))) {
      const id = file.slice(0, -4);
      const { sender, recipients } = JSON.parse(readFileSync(join(this.directory, file), "utf8")) as Envelope;
      const message = join(this.directory, `${id}.eml`);
      const bytes = readFileSync(message);
      const left = recipients.flatMap((recipient) => deliver(this.engine, { queueId: id, sender, recipient, bytes }));
      if (left.length > 0) {
        this.keep(id, { sender, recipients: left });
        continue;
      }
      unlinkSync(join(this.directory, file));
      if (existsSync(message)) unlinkSync(message);
    }
  }

  /** The same where nobody waits for the outcome: what cannot be delivered must not end the server. */
  tryToRun(): void {
    try {
      this.run();
    } catch (error) {
      this.engine.truth.write("engine", { event: "delivery failed", reason: String(error) });
    }
  }

  /** What waits, the oldest name first. */
  list(): Waiting[] {
    return readdirSync(this.directory)
      .filter((name) => name.endsWith(".env"))
      .map((file) => {
        const id = file.slice(0, -4);
        const { sender, recipients } = JSON.parse(readFileSync(join(this.directory, file), "utf8")) as Envelope;
        const { size, mtimeMs } = statSync(join(this.directory, `${id}.eml`));
        return { id, sender, recipients, size, since: mtimeMs };
      });
  }

  /** Throws a message away; false when none of that id waits. */
  remove(id: string): boolean {
    if (!/^\w+$/.test(id) || !existsSync(join(this.directory, `${id}.env`))) return false;
    unlinkSync(join(this.directory, `${id}.env`));
    unlinkSync(join(this.directory, `${id}.eml`));
    return true;
  }

  /** How many messages wait. */
  get length(): number {
    return readdirSync(this.directory).filter((name) => name.endsWith(".env")).length;
  }

  private keep(id: string, envelope: Envelope): void {
    const file = join(this.directory, `${id}.env`);
    writeFileSync(`${file}.new`, JSON.stringify(envelope), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}

/** A message that waits; `since` is in milliseconds of the epoch. */
export interface Waiting {
  id: string;
  sender: string;
  recipients: string[];
  size: number;
  since: number;
}

interface Envelope {
  sender: string;
  recipients: string[];
}
