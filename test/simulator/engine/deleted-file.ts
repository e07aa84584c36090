import { appendFileSync, chmodSync, existsSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { messageFile, removeLines } from "./index-file.js";
import { modeBeside } from "./store-modes.js";

const lineForm = /^[0-9a-f]+ (\d+)$/i;

/**
 * The highest UID of a message that somebody has deleted, from the folder's `deleted.fld` (`<hex time> <uid>` a line):
 * no other message may get it, because mail programs keep what they have seen by its UID.
 */
export function highestDeleted(folder: string): number {
  const file = join(folder, "deleted.fld");
  if (!existsSync(file)) return 0;
  return readFileSync(file, "utf8")
    .split("\n")
    .reduce((highest, line) => Math.max(highest, Number(lineForm.exec(line)?.[1] ?? 0)), 0);
}

/** Deletes messages: their lines in the index, and their files, unless `keep` takes them away. */
export function deleteMessages(
  folder: string,
  uids: readonly number[],
  keep: (file: string) => void = unlinkSync,
): void {
  if (uids.length === 0) return;
  const at = Math.floor(Date.now() / 1000).toString(16);
  const list = join(folder, "deleted.fld");
  appendFileSync(list, uids.map((uid) => `${at} ${uid}\n`).join(""));
  chmodSync(list, modeBeside(folder));
  removeLines(folder, new Set(uids));
  for (const uid of uids) {
    const file = join(folder, "#msgs", messageFile(uid));
    if (existsSync(file)) keep(file);
  }
}
