import { createHash } from "node:crypto";
import { z } from "zod";
import { KerioError, messageOf } from "../errors";
import type { ArchiveRight } from "./archive-readers";
import type { PersonalContact, User, UserPattern } from "../kerio/methods/users";

const anObject = <T>(): z.ZodType<T> => z.custom<T>((value) => typeof value === "object" && value !== null);

const mailboxSchema = z.object({ inode: z.string().regex(/^\d+$/), messages: z.number(), bytes: z.number() });

const aliasSchema = z.object({
  id: z.string(),
  name: z.string(),
  deliverTo: z.string(),
  /** These, where the server told them, for an alias that is to be made again as it was. */
  deliverToId: z.string().optional(),
  type: z.string().optional(),
  description: z.string().optional(),
});

const recordSchema = z.object({
  domain: z.string(),
  domainId: z.string(),
  /** The directory that holds the domain's mailboxes, resolved on the host. */
  domainPath: z.string(),
  /** A private directory on the same file system, for what stands in the way. */
  parking: z.string(),
  from: z.string(),
  to: z.string(),
  oldId: z.string(),
  /** The old account as the server gave it; the server never gives a password. */
  before: anObject<User>(),
  /** What the new account gets: everything the old one had, overlaid with what the program declares. */
  settings: anObject<UserPattern>(),
  /** What of an account the program decides, by the names of the members; no values. */
  declared: z.array(z.string()).default([]),
  /** Settings that administrators have changed since the snapshot, by name: the new account may have been made before. */
  taken: z.array(z.string()).default([]),
  description: z.string(),
  enabled: z.boolean(),
  emailAddresses: z.array(z.string()),
  contact: anObject<PersonalContact>().optional(),
  groupIds: z.array(z.string()),
  lists: z.array(z.object({ id: z.string(), name: z.string(), kind: z.string() })),
  /** Rights to read the archives of mailing lists that the account has by itself. */
  archives: z.array(anObject<ArchiveRight>()).optional(),
  resources: z.array(z.object({ id: z.string(), name: z.string(), manager: z.boolean(), user: z.boolean() })),
  aliases: z.array(aliasSchema),
  /** Aliases of other domains that lead to the account. */
  aliasesElsewhere: z.array(aliasSchema.extend({ domainId: z.string(), domain: z.string() })).optional(),
  keepOldAddress: z.boolean(),
  /** Whether the program gives the old name to somebody else: an alias of it gives way whenever that one comes. */
  isPromised: z.boolean().optional(),
  passwordFrom: z.enum(["program", "generated"]),
  /** Missing when the old account never had a directory. */
  mailbox: mailboxSchema.optional(),
  /** The account that bears `to` at the beginning and is renamed by the same run, by its id: the mailbox is parked. */
  after: z.string().optional(),
  /** The rename whose new account is the old one here, by the id of that one's old account. */
  follows: z.string().optional(),
  /** Where the mailbox lay at the beginning, where that is not under `from`. */
  home: z.string().optional(),
  /** Aliases of other people under the new name, which this program gives away: they go when the person takes it. */
  inTheWay: z.array(aliasSchema).optional(),
  /** The name that the person gets in the end, where `to` is a temporary one. */
  transientFor: z.string().optional(),
});

const resultSchema = z.object({
  /** The account that the run has made, as soon as it is there. */
  madeId: z.string().optional(),
  /** The old account has not got its seat or addresses back: the next run tries again. */
  owed: z.boolean().optional(),
  /** The accounts may have been told to give something to each other. */
  swapBegun: z.boolean().optional(),
  /** The aliases that bore the new name and may have gone, so that the account could be made, by the ids of the snapshot. */
  lifted: z.array(z.string()).optional(),
  /** The same account, once the old one is gone. */
  newId: z.string().optional(),
  /** `random` when nobody knows the new account's password; `told` when a generated one went into an answer. */
  password: z.enum(["program", "random", "told"]).optional(),
  /** Everything was seen as wanted at the end; without it the next run goes on. */
  finished: z.boolean().optional(),
  rolledBack: z.boolean().optional(),
  heard: z.boolean().optional(),
  /** The engine's state holds the new account; whether it has heard the password is not known. */
  inState: z.boolean().optional(),
  /** The domain is on the server no more: nothing was left to do. */
  domainGone: z.boolean().optional(),
});

const snapshotSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** Never empty, or every account would bear it. */
  mark: z.string().regex(/^\[pulumi-kerio [0-9a-z]+\]$/),
  createdAt: z.string(),
  url: z.string(),
  order: z.enum(["accountFirst", "article"]),
  /** The store as the API names it, without a trailing slash. */
  storePath: z.string(),
  serverStartTime: z.string(),
  services: z.array(z.object({ id: z.string(), name: z.string(), isRunning: z.boolean(), howToStart: z.string() })),
  /** The names of the directories of each domain before the first effect. */
  directories: z.record(z.string(), z.array(z.string())),
  renames: z.array(recordSchema),
  /** By old id; written when a rename is over, and again when the engine has heard of it. */
  results: z.record(z.string(), resultSchema),
  /** Closed by `recover`, or for an engine that may not have heard a password: every rename is over. */
  recovered: z.boolean().optional(),
});

/** One rename of a snapshot: what was found before the first effect, and what is wanted. Never a password. */
export type RenameRecord = z.infer<typeof recordSchema>;

/** What was found on the server before the first effect of a run; root on the mail host alone can read it. */
export type Snapshot = z.infer<typeof snapshotSchema>;

export function writeText(snapshot: Snapshot): string {
  return JSON.stringify(snapshot, null, 1) + "\n";
}

/** @throws KerioError `RENAME_OPEN` when the text is no snapshot of a version this package knows. */
export function readText(id: string, text: string): Snapshot {
  try {
    // Results are written back under the id in the text: it must be the file's own.
    return snapshotSchema.extend({ id: z.literal(id) }).parse(JSON.parse(text));
  } catch (error) {
    throw new KerioError("RENAME_OPEN", {
      object: `snapshot ${id} on the mail host`,
      doing: "reading it",
      happened: `it is not in a form that this version knows (${messageOf(error).slice(0, 200)})`,
      next: "An earlier run with another version left it open. Finish it with that version, then run `pulumi up` again.",
      cause: error,
    });
  }
}

/** A snapshot with what the engine has been noted to have heard since its text was written. */
export function readStored({ id, text, heard = [] }: { id: string; text: string; heard?: string[] }): Snapshot {
  const snapshot = readText(id, text);
  for (const [key, result] of Object.entries(snapshot.results))
    if (result.newId !== undefined && heard.includes(heardMark(key))) result.heard = true;
  return snapshot;
}

/** What the host is told to note when the engine has heard of a rename, by the key of its result. */
export function heardMark(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}

/** The marks of everything that a snapshot holds as heard. */
export function heardMarks({ results }: Snapshot): string[] {
  return Object.keys(results)
    .filter((key) => results[key]?.heard === true)
    .map(heardMark);
}

/** The record of the rename that starts from an account, the one that gives the person the wanted name. */
export function recordOf(snapshot: Snapshot, oldId: string): RenameRecord | undefined {
  return snapshot.renames.find((record) => resultKey(record) === oldId);
}

/** A directory of the new name that somebody else has made meanwhile is known from now on, and surprises nobody. */
export function noteForeign(snapshot: Snapshot, { domain, to }: RenameRecord): void {
  (snapshot.directories[domain] ??= []).push(to);
}

/** The renames of a snapshot that give a person the wanted name, without those to a temporary one. */
export function lastingRenames(snapshot: Snapshot): RenameRecord[] {
  return snapshot.renames.filter((record) => record.transientFor === undefined);
}

/** Where the results of a rename are written: under the id of the account that the person had at the beginning. */
export function resultKey(record: RenameRecord): string {
  return record.transientFor === undefined ? personOf(record) : `${record.oldId} aside`;
}

/** The person of a rename, by the account of the beginning: both halves of a rename in two are one person's. */
export function personOf(record: RenameRecord): string {
  return record.follows ?? record.oldId;
}

/** Under what key others wait for a rename. */
export function linkKey(record: Pick<RenameRecord, "oldId" | "follows">): string {
  return record.follows === undefined ? record.oldId : `${record.follows} then`;
}

/** The local part that the person bears at the beginning. */
export function bornAs(record: RenameRecord): string {
  return record.home ?? record.from;
}

/** Whether every rename of the snapshot is over, and the engine has heard of each that succeeded or need not. */
export function isSettled({ renames, results, recovered }: Snapshot): boolean {
  return renames.every((record) => {
    const result = results[resultKey(record)];
    // The first half of a rename in two has come to its end with the second, or has been taken back with it.
    if (record.transientFor !== undefined)
      return results[personOf(record)]?.rolledBack !== true || result?.rolledBack === true;
    const isKnown = result?.heard === true || recovered === true;
    return result !== undefined && (result.rolledBack === true || (isKnown && result.finished === true));
  });
}

/** Whether a rename of the snapshot still has something to do. */
export function isOpen(snapshot: Snapshot, record: RenameRecord): boolean {
  const result = snapshot.results[resultKey(record)];
  return result?.finished !== true && result?.rolledBack !== true;
}

/** What the description of an account that a run has made holds until the run is over. */
export function markedDescription(snapshot: Snapshot, record: RenameRecord): string {
  const to = record.transientFor ?? record.to;
  return `${snapshot.mark} ${bornAs(record)} is being renamed to ${to}; do not change or remove this account`;
}
