import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { defaultFolders, ensureFolder, foldersBelow } from "../mailbox.js";
import { makeDirectory } from "../store-modes.js";
import { existingFolder, folderName, mailboxOf, type Call, type Command } from "./command.js";
import { Refusal } from "./refusal.js";
import { stringOf } from "./values.js";

const standard = new Set(defaultFolders.map(([name]) => name));

/** Commands that make folders, and take them away. The standard ones stay. */
export const folderChanges: Record<string, Command> = {
  CREATE: { state: "authenticated", run: create },
  DELETE: { state: "authenticated", run: remove },
  RENAME: { state: "authenticated", run: rename },
  SUBSCRIBE: {
    state: "authenticated",
    run: (call) => void existingFolder(mailboxOf(call), folderName(stringOf(call.attributes[0]))),
  },
  UNSUBSCRIBE: {
    state: "authenticated",
    run: () => {
      throw new Refusal("NO", "every folder is subscribed");
    },
  },
};

function create(call: Call): void {
  const mailbox = mailboxOf(call);
  const owner = ownerOf(call);
  const levels = newName(mailbox, stringOf(call.attributes[0])).split("/");
  levels.forEach((_, at) =>
    ensureFolder(join(mailbox, ...levels.slice(0, at + 1)), owner, call.connection.engine.modes),
  );
}

function remove(call: Call): void {
  const mailbox = mailboxOf(call);
  const name = folderName(stringOf(call.attributes[0]));
  const path = existingFolder(mailbox, name, "NONEXISTENT");
  if (standard.has(name)) throw new Refusal("NO", "a standard folder stays");
  if (foldersBelow(mailbox, name).length > 0) throw new Refusal("NO", "there are folders in it");
  if (call.connection.folder?.path === path) call.connection.folder = undefined;
  rmSync(path, { recursive: true });
}

function rename(call: Call): void {
  const mailbox = mailboxOf(call);
  const from = folderName(stringOf(call.attributes[0]));
  const path = existingFolder(mailbox, from, "NONEXISTENT");
  if (standard.has(from)) throw new Refusal("NO", "a standard folder stays");
  const to = newName(mailbox, stringOf(call.attributes[1]));
  if (to.startsWith(`${from}/`)) throw new Refusal("NO", "a folder cannot be put into itself");
  makeDirectory(dirname(join(mailbox, to)), call.connection.engine.modes.directory);
  renameSync(path, join(mailbox, to));
  if (call.connection.folder?.path === path) call.connection.folder = undefined;
}

/** A name that is free, and that leads nowhere but to a place of its own inside the mailbox. */
function newName(mailbox: string, asked: string): string {
  const name = folderName(asked).replace(/\/$/, "");
  const sane = name.split("/").every((level) => /^(?!\.{1,2}$|#|__)[\x20-\x7e]{1,200}$/.test(level));
  if (!sane || name.length > 1000) throw new Refusal("NO", "not a name for a folder");
  if (existsSync(join(mailbox, name))) throw new Refusal("NO", "[ALREADYEXISTS] something of that name is there");
  return name;
}

function ownerOf({ connection }: Call): string {
  const user = connection.user();
  return user ? connection.engine.addressOf(user) : "";
}
