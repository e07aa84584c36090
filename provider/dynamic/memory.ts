import { Holders } from "./holders";
import { NameBook } from "./name-book";

/** A name that a resource claims: of one kind, on one server, in one domain. */
export interface Claim {
  kind: string;
  /** Name of the server in the stack's configuration; "" is the default one. */
  server: string;
  domain: string;
  /** Local part. */
  name: string;
}

/** A rename that a `check` with old inputs has seen. */
export interface NameChange {
  server: string;
  domain: string;
  from: string;
  to: string;
  logicalName: string;
  /** Whether an alias stays under the old name. */
  leavesAlias?: boolean;
}

/** A rename that a `diff` has confirmed, with what only the `diff` knows. */
export interface MarkedRename extends NameChange {
  oldId: string;
  /** Earlier names of the account, the one it loses now included. */
  previousNames: string[];
}

/** A leaver, and the heir of the mail; both local parts. */
export interface Bequest {
  server: string;
  domain: string;
  from: string;
  to: string;
  /** Settled when the leaver is gone, or stays after all; never rejected. */
  done: Promise<void>;
}

/** A rename that is not done; one that the program names by hand knows no id. */
type PendingRename = NameChange & { oldId?: string };

interface Pending extends PendingRename {
  started: boolean;
  waiters: (() => void)[];
}

/** From which account a rename starts: by the server's id, where that is known. */
type Source = Pick<PendingRename, "server" | "domain" | "from" | "oldId">;

/**
 * What one plugin process remembers between the engine's calls. A replacement reaches the provider as separate calls
 * that know nothing of each other; this is where they meet. Nothing here outlives the process.
 */
export class Memory {
  /** Whose accounts and aliases are, by the server's ids. */
  readonly holders = new Holders();
  /** The names that users take, extra addresses included. */
  readonly addresses = new NameBook();
  private readonly owners = new Map<string, string>();
  private readonly claims = new Map<string, Claim & { isNew: boolean }>();
  private readonly announced = new Map<string, NameChange>();
  private readonly marked = new Map<string, MarkedRename>();
  private readonly pending = new Map<string, Pending>();
  private readonly said = new Set<string>();
  private readonly inState = new Set<string>();
  private readonly unfinished = new Set<string>();
  private readonly leavingAliases = new Set<string>();
  private readonly healed = new Set<string>();
  private readonly answered = new Set<string>();
  private readonly lookedUp = new Set<string>();
  private readonly leavers = new Set<string>();
  private readonly bequests: Bequest[] = [];

  /**
   * Records that a resource claims a name; its earlier claim is given up.
   *
   * @param logicalName what the resource is known by, behind the types of its parents: `Staff$boss`
   * @param isNew whether the engine has no state of the resource, and it is not the new half of a rename
   * @returns the logical name of another resource that claims the same, or undefined
   */
  declare(claim: Claim, logicalName: string, isNew = false): string | undefined {
    const holder = this.owners.get(key(claim));
    if (holder !== undefined && holder !== logicalName) return holder;
    const resource = `${claim.kind} ${logicalName}`;
    const earlier = this.claims.get(resource);
    if (earlier) this.owners.delete(key(earlier));
    this.claims.set(resource, { ...claim, isNew });
    this.owners.set(key(claim), logicalName);
    return undefined;
  }

  /** Whether a resource of this process claims that name. */
  isDeclared(claim: Claim): boolean {
    return this.owners.has(key(claim));
  }

  /** The logical name of the resource that claims that name. */
  ownerOf(claim: Claim): string | undefined {
    return this.owners.get(key(claim));
  }

  /** The name that a resource claims, by its logical name; a new one may have been put into a component. */
  claimOf(kind: string, logicalName: string): Claim | undefined {
    const known = this.claims.get(`${kind} ${logicalName}`);
    if (known || logicalName.includes("$")) return known;
    return [...this.claims].find(
      ([resource, claim]) => claim.isNew && claim.kind === kind && resource.endsWith(`$${logicalName}`),
    )?.[1];
  }

  /** A `check` with old inputs has seen another name. */
  announce(change: NameChange): void {
    this.announced.set(target(change), change);
  }

  /**
   * A `diff` has seen the same change: the rename is marked. A `diff` that no `check` has announced (the one of a
   * refresh) marks nothing.
   *
   * @returns whether it was marked
   */
  mark(rename: MarkedRename): boolean {
    const announced = this.announced.get(target(rename));
    if (announced?.from !== rename.from || announced.logicalName !== rename.logicalName) return false;
    this.announced.delete(target(rename));
    this.marked.set(target(rename), rename);
    this.pending.set(rename.oldId, { ...rename, started: false, waiters: [] });
    return true;
  }

  /** The second `check` of a replacement takes what the `diff` has marked, once. */
  take(to: Pick<NameChange, "server" | "domain" | "to" | "logicalName">): MarkedRename | undefined {
    const marked = this.marked.get(target(to));
    if (marked?.logicalName !== to.logicalName) return undefined;
    this.marked.delete(target(to));
    return marked;
  }

  /** Whether that `take` would take something. */
  isMarked(to: Pick<NameChange, "server" | "domain" | "to" | "logicalName">): boolean {
    return this.marked.get(target(to))?.logicalName === to.logicalName;
  }

  /** A `check` has seen a rename that the program names by hand: no `diff` will tell the id of its account. */
  expect(change: NameChange): void {
    const { started = false, waiters = [] } = this.pending.get(byHand(change)) ?? {};
    this.pending.set(byHand(change), { ...change, started, waiters });
  }

  /** The rename of that account, marked and not yet carried out. */
  pendingRename(oldId: string): PendingRename | undefined {
    return this.pending.get(oldId);
  }

  /** The rename from that name that the program names by hand and that is not done. */
  namedRename({ server, domain, name }: Pick<Claim, "server" | "domain" | "name">): PendingRename | undefined {
    return this.pending.get(byHand({ server, domain, from: name }));
  }

  /** A pending rename that takes or leaves that name. */
  pendingAt(claim: Pick<Claim, "server" | "domain" | "name">): PendingRename | undefined {
    return this.findPending(claim);
  }

  /** The `create` of that rename has reached the provider. */
  start(rename: Source): void {
    const pending = this.pending.get(sourceKey(rename));
    if (pending) pending.started = true;
  }

  /** The rename of that account has ended; a failed one stays pending, so that nobody deletes its account. */
  settle(rename: Source, done: boolean): void {
    const source = sourceKey(rename);
    const pending = this.pending.get(source);
    if (!pending) return;
    pending.started = false;
    if (done) this.pending.delete(source);
    for (const wake of pending.waiters.splice(0)) wake();
  }

  /**
   * Waits until no running rename takes or leaves that name.
   *
   * @param patience milliseconds to wait for a marked rename to begin; the engine may hold it back until this
   *   resource is done, so that waiting longer would wait for ever
   * @returns false when a marked rename has not begun in time
   */
  async settled(claim: Pick<Claim, "server" | "domain" | "name">, patience: number): Promise<boolean> {
    const until = Date.now() + patience;
    for (let pending = this.findPending(claim); pending; pending = this.findPending(claim)) {
      if (pending.started) {
        const running = pending;
        await new Promise<void>((resolve) => running.waiters.push(resolve));
        // In a chain of names another rename takes or leaves this one, too.
        if (this.pending.get(sourceKey(running)) === running) return false;
        continue;
      }
      if (Date.now() >= until) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return true;
  }

  /** A `diff` has seen that the program gives an alias another name; the engine removes the row at the end. */
  leaveAlias(aliasId: string): void {
    this.leavingAliases.add(aliasId);
  }

  /** Whether the program gives an alias of that id another name. */
  isAliasLeaving(aliasId: string): boolean {
    return this.leavingAliases.has(aliasId);
  }

  /**
   * The engine has asked about an account by its id, so its state holds that account.
   *
   * @param unfinished whether its last step stopped half-way, so that the engine may not have heard a password
   */
  seeInState(userId: string, unfinished = false): void {
    this.inState.add(userId);
    if (unfinished) this.unfinished.add(userId);
  }

  /** Whether the engine's state is known to hold everything that there is to hear of an account. */
  hasHeardOf(userId: string): boolean {
    return this.inState.has(userId) && !this.unfinished.has(userId);
  }

  /** Whether the engine's state is known to hold an account. */
  isInState(userId: string): boolean {
    return this.inState.has(userId);
  }

  /** A `create` of this process has been answered: accounts that it was about, by the server's id. */
  answer(...userIds: string[]): void {
    for (const id of userIds) this.answered.add(id);
  }

  /** Whether an answer of this process was about an account, so that the engine has heard what became of it. */
  isAnswered(userId: string): boolean {
    return this.answered.has(userId);
  }

  /** The engine has been told, as the answer to a `read`, that an account lives on under another id. */
  heal(oldId: string): void {
    this.healed.add(oldId);
  }

  /** Whether the engine has been told so of that account. */
  isHealed(oldId: string): boolean {
    return this.healed.has(oldId);
  }

  /** The program looks at an account without managing it. */
  lookUp(userId: string): void {
    this.lookedUp.add(userId);
  }

  /** Whether the program looks at an account without managing it. */
  isLookedUp(userId: string): boolean {
    return this.lookedUp.has(userId);
  }

  /** The removal of an account is about to be sent. */
  leave(userId: string): void {
    this.leavers.add(userId);
  }

  /** Whether the removal of an account is under way or done. */
  isLeaving(userId: string): boolean {
    return this.leavers.has(userId);
  }

  /** Somebody is to be removed, and the mail is to go to an heir. */
  bequeath(bequest: Bequest): void {
    this.bequests.push(bequest);
  }

  /** Everybody whose mail goes, or has gone in this process, to whoever bears that name. */
  bequestsTo(heir: Pick<Claim, "server" | "domain" | "name">): Bequest[] {
    return this.bequests.filter(
      ({ server, domain, to }) => server === heir.server && domain === heir.domain && to === heir.name,
    );
  }

  /** True the first time a sentence is said in this process. */
  once(text: string): boolean {
    if (this.said.has(text)) return false;
    this.said.add(text);
    return true;
  }

  private findPending({ server, domain, name }: Pick<Claim, "server" | "domain" | "name">): Pending | undefined {
    for (const rename of this.pending.values())
      if (rename.server === server && rename.domain === domain && (rename.from === name || rename.to === name))
        return rename;
    return undefined;
  }
}

function key({ kind, server, domain, name }: Claim): string {
  return JSON.stringify([kind, server, domain, name]);
}

function target({ server, domain, to }: Pick<NameChange, "server" | "domain" | "to">): string {
  return JSON.stringify([server, domain, to]);
}

function byHand({ server, domain, from }: Pick<NameChange, "server" | "domain" | "from">): string {
  return JSON.stringify([server, domain, from]);
}

function sourceKey(rename: Source): string {
  return rename.oldId ?? byHand(rename);
}
