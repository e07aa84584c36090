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
  /** Who bears the address when the renames are over, where that is somebody else than its reader. */
  heir?: string;
  /** `unclear`: the server was lost while it took the letter. */
  fate: "queued" | "accepted" | "refused" | "unclear";
  detail: string;
  /** When the attempt that succeeded began, and when the server had taken the letter; milliseconds of the epoch. */
  taken?: { from: number; until: number };
}

/** When names pass from one person to another: from the service's absence until everybody has been answered. */
export interface Change {
  from: number;
  until: number;
}

/**
 * Who may have a letter, each group of people being one way to have it right.
 *
 * Most letters are for the same people at every time. One to a name that changes hands is for whoever bears the name when
 * the server takes it. What was taken before the service went away was meant for the person whom everybody knew under
 * that name, and was delivered before the mailboxes moved: it belongs to the old bearer. What is taken once everybody has
 * been answered belongs to the new one. In between the senders cannot know, the program has asked for both, and the order
 * in which a server hands names over is its own: either may have it, but one of them must, and not both.
 */
export function rightReaders({ readers, heir, taken }: Letter, change: Change | undefined): (readonly string[])[] {
  if (heir === undefined || !taken) return heir === undefined ? [readers] : [readers, [heir]];
  if (!change || taken.until < change.from) return [readers];
  return taken.from > change.until ? [[heir]] : [readers, [heir]];
}

/** All letters of a test, by the subject that each bears alone. */
export class MailBook {
  readonly letters = new Map<string, Letter>();
  private number = 0;

  /** Enters the next letter. */
  write(letter: Pick<Letter, "address" | "readers" | "way" | "heir"> & { early?: boolean }): Letter {
    const subject = `letter ${++this.number} to ${letter.address}`;
    const entered: Letter = { early: false, ...letter, subject, fate: "queued", detail: "" };
    this.letters.set(subject, entered);
    return entered;
  }

  /** Whether somebody may see a letter of that subject, whatever its time. */
  isFor(subject: string, person: string): boolean {
    const letter = this.letters.get(subject);
    return letter !== undefined && (letter.readers.includes(person) || letter.heir === person);
  }

  count(fate: Letter["fate"], filter: (letter: Letter) => boolean = () => true): number {
    return [...this.letters.values()].filter((letter) => letter.fate === fate && filter(letter)).length;
  }
}
