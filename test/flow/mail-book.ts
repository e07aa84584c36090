/** How a letter comes to the server. */
export type Way = "smtp" | "fetched";

/** One numbered letter, and what its sender knows of it. */
export interface Letter {
  subject: string;
  address: string;
  /** The people who are to have it in their mailbox, each once. */
  readers: readonly string[];
  way: Way;
  /** Sent to a name that was not announced yet: a refusal is no loss. */
  early: boolean;
  /** `unclear`: the server was lost while it took the letter. */
  fate: "queued" | "accepted" | "refused" | "unclear";
  detail: string;
}

/** All letters of a test, by the subject that each bears alone. */
export class MailBook {
  readonly letters = new Map<string, Letter>();
  private number = 0;

  /** Enters the next letter. */
  write(letter: Pick<Letter, "address" | "readers" | "way"> & { early?: boolean }): Letter {
    const subject = `letter ${++this.number} to ${letter.address}`;
    const entered: Letter = { early: false, ...letter, subject, fate: "queued", detail: "" };
    this.letters.set(subject, entered);
    return entered;
  }

  /** Whether somebody may see a letter of that subject. */
  isFor(subject: string, person: string): boolean {
    return this.letters.get(subject)?.readers.includes(person) ?? false;
  }

  count(fate: Letter["fate"], filter: (letter: Letter) => boolean = () => true): number {
    return [...this.letters.values()].filter((letter) => letter.fate === fate && filter(letter)).length;
  }
}
