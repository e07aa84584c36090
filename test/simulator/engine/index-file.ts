import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modeBeside } from "./store-modes.js";

/** One line of a folder's `index.fld`. */
export interface IndexLine {
  uid: number;
  /** The bits of {@link indexFlags}; others are kept. */
  flags: number;
  /** Seconds of the epoch: when the message was received where the line says so, else when it was created. */
  createdAt: number;
}

/** The bits of a line's flags, by their names in IMAP. That of \Deleted is seen nowhere: it is the one left out between. */
export const indexFlags = {
  "\\Seen": 0x1,
  "\\Answered": 0x2,
  "\\Flagged": 0x4,
  "\\Deleted": 0x8,
  "\\Draft": 0x10,
} as const;

const lineForm = /^U([0-9a-f]+) (?:F([0-9a-f]+))?(?: S\d+ D([0-9a-f]+))?(?:.* T([0-9a-f]+)(?= ))?/i;

/** The lines of a folder's index; undefined when it has none. */
export function readIndex(folder: string): IndexLine[] | undefined {
  const index = join(folder, "index.fld");
  if (!existsSync(index)) return undefined;
  return readFileSync(index, "utf8")
    .split("\n")
    .map((line) => lineForm.exec(line))
    .filter((match) => match !== null)
    .map(([, uid = "", flags = "0", created = "0", received = created]) => ({
      uid: Number.parseInt(uid, 16),
      flags: Number.parseInt(flags, 16),
      createdAt: Number.parseInt(received, 16),
    }));
}

/** The lines as they are written, by the UID of their message; none where there is no index. */
export function linesByUid(folder: string): ReadonlyMap<number, string> {
  const index = join(folder, "index.fld");
  const text = existsSync(index) ? readFileSync(index, "utf8") : "";
  return new Map(
    [...text.matchAll(/^U([0-9a-f]+) .*$/gim)].map(([line, uid = ""]) => [Number.parseInt(uid, 16), `${line}\n`]),
  );
}

/** The line of a message; `at` in milliseconds of the epoch. */
export function indexLine(uid: number, size: number, at: number, itemClass: string, flags = 0): string {
  const seconds = Math.floor(at / 1000).toString(16);
  return `U${uid.toString(16)} F${flags.toString(16)} S${size} D${seconds} M${seconds} I${uid} C${itemClass}\n`;
}

/** Writes other flags into the lines of some messages; everything else in the file stays. */
export function writeFlags(folder: string, flagsByUid: ReadonlyMap<number, number>): void {
  const text = readFileSync(join(folder, "index.fld"), "utf8");
  const changed = text.replace(/^U([0-9a-f]+) F[0-9a-f]+/gim, (line, uid: string) => {
    const flags = flagsByUid.get(Number.parseInt(uid, 16));
    return flags === undefined ? line : `U${uid} F${flags.toString(16)}`;
  });
  replaceIndex(folder, changed);
}

/** Takes the lines of some messages out. */
export function removeLines(folder: string, uids: ReadonlySet<number>): void {
  const text = readFileSync(join(folder, "index.fld"), "utf8");
  const left = text.replace(/^U([0-9a-f]+) .*\n?/gim, (line, uid: string) =>
    uids.has(Number.parseInt(uid, 16)) ? "" : line,
  );
  replaceIndex(folder, left);
}

/** Puts another text in the place of the index, at once; who may read the folder may read the index. */
export function replaceIndex(folder: string, text: string): void {
  const index = join(folder, "index.fld");
  writeFileSync(`${index}.new`, text);
  chmodSync(`${index}.new`, modeBeside(folder));
  renameSync(`${index}.new`, index);
}

/** The name of a message's file in `#msgs`. */
export function messageFile(uid: number): string {
  return `${uid.toString(16).padStart(8, "0")}.eml`;
}
