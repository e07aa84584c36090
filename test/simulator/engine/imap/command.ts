import type { ImapAttribute } from "imapflow/lib/handler/types";
import type { FolderView } from "./folder-view.js";
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
