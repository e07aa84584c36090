import { join } from "node:path";
import type { ImapAttribute } from "imapflow/lib/handler/types";
import { visibleFolders } from "../mailbox.js";
import { keeperOf } from "../recovery.js";
import { isDeleted, type FolderView, type ListedMessage } from "./folder-view.js";
import type { ImapConnection } from "./imap-connection.js";
import { Refusal } from "./refusal.js";

/** When a command may come: before the login, after it, or once a folder is selected. */
export type CommandState = "any" | "authenticated" | "selected";

/** One command of a client. */
export interface Call {
  /** In upper case, `UID FETCH` with both words. */
  name: string;
  attributes: ImapAttribute[];
  connection: ImapConnection;
}

/** A command: does its work, may throw {@link Refusal}, and gives the text of its OK where that is not the usual one. */
export interface Command {
  state: CommandState;
  run(call: Call): Promise<string | void> | string | void;
}

/** The mailbox directory of a connection that is logged in. */
export function mailboxOf({ connection }: Call): string {
  const user = connection.user();
  if (!user) throw new Refusal("NO", "log in first");
  return connection.engine.openMailbox(user);
}

/** The folder that a connection has selected. */
export function selected({ connection }: Call): FolderView {
  if (!connection.folder) throw new Refusal("NO", "select a folder first");
  return connection.folder;
}

/** The folder that a connection has selected and may change. */
export function changeable(call: Call): FolderView {
  const folder = selected(call);
  if (folder.readOnly) throw new Refusal("NO", "the folder is read-only");
  return folder;
}

/** Deletes the messages that are marked so, all of them or some. */
export function expunge(call: Call, from: readonly ListedMessage[]): void {
  const { engine } = call.connection;
  const user = call.connection.user();
  changeable(call).delete(from.filter(isDeleted), user && keeperOf(engine, user));
}

/** A folder as it is called on disk: INBOX may be written in any case. */
export function folderName(asked: string): string {
  return asked.replace(/^inbox(?=$|\/)/i, "INBOX");
}

/** The directory of a folder of a mailbox. `code` goes into the refusal when there is none. */
export function existingFolder(mailbox: string, name: string, code = ""): string {
  if (!visibleFolders(mailbox).includes(name)) {
    throw new Refusal("NO", `${code && `[${code}] `}there is no folder ${JSON.stringify(name)}`);
  }
  return join(mailbox, name);
}
