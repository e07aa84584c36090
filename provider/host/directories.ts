import { KerioError } from "../errors";
import { runChecked } from "./frame";
import { absolutePath, entryName, plainId } from "./lines";
import { listScript, messagesScript, probeScript, removeScript, sweepParkingScript } from "./directory-scripts";
import type { HostSession } from "./session";

/** One entry of a domain's directory. */
export interface Mailbox {
  name: string;
  inode: string;
  symlink: boolean;
  /** False for a file or a symbolic link, which bears the name all the same. */
  directory: boolean;
  /** Set for a directory on which a file system is mounted, where that was asked for. */
  mountPoint?: true;
  /** Items of every kind: mail, calendar, contacts. */
  messages: number;
  bytes: number;
}

/** A directory, bound to its inode. */
export interface BoundDirectory {
  path: string;
  inode: string;
}

/** Counting the messages of a large store takes its time. */
const countTimeout = 900;

/**
 * The entries of a domain's directory, the internal ones (`#public`) included; with `names` only those. An entry whose
 * name is not text in UTF-8 or contains a line feed is left out: no account can bear it. `mounts` tells mount points
 * apart.
 */
export async function listMailboxes(
  session: HostSession,
  domainPath: string,
  options: { names?: string[]; mounts?: boolean } = {},
): Promise<Mailbox[]> {
  const names = options.names?.map((name) => entryName(name, "mailbox"));
  const which = options.mounts === true ? "placed" : "some";
  const lines = [absolutePath(domainPath, "directory of the domain"), names ? which : "all", ...(names ?? [])];
  const output = await runChecked(session, {
    script: listScript,
    input: `${lines.join("\n")}\n`,
    doing: "listing mailboxes",
    object: `directory ${domainPath}`,
    timeout: countTimeout,
  });
  const found = new Map<string, Mailbox>();
  for (const line of output.split("\n")) {
    const [, kind, first, second, name] = /^(\w) (\S+) (\S+) (.+)$/.exec(line) ?? [];
    if (first === undefined || second === undefined || name === undefined || name.includes("\ufffd")) continue;
    if (kind === "e") {
      const plain = { name, inode: first, symlink: second === "l", directory: second === "d" || second === "m" };
      const mount = second === "m" ? { mountPoint: true as const } : {};
      found.set(name, { ...plain, ...mount, messages: 0, bytes: 0 });
    }
    const mailbox = found.get(name);
    if (kind === "m" && mailbox) found.set(name, { ...mailbox, messages: Number(first), bytes: Number(second) });
  }
  // Those asked for in the order they were asked for, whatever the host's own is.
  return names ? [...new Set(names)].flatMap((name) => found.get(name) ?? []) : [...found.values()];
}

/** Makes an empty directory, by which the API's machine is recognised. Throws when the name is taken. */
export function makeProbe(session: HostSession, directory: string, name: string): Promise<void> {
  return probe(session, "make", directory, name);
}

/** Removes what {@link makeProbe} made; absent or empty only. */
export function removeProbe(session: HostSession, directory: string, name: string): Promise<void> {
  return probe(session, "remove", directory, name);
}

/**
 * Removes a mailbox directory without a message. It is put out of the server's sight and looked at again first; a
 * message that arrives in that moment is put back. Absent is done. Throws `DELETE_REFUSED` when the inode is another
 * one or a message is there.
 */
export async function removeEmptyMailbox(session: HostSession, path: string, inode: string): Promise<void> {
  const input = `${absolutePath(path, "mailbox")}\n${plainId(inode, "inode")}\n`;
  const doing = "removing an empty mailbox directory";
  const reply = await session.run({ script: removeScript, input, doing, object: `directory ${path}`, timeout: 120 });
  if (reply.code !== 0) throw refused(`directory ${path}`, doing, reply.stderr);
}

/**
 * Moves every message of `from` into the INBOX of `to` under free names, as the vendor documents it for restored mail,
 * and what is left of `from` into `parking`. The index is set aside, so that the server rebuilds it. Answers the count.
 * Both directories must lie on one file system. Throws `DELETE_REFUSED` when an inode is another one.
 */
export async function moveMessages(
  session: HostSession,
  move: { from: BoundDirectory; to: BoundDirectory; parking: string },
): Promise<number> {
  const { from, to } = move;
  const lines = [
    absolutePath(from.path, "mailbox"),
    plainId(from.inode, "inode"),
    absolutePath(to.path, "mailbox"),
    plainId(to.inode, "inode"),
    absolutePath(move.parking, "parking directory"),
  ];
  const doing = `moving its messages into ${to.path}`;
  const object = `directory ${from.path}`;
  const input = `${lines.join("\n")}\n`;
  const reply = await session.run({ script: messagesScript, input, doing, object, timeout: countTimeout });
  const count = Number(reply.stdout.trim() || Number.NaN);
  if (reply.code !== 0 || !Number.isInteger(count)) throw refused(object, doing, reply.stderr);
  return count;
}

/**
 * Removes the parked directories that hold no message, and the parking directory when it is empty then. Answers the
 * names of those that were left because a message is in them.
 */
export async function clearParking(session: HostSession, parking: string): Promise<string[]> {
  const input = `${absolutePath(parking, "parking directory")}\n`;
  const output = await runChecked(session, {
    script: sweepParkingScript,
    input,
    doing: "clearing the parking directory",
    object: `directory ${parking}`,
    timeout: countTimeout,
  });
  return output.split("\n").filter((name) => name !== "");
}

async function probe(session: HostSession, verb: "make" | "remove", directory: string, name: string): Promise<void> {
  await runChecked(session, {
    script: probeScript,
    input: `${verb}\n${absolutePath(directory, "directory")}\n${entryName(name, "probe")}\n`,
    doing: "probing whether the SSH host is the API's machine",
    object: `directory ${directory}`,
    timeout: 30,
  });
}

function refused(object: string, doing: string, happened: string): KerioError {
  return new KerioError("DELETE_REFUSED", {
    object,
    doing,
    happened: happened || "the host did not say why",
    outcome: "rejected",
  });
}
