import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** A mailbox directory of a domain, as it lies on the disk. */
export interface MailDirectory {
  name: string;
  inode: number;
  /** Number of `.eml` files anywhere in it. */
  messages: number;
}

/** A message as it lies on the disk. */
export interface StoredMessage {
  /** `INBOX`, or `Deleted mailbox - jdoe@example.com/INBOX`. */
  folder: string;
  /** The file's name in the folder's `#msgs`. */
  file: string;
  /** Of the file's bytes, hexadecimal. */
  sha256: string;
  subject: string;
}

/** The mailbox directories of a domain, sorted by name; public folders are none. */
export async function directoriesOf(storeDir: string, domain: string): Promise<MailDirectory[]> {
  const parent = join(storeDir, "mail", domain);
  const names = (await entries(parent)).filter((entry) => entry.isDirectory() && entry.name !== "#public");
  const rows = names.map(async ({ name }) => {
    const found = await unlessGone(stat(join(parent, name)));
    return found && { name, inode: found.ino, messages: (await emlFiles(join(parent, name))).length };
  });
  return present(await Promise.all(rows)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** All messages in one mailbox directory, sorted by folder and file. */
export async function messagesOf(storeDir: string, domain: string, user: string): Promise<StoredMessage[]> {
  const root = join(storeDir, "mail", domain, user);
  const rows = (await emlFiles(root)).sort().map(async (path) => {
    const bytes = await unlessGone(readFile(path));
    if (!bytes) return undefined;
    const parts = relative(root, path).split(sep);
    const file = parts.pop() ?? "";
    return {
      folder: parts.filter((part) => part !== "#msgs").join("/"),
      file,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      subject: subjectOf(bytes.toString("latin1")),
    };
  });
  return present(await Promise.all(rows));
}

function present<T>(rows: readonly (T | undefined)[]): T[] {
  return rows.filter((row) => row !== undefined);
}

function subjectOf(text: string): string {
  const head = text.split(/\r?\n\r?\n/, 1)[0] ?? "";
  return /^subject:[ \t]*(.*)$/im.exec(head.replace(/\r?\n[ \t]+/g, " "))?.[1]?.trim() ?? "";
}

async function emlFiles(dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entries(dir)) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) found.push(...(await emlFiles(path)));
    else if (entry.name.endsWith(".eml")) found.push(path);
  }
  return found;
}

/** What is in a directory; nothing when it has gone or never was. */
async function entries(dir: string) {
  return (await unlessGone(readdir(dir, { withFileTypes: true }))) ?? [];
}

/** What is there may be moved between two looks at it. */
async function unlessGone<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
