import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { highestDeleted } from "./deleted-file.js";
import { indexLine, linesByUid, messageFile, readIndex, replaceIndex } from "./index-file.js";
import { allRights } from "./rights-file.js";
import { makeDirectory, storeModes, type Modes } from "./store-modes.js";

/** The folders every mailbox has, with the class of their items as `index.fld` writes it. */
export const defaultFolders: readonly (readonly [folder: string, itemClass: string])[] = [
  ["INBOX", "IPM.Note"],
  ["Drafts", "IPM.Note"],
  ["Sent Items", "IPM.Note"],
  ["Deleted Items", "IPM.Note"],
  ["Junk E-mail", "IPM.Note"],
  ["Calendar", "IPM.Appointment"],
  ["Contacts", "IPM.Contact"],
  ["Tasks", "IPM.Task"],
  ["Notes", "IPM.StickyNote"],
  ["Journal", "IPM.Activity"],
];

/** A message as its folder's index lists it. */
export interface StoredMessage {
  folder: string;
  file: string;
  size: number;
}

/** Whether the directory is a mailbox or could become one. */
export function isDirectory(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** Makes what is missing of a mailbox; what is there, whoever it once belonged to, stays as it is. */
export function ensureMailbox(directory: string, owner: string, modes: Modes = storeModes.readable): void {
  makeDirectory(directory, modes.directory);
  for (const [folder] of defaultFolders) ensureFolder(join(directory, folder), owner, modes);
  for (const [file, text] of [
    ["filter.siv", "# Sieve filter\r\n"],
    ["folder.map", `<?xml version="1.0" encoding="UTF-8"?>\n<map/>\n`],
    ["settings.usr", ""],
    ["stats.usr", ""],
    ["sub.fld", ""],
  ] as const) {
    const path = join(directory, file);
    if (!existsSync(path)) makeFile(path, text, modes);
  }
}

/** Makes one folder; `owner` (user@domain) gets the first line of its rights. */
export function ensureFolder(folder: string, owner: string, modes: Modes = storeModes.readable): void {
  for (const part of ["#msgs", "#assoc"]) makeDirectory(join(folder, part), modes.directory);
  const status = join(folder, "status.fld");
  if (!existsSync(status)) makeFile(status, `${owner} ${allRights}\n`, modes);
  const index = join(folder, "index.fld");
  if (!existsSync(index)) rebuildIndex(folder);
}

function makeFile(path: string, text: string, { file }: Modes): void {
  writeFileSync(path, text, { mode: file });
  chmodSync(path, file);
}

/** How a message is stored; all of it can be left out. */
export interface StoreOptions {
  /** The default is that of the folder. */
  itemClass?: string;
  modes?: Modes;
  /** What a message brings that was somewhere before: its flags, and when it came (milliseconds of the epoch). */
  flags?: number;
  at?: number;
}

/** Stores the bytes as the next message of the folder, on disk before it returns. Gives the file's name. */
export function storeMessage(
  folder: string,
  bytes: Buffer,
  { itemClass = itemClassOf(folder), modes = storeModes.readable, flags = 0, at = Date.now() }: StoreOptions = {},
): string {
  const messages = join(folder, "#msgs");
  let uid = nextUid(folder);
  for (;;) {
    const file = messageFile(uid);
    try {
      const descriptor = openSync(join(messages, file), "wx", modes.file);
      try {
        writeFileSync(descriptor, bytes);
        fchmodSync(descriptor, modes.file);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      appendFileSync(join(folder, "index.fld"), indexLine(uid, bytes.length, at, itemClass, flags));
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      uid += 1;
    }
  }
}

/**
 * Writes `index.fld` anew from what lies in `#msgs`, which is the truth; what the old one says of a message that is still
 * there stays.
 */
export function rebuildIndex(folder: string): void {
  const messages = join(folder, "#msgs");
  const known = linesByUid(folder);
  const lines = messageFiles(messages).map((file) => {
    const uid = Number.parseInt(file, 16);
    const stat = statSync(join(messages, file));
    return known.get(uid) ?? indexLine(uid, stat.size, stat.mtimeMs, itemClassOf(folder));
  });
  replaceIndex(folder, lines.join(""));
}

function itemClassOf(folder: string): string {
  return new Map(defaultFolders).get(basename(folder)) ?? "IPM.Note";
}

/**
 * The store check of one mailbox: messages dropped into its root move into INBOX, an index that is missing or
 * does not name exactly the files of `#msgs` is rebuilt, missing default folders are not made. Gives the folders mended.
 */
export function checkMailbox(directory: string): string[] {
  const mended: string[] = [];
  const loose = readdirSync(directory, { withFileTypes: true }).filter(
    (each) => each.isFile() && /\.eml$/i.test(each.name),
  );
  const inbox = join(directory, "INBOX");
  for (const each of isDirectory(inbox) ? loose : []) {
    makeDirectory(join(inbox, "#msgs"), statSync(inbox).mode & 0o777);
    renameSync(join(directory, each.name), join(inbox, "#msgs", freeName(inbox)));
  }
  for (const folder of foldersBelow(directory)) {
    if (checkFolder(join(directory, folder))) mended.push(folder);
  }
  return mended;
}

/** The store check of one folder, which is also made when somebody opens it. Gives whether its index was rebuilt. */
export function checkFolder(folder: string): boolean {
  nameMessages(folder);
  const indexed = indexedFiles(folder);
  const listed = new Set(indexed);
  const present = messageFiles(join(folder, "#msgs"));
  if (indexed?.length === present.length && present.every((file) => listed.has(file))) return false;
  rebuildIndex(folder);
  return true;
}

/** Who puts a message into `#msgs` chooses a free hexadecimal name, in any number of digits; the server writes eight. */
function nameMessages(folder: string): void {
  const messages = join(folder, "#msgs");
  for (const file of messageFiles(messages)) {
    const uid = Number.parseInt(file, 16);
    if (uid <= highestUid && file === messageFile(uid)) continue;
    // The UID of a message that was deleted never comes back.
    const isOwn = uid > highestDeleted(folder) && uid <= highestUid && !existsSync(join(messages, messageFile(uid)));
    renameSync(join(messages, file), join(messages, isOwn ? messageFile(uid) : freeName(folder)));
  }
}

/** The name of a message that is not there: above all others, or where that is none of a UID any more, below. */
function freeName(folder: string): string {
  let uid = Math.min(nextUid(folder), highestUid);
  while (existsSync(join(folder, "#msgs", messageFile(uid)))) uid -= 1;
  return messageFile(uid);
}

/** The folders that the owner sees: the standard ones, and those that have a `status.fld`. */
export function visibleFolders(directory: string): string[] {
  const standard = new Set(defaultFolders.map(([folder]) => folder));
  return foldersBelow(directory).filter(
    (folder) => standard.has(folder) || existsSync(join(directory, folder, "status.fld")),
  );
}

/** What the owner sees: the messages that the index of each visible folder lists. */
export function visibleMessages(directory: string): StoredMessage[] {
  return visibleFolders(directory).flatMap((folder) =>
    (indexedFiles(join(directory, folder)) ?? [])
      .filter((file) => existsSync(join(directory, folder, "#msgs", file)))
      .map((file) => ({ folder, file, size: statSync(join(directory, folder, "#msgs", file)).size })),
  );
}

/** Number and bytes of all items, from the files. A directory that is missing has none. */
export function mailboxUsage(directory: string): { items: number; bytes: number } {
  let items = 0;
  let bytes = 0;
  if (!isDirectory(directory)) return { items, bytes };
  for (const folder of foldersBelow(directory)) {
    const messages = join(directory, folder, "#msgs");
    for (const file of messageFiles(messages)) {
      items += 1;
      bytes += statSync(join(messages, file)).size;
    }
  }
  return { items, bytes };
}

/** Every folder of a mailbox, nested ones as `Parent/Child`; names with `#` or `__` in front are internal. */
export function foldersBelow(directory: string, prefix = ""): string[] {
  return readdirSync(join(directory, prefix), { withFileTypes: true })
    .filter((each) => each.isDirectory() && !each.name.startsWith("#") && !each.name.startsWith("__"))
    .flatMap((each) => {
      const folder = prefix === "" ? each.name : `${prefix}/${each.name}`;
      return [folder, ...foldersBelow(directory, folder)];
    })
    .filter(
      (folder) => isDirectory(join(directory, folder, "#msgs")) || existsSync(join(directory, folder, "index.fld")),
    );
}

function messageFiles(messages: string): string[] {
  if (!existsSync(messages) || !lstatSync(messages).isDirectory()) return [];
  return readdirSync(messages)
    .filter((file) => /^[0-9a-f]+\.eml$/i.test(file))
    .sort();
}

/** UIDs of IMAP have 32 bits. */
const highestUid = 0xffffffff;

/** The UID that the next message of a folder gets. */
export function nextUid(folder: string): number {
  const uids = messageFiles(join(folder, "#msgs"))
    .map((file) => Number.parseInt(file, 16))
    .filter((uid) => uid <= highestUid);
  return uids.reduce((highest, uid) => Math.max(highest, uid), highestDeleted(folder)) + 1;
}

function indexedFiles(folder: string): string[] | undefined {
  return readIndex(folder)?.map(({ uid }) => messageFile(uid));
}
