import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { deleteMessages } from "../deleted-file.js";
import { indexFlags, messageFile, readIndex, writeFlags } from "../index-file.js";
import { nextUid } from "../mailbox.js";
import { numberSet } from "./values.js";

/** A message as a client numbers it: `sequence` from 1 in the order of the UIDs. */
export interface ListedMessage {
  sequence: number;
  uid: number;
  flags: number;
  /** Seconds of the epoch. */
  receivedAt: number;
}

/** The folder at `path` as one client sees it: what the index lists and `#msgs` holds, as of the last look. */
export class FolderView {
  messages: ListedMessage[] = [];

  constructor(
    readonly name: string,
    readonly path: string,
    readonly readOnly: boolean,
  ) {
    this.look();
  }

  /** Looks again. Gives the numbers of the messages that are gone, the highest first, and how many there are now. */
  look(): { gone: number[]; count: number; grown: boolean } {
    const lines = (readIndex(this.path) ?? [])
      .filter(({ uid }) => existsSync(this.fileOf(uid)))
      .sort((one, other) => one.uid - other.uid);
    const present = new Set(lines.map(({ uid }) => uid));
    const gone = this.messages.filter(({ uid }) => !present.has(uid)).map(({ sequence }) => sequence);
    const grown = lines.length > this.messages.length - gone.length;
    this.messages = lines.map(({ uid, flags, createdAt }, at) => ({
      sequence: at + 1,
      uid,
      flags,
      receivedAt: createdAt,
    }));
    return { gone: gone.reverse(), count: lines.length, grown };
  }

  /** The bytes of a message; undefined when somebody has removed it since the last look. */
  read({ uid }: ListedMessage): Buffer | undefined {
    return existsSync(this.fileOf(uid)) ? readFileSync(this.fileOf(uid)) : undefined;
  }

  /** The bytes that a message takes on disk. */
  sizeOf({ uid }: ListedMessage): number {
    return statSync(this.fileOf(uid), { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Gives a message other flags, in the index too. */
  setFlags(message: ListedMessage, flags: number): void {
    message.flags = flags;
    writeFlags(this.path, new Map([[message.uid, flags]]));
  }

  /** Deletes messages; `keep` is for their files. The next look finds them gone. */
  delete(messages: readonly ListedMessage[], keep?: (file: string) => void): void {
    deleteMessages(
      this.path,
      messages.map(({ uid }) => uid),
      keep,
    );
  }

  /** Changes when the folder is made anew, so that the UIDs of another one of its name are not taken for its own. */
  get uidValidity(): number {
    const status = statSync(join(this.path, "status.fld"), { throwIfNoEntry: false });
    return Math.max(1, Math.floor((status?.birthtimeMs ?? 0) / 1000));
  }

  /** The lowest UID that the next message can have. */
  get uidNext(): number {
    return nextUid(this.path);
  }

  /** How many messages have not been seen. */
  get unseen(): number {
    return this.messages.filter(({ flags }) => (flags & indexFlags["\\Seen"]) === 0).length;
  }

  private fileOf(uid: number): string {
    return join(this.path, "#msgs", messageFile(uid));
  }
}

/** Whether a message goes with the next EXPUNGE. */
export function isDeleted({ flags }: ListedMessage): boolean {
  return (flags & indexFlags["\\Deleted"]) !== 0;
}

/** The messages in a set of UIDs or numbers. */
export function chosen({ messages }: FolderView, set: string, byUid: boolean): ListedMessage[] {
  if (byUid) {
    const inSet = numberSet(set, messages.at(-1)?.uid ?? 0);
    return messages.filter(({ uid }) => inSet(uid));
  }
  const inSet = numberSet(set, messages.length);
  return messages.filter(({ sequence }) => inSet(sequence));
}

/** The names of the flags that are set. */
export function flagNames(flags: number): string[] {
  return Object.entries(indexFlags)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name);
}

/** The bits of the flags of these names; those that the index has no bit for have none. */
export function flagBits(names: readonly string[]): number {
  return Object.entries(indexFlags)
    .filter(([name]) => names.some((each) => each.toLowerCase() === name.toLowerCase()))
    .reduce((bits, [, bit]) => bits | bit, 0);
}
