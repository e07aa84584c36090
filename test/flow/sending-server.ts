import { setTimeout as sleep } from "node:timers/promises";
import { createTransport } from "nodemailer";
import type { Letter } from "./mail-book";

/** Milliseconds between two attempts: a real server waits minutes, and a test has none. */
const pause = 250;

/** How many letters are on their way at once. */
const lines = 4;

/**
 * A mail server that sends, with the habits of a real one: no connection, a lost one or a 4xx means that the letter stays
 * in the queue and is tried again; a 5xx returns it to its writer, who has lost it.
 */
export class SendingServer {
  private readonly queue: Letter[] = [];
  private readonly workers: Promise<void>[];
  private closed = false;

  constructor(private readonly to: { host: string; port: number }) {
    this.workers = Array.from({ length: lines }, () => this.work());
  }

  send(letter: Letter): void {
    this.queue.push(letter);
  }

  /** Takes no further letter; resolved when every one has been taken or refused, or after so many milliseconds. */
  async drain(patience: number): Promise<void> {
    const until = Date.now() + patience;
    while (this.queue.length > 0 && Date.now() < until) await sleep(50);
    this.closed = true;
    await Promise.all(this.workers);
  }

  private async work(): Promise<void> {
    for (;;) {
      const letter = this.queue.shift();
      if (letter) await this.attempt(letter);
      else if (this.closed) return;
      else await sleep(20);
    }
  }

  private async attempt(letter: Letter): Promise<void> {
    const transport = createTransport({ ...this.to, ignoreTLS: true, connectionTimeout: 5000, socketTimeout: 10_000 });
    try {
      const { address: to, subject } = letter;
      const from = Date.now();
      await transport.sendMail({ from: "sender@example.org", to, subject, text: "A message.\n" });
      letter.taken = { from, until: Date.now() };
      letter.fate = "accepted";
    } catch (error) {
      const { responseCode = 0, message } = error as Error & { responseCode?: number };
      letter.detail = message;
      if (responseCode >= 500) letter.fate = "refused";
      else if (!this.closed) {
        await sleep(pause);
        this.queue.push(letter);
      }
    } finally {
      transport.close();
    }
  }
}
