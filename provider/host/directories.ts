import type { HostSession } from "./session.js";
import { KerioError } from "../errors.js";

/** One entry of a domain's directory. */
export interface Mailbox {
  name: string;
  inode: string;
  symlink: boolean;
  messages: number;
  bytes: number;
}

/** A directory, bound to its inode. */
export interface BoundDirectory {
  path: string;
  inode: string;
}

function unbuilt(): KerioError {
  return new KerioError("INTERNAL", { object: "directory", doing: "working", happened: "not built" });
}

export async function listMailboxes(_session: HostSession, _domainPath: string): Promise<Mailbox[]> {
  throw unbuilt();
}

export async function makeProbe(_session: HostSession, _directory: string, _name: string): Promise<void> {
  throw unbuilt();
}

export async function removeProbe(_session: HostSession, _directory: string, _name: string): Promise<void> {
  throw unbuilt();
}

/** Removes a mailbox directory that holds no message; throws when its inode is another or it holds one. */
export async function removeEmptyMailbox(_session: HostSession, _path: string, _inode: string): Promise<void> {
  throw unbuilt();
}

/** Moves every message of `from` into the INBOX of `to` and what is left of `from` into `parking`; answers the count. */
export async function moveMessages(
  _session: HostSession,
  _move: { from: BoundDirectory; to: BoundDirectory; parking: string },
): Promise<number> {
  throw unbuilt();
}

/** Files in the store that name `address` in text: access rights and subscriptions; at most 50 paths. */
export async function findTextReferences(
  _session: HostSession,
  _storePath: string,
  _address: string,
): Promise<{ count: number; paths: string[] }> {
  throw unbuilt();
}
