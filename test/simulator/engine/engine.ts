import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Bindings } from "./bindings.js";
import { Counters } from "./counters.js";
import type { Door } from "./doors/door.js";
import { Downloads } from "./downloads.js";
import type { Environment } from "./environment.js";
import { Faults } from "./faults.js";
import { ensureFolder, ensureMailbox, mailboxUsage } from "./mailbox.js";
import { NewestMap } from "./newest-map.js";
import type { Waiting } from "./queue.js";
import { Sessions, type SessionLimits } from "./sessions.js";
import type { Domain, Resource, Service, State, User } from "./state.js";
import { storeModes, type Modes } from "./store-modes.js";
import { placeDevices } from "./stored-devices.js";
import { Switches } from "./switches.js";
import { Truth } from "./truth.js";

/** What the parts of one running engine share. Made anew at each start, so nothing but the files survives a stop. */
export class Engine {
  readonly switches: Switches;
  readonly faults = new Faults();
  readonly sessions = new Sessions();
  readonly startedAt = Date.now();
  /** Files that wait to be fetched. */
  readonly downloads = new Downloads();
  /** What Statistics shows, since the start or its last reset. */
  readonly counters = new Counters();
  /** The directories that accounts have taken hold of. */
  readonly bindings = new Bindings(this);
  /** The names of accounts that are gone while something may still refer to them, by id; forgotten at a stop. */
  readonly formerNames = new Map<string, { domainId: string; loginName: string }>();
  /** Accounts answered as removed that still stand in the lists. */
  readonly removing = new Set<string>();
  /** Files that were uploaded, by id: the newest quarter of a gigabyte. */
  readonly uploads = new NewestMap<string, Buffer>(2 ** 28, (file) => 1024 + file.length);
  /** How far a backup is, and how the last one went. */
  readonly backup = { inProgress: false, percents: 0, last: "backupStatusNone", startedAt: 0, finishedAt: 0, size: 0 };
  /** The mail programs that read, with the folder each of them has open. */
  readonly readers = new Set<{ user(): User | undefined; folder: { name: string } | undefined }>();
  /** Set by the process: the port of each service, by the service's name. */
  readonly doors = new Map<string, Door>();
  /** Set by the process: asks the host's service manager for an orderly stop and a start. */
  restart: () => void = () => {};
  /** Set by the process: writes the configuration files now. */
  save: () => void = () => {};
  /** Set by the process: delivers what waits in the queue. */
  runQueue: () => void = () => {};
  /** Set by the process: what waits in the queue. */
  queue: { list(): Waiting[]; remove(id: string): boolean } = { list: () => [], remove: () => false };

  private readonly waiting = new Set<() => void>();
  private usersById = { length: 0, last: undefined as User | undefined, rows: new Map<string, User>() };

  constructor(
    readonly programDir: string,
    stateDir: string,
    readonly environment: Environment,
    readonly state: State,
  ) {
    this.truth = new Truth(join(stateDir, "truth"));
    this.switches = new Switches(environment.switches, (name, figure) =>
      this.truth.write("switches", { name, figure }),
    );
  }

  readonly truth: Truth;

  /** The store, without a slash at the end. */
  get store(): string {
    return (this.state.settings.storePath || join(this.programDir, "store")).replace(/\/+$/, "");
  }

  /** Where backups go. */
  get backupPath(): string {
    return this.state.settings.backupPath || join(this.store, "backup");
  }

  /** Where the archive lies. */
  get archivePath(): string {
    return this.state.settings.archivePath || join(this.store, "archive");
  }

  /** The domain of this id. */
  domain(id: string): Domain | undefined {
    return this.state.domains.find((domain) => domain.id === id);
  }

  /** The local domain of this name, which may be one of its other names. */
  domainNamed(name: string): Domain | undefined {
    const lower = name.toLowerCase();
    return this.state.domains.find((domain) => domain.name === lower || domain.aliasList.includes(lower));
  }

  /** The primary domain; undefined before the set-up. */
  get primaryDomain(): Domain | undefined {
    return this.state.domains.find((domain) => domain.isPrimary) ?? this.state.domains[0];
  }

  /** The account of this id. */
  user(id: string): User | undefined {
    const { users } = this.state;
    // Rows are only ever appended and taken out, and no id comes twice: length and last row tell one list from another.
    if (this.usersById.length !== users.length || this.usersById.last !== users.at(-1)) {
      this.usersById = {
        length: users.length,
        last: users.at(-1),
        rows: new Map(users.map((user) => [user.id, user])),
      };
    }
    return this.usersById.rows.get(id);
  }

  /** `loginName@domain` of an account. */
  addressOf(user: User): string {
    return `${user.loginName}@${this.domain(user.domainId)?.name ?? ""}`;
  }

  /** How long sessions live, as set or as the server has it from the beginning. */
  get sessionLimits(): SessionLimits {
    const { sessionIdleMinutes: idle, sessionMaxMinutes: longest, sessionForceLogout } = this.state.settings;
    return {
      sessionIdleMinutes: idle || this.switches.number("session-idle-minutes"),
      sessionMaxMinutes: longest || this.switches.number("session-longest-minutes"),
      sessionForceLogout,
    };
  }

  /** The modes of what is made in a mailbox. */
  get modes(): Modes {
    return storeModes[this.switches.of("file-modes") as keyof typeof storeModes];
  }

  /** The server as the API names it in `homeServer`. */
  get homeServer(): { id: string; name: string } {
    return { id: this.state.settings.serverId, name: this.state.settings.hostname };
  }

  /** The directory an account's name leads to. It need not exist. */
  mailboxOf(user: User): string {
    const lower = user.loginName.toLowerCase();
    const name = user.loginName === lower || this.switches.of("directory-case") === "lower" ? lower : user.loginName;
    return join(this.store, "mail", this.domain(user.domainId)?.name ?? "", name);
  }

  /**
   * The mailbox at its first use: made where it is missing, adopted where it is there. Throws where the account has to do
   * without one, which {@link Bindings.isAway} tells before.
   */
  openMailbox(user: User): string {
    if (this.bindings.isAway(user)) throw new Error(`the mailbox of ${this.addressOf(user)} is not available`);
    const directory = this.mailboxOf(user);
    ensureMailbox(directory, this.addressOf(user), this.modes);
    placeDevices(this, user, directory);
    this.bindings.use(user);
    return directory;
  }

  /** A public folder of a domain, made where it is missing; everybody may read it. */
  publicFolder(domain: Domain, name: string): string {
    const folder = join(this.publicRoot(domain), name);
    ensureFolder(folder, `anyone@${domain.name}`, this.modes);
    const rights = join(folder, "acl.fld");
    if (!existsSync(rights)) writeFileSync(rights, `anyone@${domain.name} lr\n`, { mode: this.modes.file });
    return folder;
  }

  /** The directory of the public folders of a domain, or of all of them. */
  publicRoot(domain: Domain): string {
    const root = this.state.settings.publicFoldersPerDomain ? join("mail", domain.name) : "mail";
    return join(this.store, root, "#public");
  }

  /** Items and bytes of an account as the API shows them. */
  usageOf(user: User): { items: number; bytes: number } {
    const directory = this.bindings.isCounted(user) ? this.bindings.directoryOf(user) : undefined;
    return directory === undefined ? { items: 0, bytes: 0 } : mailboxUsage(directory);
  }

  /** Binds a new account as the switches say. */
  bindNew(user: User): void {
    this.bindings.create(user);
    if (this.switches.of("directory-at") === "create") {
      ensureMailbox(this.mailboxOf(user), this.addressOf(user), this.modes);
      this.bindings.take(user);
    }
  }

  /** Does something after a while, or at once for 0 ms; what still waits at an orderly stop is done then. */
  later(ms: number, run: () => void): void {
    if (ms <= 0) {
      run();
      return;
    }
    const once = () => {
      if (!this.waiting.delete(once)) return;
      run();
      if (this.switches.of("config-save") === "after-change") this.save();
    };
    this.waiting.add(once);
    setTimeout(once, ms).unref();
  }

  /** Does something when the engine stops in an orderly way, before the configuration is written. */
  atStop(run: () => void): void {
    this.waiting.add(run);
  }

  /** Does now what {@link later} has put off. */
  finishWaiting(): void {
    for (const run of [...this.waiting]) run();
  }

  /** Accounts that take a licence seat: the enabled ones. */
  seatsTaken(domainId?: string): number {
    return this.state.users.filter((user) => user.isEnabled && (domainId === undefined || user.domainId === domainId))
      .length;
  }

  /** The service of this name. */
  service(name: string): Service | undefined {
    return this.state.services.find((service) => service.name === name);
  }

  /** The address of a resource. */
  resourceAddress(resource: Resource): string {
    return `${resource.name}@${this.domain(resource.domainId)?.name ?? ""}`;
  }
}
