import { setTimeout as sleep } from "node:timers/promises";
import type { Simulator } from "../helpers/start-simulator";
import type { MailBook, Letter } from "./mail-book";
import { SendingServer } from "./sending-server";

/** Milliseconds between two letters. */
const pause = 40;

/** An address that letters go to, and who is to have them. */
export interface Destination {
  address: string;
  readers: readonly string[];
  /** The name is not announced yet. */
  early?: boolean;
  /** Who bears the address afterwards, where that is somebody else. */
  heir?: string;
}

/**
 * Letters to each of the destinations in turn, until it is closed: over SMTP, and every fifth as one that the server has
 * fetched by itself, which no listener stands in the way of.
 */
export class Traffic {
  /** May be changed while the letters flow. */
  destinations: Destination[];
  private readonly server: SendingServer;
  private readonly loop: Promise<void>;
  private open = true;

  constructor(
    private readonly simulator: Simulator,
    private readonly book: MailBook,
    destinations: readonly Destination[],
  ) {
    this.destinations = [...destinations];
    this.server = new SendingServer(simulator.info.smtp);
    this.loop = this.flow();
  }

  /** The writers rest; resolved when nothing is left in the sender's queue, half a minute at most. */
  async close(): Promise<void> {
    this.open = false;
    await this.loop;
    await this.server.drain(30_000);
  }

  private async flow(): Promise<void> {
    for (let turn = 0; this.open; turn++) {
      const { destinations } = this;
      const destination = destinations[turn % destinations.length];
      if (!destination) return;
      const round = Math.floor(turn / destinations.length);
      if (!destination.early && (turn + round) % 5 === 4)
        await this.fetch(this.book.write({ ...destination, way: "fetched" }));
      else this.server.send(this.book.write({ ...destination, way: "smtp" }));
      await sleep(pause);
    }
  }

  /** What the server has not fetched stays where it is fetched from, and is no letter to it. */
  private async fetch(letter: Letter): Promise<void> {
    const text = `From: <sender@example.org>\r\nTo: <${letter.address}>\r\nSubject: ${letter.subject}\r\n\r\nx\r\n`;
    const from = Date.now();
    try {
      await this.simulator.control.submit("sender@example.org", [letter.address], text);
      letter.taken = { from, until: Date.now() };
      letter.fate = "accepted";
    } catch (error) {
      letter.detail = String(error);
      if (letter.detail.includes("the engine is away")) this.book.letters.delete(letter.subject);
      else letter.fate = "unclear";
    }
  }
}
