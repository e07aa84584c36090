import type { Alias } from "../kerio/methods/aliases";
import { openHost, type MailServer } from "./mail-server";
import { Journal } from "./journal";
import { createNewcomers } from "./newcomers";
import { sleep } from "../retry";
import { Patience } from "./patience";
import type { NewcomerPreview } from "./preview";
import type { RenameQuestion } from "./questions";
import { UpdatePreview } from "./update-preview";
import { goOnWithAll } from "./go-on-with-all";
import { renameMany } from "./rename-many";
import type { Answer } from "./renaming";
import type { RunHooks } from "./run-context";
import { isInterim } from "./interim-aliases";
import { aliasDescription, promisedDescription } from "./steps/addresses";
import { underSupervision } from "./take-host";
import { unknownHost } from "./unknown-host";
import { untilAnswered } from "./until-answered";
import type { AnnouncedRename, Fate, Findings, UserRequest, UserResult } from "./user-request";
import { abandoned, keyOf, mayWait, nameNotFreed, newcomersTooEarly, renamesTooEarly, type Waiting } from "./waiting";

/** What the coordinator needs to know about the rest of the process. */
export interface CoordinatorOptions {
  /** Whether a `check` of this process has declared a user of that name, by whatever resource. */
  isDeclared?: (domain: string, name: string) => boolean;
  /** Whether the engine is known to have an account in its state, so that it has heard how that came into being. */
  isInState?: (userId: string) => boolean;
  /** Whether whoever asks is gone, so that no answer would be heard. */
  isAbandoned?: () => Promise<boolean>;
  /** Whether the program gives an alias another name in this update, by the server's id. */
  isAliasLeaving?: (aliasId: string) => boolean;
  /** Called around every step of a rename. */
  hooks?: RunHooks;
}

/** Milliseconds without a call to the plugin after which everybody has come: renames share one stop of the service. */
const quietForRenames = 1000;

/** The same for newcomers, who only share one call; in-flight calls were seen at most 69 ms apart. */
const quietForNewcomers = 100;

/** Milliseconds until a name that was not free is looked at again. */
const nextLook = 100;

/** Milliseconds after which nobody waits any longer for the engine to fall silent. */
const longestTalk = 30_000;

const noHooks: RunHooks = { before: () => {}, after: () => {} };

/**
 * The one door through which users come into being on one server: collects the creates in flight, makes newcomers
 * in bulk and all renames in one window, and answers each by itself.
 */
export class Coordinator {
  private readonly journal: Journal;
  private readonly announced = new Map<string, AnnouncedRename>();
  private readonly freed = new Set<string>();
  /** Sources of renames that have been answered. */
  private readonly answered = new Set<string>();
  private batches = 0;
  /** Batches of renames for which the service was stopped. */
  private readonly stopped = new Set<number>();
  private waiting: Waiting[] = [];
  private lastCall = 0;
  private working = false;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly patience: Patience;
  private readonly preview: UpdatePreview;

  constructor(
    private readonly server: MailServer,
    private readonly options: CoordinatorOptions = {},
  ) {
    this.journal = new Journal(server);
    this.patience = new Patience(server);
    this.preview = new UpdatePreview(server, this.journal, this.patience, {
      isDeclared: (domain, name) => this.isDeclared(domain, name),
      becomesFree: (domain, name) => this.isSource(domain, name) || this.freed.has(keyOf(domain, name)),
      isPendingSource: (userId) => this.isPendingSource(userId),
      givesWay: (domain, alias) => this.givesWay(domain, alias),
    });
  }

  /** To be called for every call that reaches the plugin: a quiet second means that everybody has come. */
  noticeCall(): void {
    this.lastCall = Date.now();
  }

  /**
   * Waits until every call that the engine has to make has reached the plugin: a second without one, or half a minute.
   *
   * @param enough ends the wait as soon as it holds
   */
  async untilAllHaveCome(enough: () => boolean): Promise<void> {
    const until = Date.now() + longestTalk;
    while (!enough() && Date.now() < Math.min(this.lastCall + quietForRenames, until)) await sleep(50);
  }

  /** Remembers that this update will rename an account, so that nobody adopts the name or the account meanwhile. */
  announce(rename: AnnouncedRename): void {
    this.announced.set(keyOf(rename.domain, rename.from), rename);
  }

  /** Whether a rename of this process that has not been carried out starts from that name. */
  isSource(domain: string, name: string): boolean {
    return this.announced.has(keyOf(domain, name));
  }

  /**
   * Whether a rename of this process started from that name, done or not: whoever bears it may be somebody else by now.
   * `to` is left out where the preview has not asked about that rename.
   */
  wasSource(domain: string, name: string): { to?: string } | undefined {
    const key = keyOf(domain, name);
    if (!this.announced.has(key) && !this.freed.has(key)) return undefined;
    const to = this.announced.get(key)?.to ?? this.preview.targetOf(domain, name);
    return { ...(to !== undefined && { to }) };
  }

  /** Whether a rename of this process starts from the account of that id and has not been finished. */
  isPendingSource(userId: string): boolean {
    return [...this.announced.values()].some((rename) => rename.fromId === userId);
  }

  /**
   * Creates, adopts or renames.
   * @throws KerioError when nothing of it is left on the server; PartialFailure when the account exists
   */
  create(request: UserRequest): Promise<UserResult> {
    this.noticeCall();
    if (request.renamedFrom) {
      const { name, userId } = request.renamedFrom;
      this.announce({ domain: request.domain, from: name, to: request.name, fromId: userId });
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, since: Date.now(), resolve, reject });
      void this.work();
    });
  }

  /** The preview's questions about a rename; reads only. */
  checkRename(rename: RenameQuestion): Promise<Findings & { explanation: string; together: string }> {
    return this.preview.ofRename(rename);
  }

  /** Asks again where the server is away because of a run that died or is at work: whoever asks waits for its return. */
  patiently<T>(ask: () => Promise<T>, mayRepeat?: (error: unknown) => boolean): Promise<T> {
    return this.patience.ask(ask, mayRepeat);
  }

  /** The preview's questions about a new user; reads only. */
  checkNewcomer(newcomer: NewcomerPreview): Promise<Findings> {
    return this.preview.ofNewcomer(newcomer);
  }

  /** What became of an account that is not found under its id; asks the snapshots on the host. */
  fate(userId: string): Promise<Fate> {
    return this.journal.fate(userId);
  }

  /** The rename of an account, or to it, that was begun and has not ended; asks the snapshots on the host. */
  openRename(userId: string): Promise<{ from: string; to: string } | undefined> {
    return this.journal.openRename(userId);
  }

  /** The engine has heard the result of the rename of that old id: closes its snapshot. */
  heard(oldUserId: string): Promise<void> {
    return this.journal.heard(oldUserId);
  }

  /** The engine's state holds the account of that id, or did until it had it removed: see {@link Journal.heardOf}. */
  heardOf(newUserId: string, isRemoved = false): Promise<void> {
    return this.journal.heardOf(newUserId, isRemoved);
  }

  /**
   * Finishes what a rename left to do that had failed after its new account came into being; undefined when nothing
   * of that account is open.
   *
   * @param knowsPassword whether the engine's state holds the account's password
   * @param isUnfinished whether it says that something of the account is unfinished. Default true
   * @throws KerioError `CONFIG_INVALID` or `HOST_KEY_UNKNOWN` for one whose rename is unfinished, where the stack has no SSH settings
   */
  async finishOpen(
    newUserId: string,
    request: UserRequest,
    knowsPassword: boolean,
    isUnfinished = true,
  ): Promise<UserResult | undefined> {
    if (!this.server.settings.ssh) {
      // Without the host nobody can tell that nothing is open.
      if (request.renamedFrom && isUnfinished) throw await unknownHost(this.server.settings);
      return undefined;
    }
    return this.inTurn(() => this.finish(newUserId, request, { userId: newUserId, password: knowsPassword }));
  }

  private async finish(
    newUserId: string,
    request: UserRequest,
    known: { userId: string; password: boolean },
  ): Promise<UserResult | undefined> {
    let answer: Answer | undefined;
    const host = await openHost(this.server);
    try {
      await underSupervision(this.server, host, [request.domain], async (_facts, supervisor, held) => {
        // The lock may have been waited for as long as ten minutes.
        if (await this.options.isAbandoned?.()) throw abandoned(request, "finishing what an earlier run has left");
        const base = {
          server: this.server,
          host: held,
          supervisor,
          hooks: this.hooks(),
          hasNewBearer: this.hasNewBearer,
        };
        answer = (await goOnWithAll(base, [request], { known })).get(request);
      });
    } finally {
      this.journal.forget();
      this.server.inventory.invalidate();
      await host.close();
    }
    if (answer?.ok && answer.value.userId !== newUserId) return undefined;
    if (answer?.ok === false) throw answer.error;
    return answer?.value;
  }

  /** One thing at a time: what is finished leaves aliases that newcomers remove, and the other way round. */
  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(act);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    try {
      while (this.waiting.length > 0) {
        await this.untilQuiet();
        // What is begun is finished; nothing is begun for an engine that will never hear of it.
        const isAbandoned = (await this.options.isAbandoned?.()) ?? false;
        const batch = this.waiting.splice(0);
        if (isAbandoned) {
          for (const { request, reject } of batch) reject(abandoned(request));
          continue;
        }
        await this.inTurn(() => this.handle(batch));
        // Timers and calls would starve while everybody just queues up again.
        if (batch.every((one) => this.waiting.includes(one))) await sleep(nextLook);
      }
    } finally {
      this.working = false;
    }
  }

  private async untilQuiet(): Promise<void> {
    for (;;) {
      const needed = this.waiting.some(({ request }) => this.concernsRename(request))
        ? quietForRenames
        : quietForNewcomers;
      const left = this.lastCall + needed - Date.now();
      if (left <= 0) return;
      await sleep(left);
    }
  }

  private concernsRename(request: UserRequest): boolean {
    return request.renamedFrom !== undefined || this.isSource(request.domain, request.name);
  }

  private async handle(batch: Waiting[]): Promise<void> {
    const isRename = ({ request }: Waiting) => request.renamedFrom !== undefined;
    const needsFreedName = ({ request }: Waiting) =>
      !request.renamedFrom && this.isSource(request.domain, request.name);
    const comes = (key: string) => this.announced.has(key) && !this.answered.has(key);
    const batchesBefore = this.batches;
    const early = new Set(renamesTooEarly(batch.filter(isRename), comes));
    const others = batch.filter((one) => !isRename(one) && !needsFreedName(one));
    if (Date.now() - this.lastCall < quietForRenames)
      for (const one of await newcomersTooEarly(this.server, others)) early.add(one);
    // Names may have been announced meanwhile.
    const newcomers = others.filter((one) => !early.has(one) && !needsFreedName(one));
    const later = batch.filter((one) => !early.has(one) && needsFreedName(one));
    await this.settle(newcomers, (requests) => this.makeNewcomers(requests));
    await this.settle(
      batch.filter((one) => isRename(one) && !early.has(one)),
      (requests) => this.rename(requests),
    );
    // While the service was away nobody could be heard: the rest of the engine's calls is still to come.
    if (this.batches > batchesBefore) this.noticeCall();
    this.waiting.push(...early);
    const ready = later.filter((one) => !needsFreedName(one));
    await this.settle(ready, (requests) => this.makeNewcomers(requests));
    for (const one of later.filter((other) => !ready.includes(other))) this.waitOn(one);
  }

  private waitOn(one: Waiting): void {
    if (mayWait(one)) this.waiting.push(one);
    else one.reject(nameNotFreed(one.request));
  }

  private makeNewcomers(requests: UserRequest[]): Promise<Map<UserRequest, Answer>> {
    const isFreed = (domain: string, name: string) => this.freed.has(keyOf(domain, name));
    // Whoever was made although no answer told is seen by the next look, and taken over.
    const make = (some: UserRequest[]) => createNewcomers(this.server, some, isFreed);
    return untilAnswered(this.patience, requests, make);
  }

  private async rename(requests: UserRequest[]): Promise<Map<UserRequest, Answer>> {
    const { isInState, isAbandoned } = this.options;
    this.batches++;
    const givesWay = (domain: string, alias: Alias) => this.givesWay(domain, alias);
    const known = { ...(isInState && { isInState }), ...(isAbandoned && { isAbandoned }) };
    const rest = { hooks: this.hooks(), hasNewBearer: this.hasNewBearer, givesWay, ...known };
    const answers = await renameMany(this.server, requests, rest);
    this.journal.forget();
    for (const request of requests) {
      const from = request.renamedFrom?.name ?? "";
      this.answered.add(keyOf(request.domain, from));
      // A rename that failed stays announced: nobody may take the name, and its account must not be deleted.
      if (answers.get(request)?.ok !== true) continue;
      this.announced.delete(keyOf(request.domain, from));
      this.freed.add(keyOf(request.domain, from));
    }
    return answers;
  }

  private async settle(
    batch: Waiting[],
    act: (requests: UserRequest[]) => Promise<Map<UserRequest, Answer>>,
  ): Promise<void> {
    if (batch.length === 0) return;
    try {
      const answers = await act(batch.map((one) => one.request));
      for (const { request, resolve, reject } of batch) {
        const answer = answers.get(request);
        if (answer?.ok) resolve(answer.value);
        else reject(answer?.error ?? new Error(`no answer for ${request.name}`));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** An alias that a rename has left for its next bearer, or that the program gives another name. */
  private givesWay(domain: string, { id, name, description }: Alias): boolean {
    const isLeft = description === aliasDescription && this.freed.has(keyOf(domain, name));
    const isPromised = description === promisedDescription || isInterim({ description });
    return isLeft || isPromised || (this.options.isAliasLeaving?.(id) ?? false);
  }

  private readonly hasNewBearer = (domain: string, name: string): boolean =>
    this.isDeclared(domain, name) ||
    this.waiting.some(({ request }) => request.domain === domain && request.name === name);

  private isDeclared(domain: string, name: string): boolean {
    return this.options.isDeclared?.(domain, name) ?? false;
  }

  private hooks(): RunHooks {
    const { before, after } = this.options.hooks ?? noHooks;
    const tell = (point: string) => {
      if (point !== "move-mailboxes" || this.stopped.has(this.batches)) return;
      if (this.stopped.add(this.batches).size === 2) this.server.log.info(furtherStop);
    };
    return { before: (point) => (tell(point), before(point)), after };
  }
}

const furtherStop =
  "The mail service is stopped once more: the engine has not let all renames of this update begin together. With " +
  "PULUMI_PARALLEL (or --parallel) at least as large as the number of resources that change, they share one stop.";
