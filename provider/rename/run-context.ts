import { KerioError } from "../errors";
import { listMailboxes, type Mailbox } from "../host/directories";
import type { HostSession } from "../host/session";
import type { Supervisor } from "../host/supervisor";
import { listUsers, type User } from "../kerio/methods/users";
import type { MailServer } from "./mail-server";
import { bornAs, resultKey, type RenameRecord, type Snapshot } from "./snapshot";

/** One rename while it is being carried out. */
export interface Renaming {
  readonly record: RenameRecord;
  /** Whether a request of this process waits for it, and needs a password that somebody knows. */
  readonly needsPassword: boolean;
  /** The program's password, where this process knows it. Never written anywhere. */
  readonly password?: string;
  /** Set when this process has created the new account with {@link password}. */
  passwordSet: boolean;
  /**
   * Set while the old account may be going: its removal was sent, or an earlier run may have sent it, and the server has
   * not said with certainty that the account stays. From then on forward only.
   */
  removalSent?: boolean;
  /** Set once everything of it was asked for in one call; what the server has not done of it follows step by step. */
  askedAtOnce?: boolean;
  /** Set where an earlier run has begun to hand over: somebody may have changed since what the person lives with. */
  wasHandedOver?: boolean;
  /** How often the server has refused to change an alias of another domain, by its id. */
  refusedAliases?: Map<string, number>;
  /** Aliases of other domains that the last look was refused and that the old name does not stand in for. */
  unseenAliases?: string[];
  /** Set when the photo of the contact has been handed on, whether or not the server took it. */
  photoTried?: boolean;
  /** Set when the mailbox has been put under its new name while no engine ran, so that the next one finds it there. */
  placedInStop?: boolean;
  /** The extra addresses that the old account cannot have again, by local part, with the server's reason. */
  refusedAddresses?: ReadonlyMap<string, string>;
  /** A password that the server generated as the last act. */
  initialPassword?: string;
  /** Why this rename cannot go on; its neighbours do. */
  failure?: unknown;
  /** What was not seen at the end although the rename as such is done. */
  incomplete: string[];
  /** Set when the mailbox was not seen under the new name at the end. */
  mailboxUnseen?: boolean;
  /** Sentences for the user. */
  notes: string[];
}

/** Called around every step; the crash test dies in it. */
export interface RunHooks {
  before(step: string): Promise<void> | void;
  after(step: string): Promise<void> | void;
}

/** Everything a step may use. */
export interface RunContext {
  readonly server: MailServer;
  readonly host: HostSession;
  readonly supervisor: Supervisor;
  readonly snapshot: Snapshot;
  readonly renamings: Renaming[];
  readonly hooks: RunHooks;
  /** Whether a user of that name is declared or waiting, so that an alias of the old address gives way to that one. */
  readonly hasNewBearer: (domain: string, name: string) => boolean;
  /** Set once the service has been stopped and started by this run. */
  windowDone: boolean;
  /** Whether services were held, when this snapshot was begun, that the one before it could not open. */
  readonly heldBefore?: boolean;
  /** Set in the run that took the snapshot: nothing of it has been handed over before. */
  readonly isFirst?: boolean;
  /** Set once the service has been restarted because a mailbox was not seen. */
  restarted?: boolean;
  /** What was looked at since the last effect, so that one look serves several questions; see {@link lookAgain}. */
  readonly seen: Map<string, Promise<unknown>>;
}

/** Forgets what was seen: to be called after every effect, and before one that must not rest on an older look. */
export function lookAgain(run: RunContext): void {
  run.seen.clear();
}

function lookOnce<T>(run: Look, what: string, look: () => Promise<T>): Promise<T> {
  const known = run.seen.get(what) as Promise<T> | undefined;
  if (known) return known;
  const seen = look();
  run.seen.set(what, seen);
  return seen;
}

/** The renamings that have not failed. */
export function alive(run: RunContext): Renaming[] {
  return run.renamings.filter((renaming) => renaming.failure === undefined);
}

/** Whole old address. */
export function oldAddress(record: RenameRecord): string {
  return `${bornAs(record)}@${record.domain}`;
}

/** Whole new address. */
export function newAddress(record: RenameRecord): string {
  return `${record.to}@${record.domain}`;
}

/** The accounts of a rename as the server lists them now. */
export interface Accounts {
  /** The account with the old id. */
  old?: User;
  /** The account that this run made: it bears the new name, and the mark or an id that the snapshot holds. */
  fresh?: User;
  /** An account of the new name that this run renames too, and that has not made way yet. */
  predecessor?: User;
  /** An account of the new name that this run did not make. */
  stranger?: User;
}

/** What a look at the server needs. */
export type Look = Pick<RunContext, "server" | "host" | "snapshot" | "seen">;

/** All accounts of a domain, listed once between two effects. */
export function seeUsers(run: Look, domainId: string): Promise<User[]> {
  return lookOnce(run, `users ${domainId}`, () => listUsers(run.server.client, { domainId }));
}

/** Lists each domain once and finds the accounts of every renaming. */
export async function seeAccounts(run: Look, renamings: Renaming[]): Promise<Map<Renaming, Accounts>> {
  const byDomain = new Map<string, User[]>();
  for (const domainId of new Set(renamings.map((r) => r.record.domainId))) {
    byDomain.set(domainId, await seeUsers(run, domainId));
  }
  return new Map(
    renamings.map((renaming) => [
      renaming,
      accountsOf(byDomain.get(renaming.record.domainId) ?? [], renaming.record, run.snapshot),
    ]),
  );
}

/** Pure part of {@link seeAccounts}. */
export function accountsOf(users: User[], record: RenameRecord, snapshot: Snapshot): Accounts {
  const old = users.find((user) => user.id === record.oldId);
  const bearer = users.find((user) => user.loginName.toLowerCase() === record.to && user.id !== record.oldId);
  if (!bearer) return { old };
  const marked = (bearer.description ?? "").includes(snapshot.mark);
  const { madeId, newId } = snapshot.results[resultKey(record)] ?? {};
  if (marked || bearer.id === madeId || bearer.id === newId) return { old, fresh: bearer };
  const isOfThisRun = snapshot.renames.some((other) => other.oldId === bearer.id);
  return isOfThisRun ? { old, predecessor: bearer } : { old, stranger: bearer };
}

/** Where the directories of a rename are now. */
export interface Directories {
  from?: Mailbox;
  to?: Mailbox;
  /** What lies where the mailbox lay at the beginning. */
  home?: Mailbox;
  /** Whether the mailbox of the snapshot lies where it was, under the new name, in parking, or nowhere of these. */
  mailboxAt: "from" | "to" | "parked" | "neither";
}

/** Where a mailbox waits until nobody bears its new name. */
export function parkedName({ mailbox }: RenameRecord): string {
  return `mailbox-${mailbox?.inode ?? "none"}`;
}

/** Where a mailbox lay at the beginning. */
export function homePath(record: RenameRecord): string {
  return `${record.domainPath}/${bornAs(record)}`;
}

/** The inodes of all mailboxes of a run: a directory with one of them is somebody's, whatever its name. */
export function plannedInodes(snapshot: Snapshot): Set<string> {
  return new Set(snapshot.renames.flatMap((record) => record.mailbox?.inode ?? []));
}

/** Looks at the directories of every renaming on the host, one look a domain. */
export async function seeDirectories(run: Look, renamings: Renaming[]): Promise<Map<Renaming, Directories>> {
  const seen = new Map<Renaming, Directories>();
  for (const domainPath of new Set(renamings.map((r) => r.record.domainPath))) {
    const here = renamings.filter((r) => r.record.domainPath === domainPath);
    // Always all names of the run, so that one listing answers for every subset of its renamings.
    const all = run.snapshot.renames.filter((record) => record.domainPath === domainPath);
    const list = () =>
      listMailboxes(run.host, domainPath, {
        names: [...new Set(all.flatMap((record) => [record.from, record.to, bornAs(record)]))],
      });
    const mailboxes = await lookOnce(run, `mailboxes ${domainPath}`, list);
    const parked = await seeParked(run, all, mailboxes);
    for (const renaming of here) seen.set(renaming, directoriesOf(mailboxes, renaming.record, parked));
  }
  return seen;
}

/** The mailboxes that wait in parking; where none can, or all are seen elsewhere, nobody asks. */
async function seeParked(run: Look, records: RenameRecord[], elsewhere: Mailbox[]): Promise<Mailbox[]> {
  const isElsewhere = (inode: string) => elsewhere.some((mailbox) => mailbox.inode === inode);
  const waiting = records.filter(
    ({ after, mailbox }) => mailbox !== undefined && (after !== undefined || !isElsewhere(mailbox.inode)),
  );
  const [first] = waiting;
  if (!first) return [];
  const list = () => listMailboxes(run.host, first.parking, { names: waiting.map(parkedName) });
  return lookOnce(run, `parked ${first.domainPath}`, list);
}

/** Pure part of {@link seeDirectories}. */
export function directoriesOf(mailboxes: Mailbox[], record: RenameRecord, parked: Mailbox[] = []): Directories {
  const named = (name: string) => mailboxes.find((mailbox) => mailbox.name === name);
  const [from, to, home] = [named(record.from), named(record.to), named(bornAs(record))];
  const inode = record.mailbox?.inode;
  return { from, to, home, mailboxAt: where() };

  function where(): Directories["mailboxAt"] {
    // Without a mailbox there is nothing to look for, and what lies under a name that somebody bears is theirs.
    if (inode === undefined) return to !== undefined && record.after === undefined ? "to" : "neither";
    if (home?.inode === inode) return "from";
    if (to?.inode === inode) return "to";
    return parked.some((mailbox) => mailbox.inode === inode && mailbox.directory) ? "parked" : "neither";
  }
}

/**
 * Whether a mailbox lies where it was. Where another directory lies in its place, and nothing under the new name, the store
 * was renewed since, and nothing has moved.
 */
export function isHome({ mailbox }: RenameRecord, { mailboxAt, home, to }: Directories): boolean {
  const isRenewed = mailboxAt === "neither" && home?.directory === true && to === undefined;
  return mailbox !== undefined && (mailboxAt === "from" || isRenewed);
}

/**
 * Whether the mailbox lies under the new name. Where the store was renewed since, another directory lies there, and its
 * messages tell.
 */
export function isMoved({ mailbox }: RenameRecord, { mailboxAt, to }: Directories): boolean {
  if (mailbox === undefined || mailboxAt === "to") return true;
  return mailboxAt === "neither" && to?.directory === true && to.messages >= mailbox.messages;
}

/** Whether the mailbox that was to be moved is nowhere that a rename could have left it. */
export function isAstray(record: RenameRecord, seen: Directories): boolean {
  return record.mailbox !== undefined && seen.mailboxAt === "neither" && !isHome(record, seen);
}

/** An error about one rename. */
export function renameError(
  code: "RENAME_OPEN" | "RENAME_REFUSED" | "RENAME_ROLLED_BACK",
  record: RenameRecord,
  facts: { doing: string; happened: string; next?: string; cause?: unknown },
): KerioError {
  return new KerioError(code, {
    object: `user ${oldAddress(record)}, being renamed to ${record.transientFor ?? record.to}@${record.domain}`,
    outcome: "rejected",
    ...facts,
  });
}
