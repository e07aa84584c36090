import { setTimeout as sleep } from "node:timers/promises";
import type { ControlClient } from "../simulator/host/control-client";
import type { MailBook } from "./mail-book";

/** Milliseconds between two looks of one reader, at least. */
const pause = 150;

/** A person with a mail program that still knows the old login, or knows the new one already. */
export interface Reader {
  person: string;
  logins: readonly { name: string; password: string }[];
}

/**
 * People who open their mailbox over and over, under the old login and the new one: each look makes a directory where
 * the server finds none. What somebody sees that is not theirs is written down.
 */
export class Readers {
  readonly foreign: string[] = [];
  /** Who has seen a letter, by its subject. */
  readonly sightings = new Map<string, Set<string>>();
  /** Number of looks that were let in, by person and login name: `jdoe as jsmith`. */
  readonly seen = new Map<string, number>();
  private readonly loops: Promise<void>[];
  private open = true;

  constructor(
    private readonly control: ControlClient,
    private readonly book: MailBook,
    readers: readonly Reader[],
  ) {
    this.loops = readers.map((reader) => this.read(reader));
  }

  /** Everybody closes their mail program. */
  async close(): Promise<void> {
    this.open = false;
    await Promise.all(this.loops);
  }

  private async read({ person, logins }: Reader): Promise<void> {
    while (this.open) {
      const begun = performance.now();
      for (const { name, password } of logins) {
        // The server is away: a mail program tries again.
        const login = await this.control.login(name, password).catch(() => undefined);
        if (login?.ok !== true) continue;
        const look = `${person} as ${name}`;
        this.seen.set(look, (this.seen.get(look) ?? 0) + 1);
        for (const { subject } of login.messages) {
          this.sightings.set(subject, (this.sightings.get(subject) ?? new Set()).add(person));
          if (!this.book.isFor(subject, person))
            this.foreign.push(`${person}, signed in as ${name}, sees "${subject}"`);
        }
      }
      // Each look brings all letters: where that takes long, readers who do not rest leave nobody else a turn.
      await sleep(Math.max(pause, performance.now() - begun));
    }
  }
}
