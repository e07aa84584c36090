import { KerioError } from "../errors";
import type { Logger } from "../log";
import { HeartbeatTimer } from "./heartbeat-timer";
import { absolutePath, field, plainId, row } from "./lines";
import type { ServiceControl } from "./facts";
import { parseMoves, parseNamed, parseStart, parseStop, single } from "./supervisor-replies";
import { SupervisorWire } from "./supervisor-wire";
import { launchScript, supervisorProgram, sweepScript } from "./supervisor-script";
import { runChecked } from "./frame";
import type { HostSession } from "./session";

/** What a supervisor is started with. */
export interface SupervisorSettings {
  /** Random id, `[a-z0-9]+`. */
  run: string;
  /** Who this is, for the one that waits: `user@laptop pid 12, stack x`. */
  owner: string;
  service: ServiceControl;
  programDirectory: string;
  /** A move that is not between mailboxes of this store, or its parking directory, is refused. Default: not looked at. */
  store?: { mail: string; parking: string };
  /** Seconds of silence after which it ends the run by itself. */
  heartbeat: number;
  /** Seconds the service may take to stop. */
  stopTimeout: number;
  /** Seconds the service may take to start. */
  startTimeout: number;
  /** Accounts that `users.cfg` must name after the stop. */
  accounts: Account[];
}

/** An account as `users.cfg` names it. */
export interface Account {
  name: string;
  domain: string;
}

/** One directory to move while the service is stopped. */
export interface Move {
  inode: string;
  from: string;
  to: string;
  /** The directory of the mail domain; both ends lie directly in it or in `parking`. */
  directory: string;
  /** The private parking directory, see `HostFacts.store.parking`. */
  parking: string;
  /** What a directory at `to` means: `ours` = it was made for our new account since the snapshot. Default: refused. */
  aside?: "ours";
}

/** What became of a {@link Move}. */
export interface MoveReport {
  ok: boolean;
  inode: string;
  /** Why it was refused. */
  reason?: string;
  /** Messages found in a directory that stood in the way and put into the mailbox's INBOX. */
  salvaged: number;
}

/** What was observed after a stop. It reports and does not decide. */
export interface StopReport {
  /** Seconds since 1970, by the host's clock. */
  stoppedAt: number;
  /**
   * The service ended by itself, not killed by a timeout: systemd says so; elsewhere it has written its configuration since
   * the stop began.
   */
  orderly: boolean;
  inactive: boolean;
  processGone: boolean;
  /** `name@domain` of the accounts that `users.cfg` does not name. */
  missingAccounts: string[];
  detail: string;
}

/** What was observed after a start. */
export interface StartReport {
  startedAt: number;
  /** From the stop command to the process being there, by the host's clock. */
  downSeconds: number;
  running: boolean;
  detail: string;
}

/** The process on the host that stops, moves and starts; being alive it is the lock. */
export interface Supervisor {
  readonly run: string;
  /** One round trip: still alive and ours, else `LOCK_LOST`. */
  beat(): Promise<void>;
  /**
   * To be awaited before every write: throws `LOCK_LOST` when the run is over, and asks only when it has not been heard
   * for half a heartbeat. A computer that slept wakes in the middle of whatever it was doing.
   */
  fence(): Promise<void>;
  /**
   * Milliseconds since 1970 until which the run is surely ours, by what was heard of the supervisor: it ends a silent run
   * one heartbeat after the last sign of life. 0 once the lock is lost.
   */
  heldUntil(): number;
  /** Beats in the background every quarter of the heartbeat over a connection of its own. */
  startBeating(open: () => Promise<HostSession>): void;
  stopBeating(): Promise<void>;
  /** Replaces the accounts that `users.cfg` must name after the stop: those of these domains, or all. */
  nameAccounts(accounts: Account[], domains?: string[]): Promise<void>;
  stop(): Promise<StopReport>;
  /** Copies both configuration files, mode 0600, while the service is stopped; answers the directory. */
  copyConfiguration(): Promise<string>;
  move(moves: Move[]): Promise<MoveReport[]>;
  /**
   * Moves parked mailboxes to names that no account bears, while the service runs. What stands under such a name, or
   * appears there in that moment, is never touched: that one is refused.
   */
  place(moves: Move[]): Promise<MoveReport[]>;
  /** The accounts of these parked mailboxes are about to go: should the run fall silent, they stay parked. */
  keepParked(inodes: string[]): Promise<void>;
  /** Which of these accounts, as `name@domain`, `users.cfg` names now, so that an engine would find them that starts. */
  named(accounts: Account[]): Promise<string[]>;
  start(): Promise<StartReport>;
  /** The mail services are being held: silence from now on makes it restart the engine. */
  hold(): Promise<void>;
  /** Whether they are: since {@link hold} was asked for, until {@link unhold} or a start of the engine is through. */
  readonly isHolding: boolean;
  unhold(): Promise<void>;
  /** The orderly end: service started, lock freed. */
  finish(): Promise<void>;
}

/**
 * Starts the supervisor and waits until it holds the lock of the mail host.
 *
 * It is verified over a fresh connection, so that it is known to outlive the one that started it. `wait` is in seconds
 * and bounds the wait for another run. Throws `RENAME_BUSY` (with that run's owner), `HOST_UNSUITABLE` when it does not
 * outlive the login, `SSH_FAILED`.
 */
export async function startSupervisor(
  session: HostSession,
  settings: SupervisorSettings,
  options: { wait: number; log: Logger },
): Promise<Supervisor> {
  await launch(session, settings, options.wait);
  const wire = new SupervisorWire(session, settings);
  try {
    await wire.awaitLock(options);
    await session.renew();
    await wire.beat().catch((error: unknown) => {
      if (!(error instanceof KerioError) || error.code !== "LOCK_LOST") throw error;
      throw new KerioError("HOST_UNSUITABLE", {
        object: `mail host ${session.description}`,
        doing: "starting the supervisor",
        happened: "it did not outlive the login that started it",
        next: "Something on the host ends a user's processes at logout (KillUserProcesses of systemd-logind, for instance); allow root's to go on, or log in as root.",
        cause: error,
      });
    });
  } catch (error) {
    // It would end by itself too, later; the error that is thrown is the one that matters.
    await runChecked(session, {
      script: abandonScript,
      input: `${settings.run}\n`,
      doing: "giving up the supervisor",
      timeout: 20,
    }).catch((failure: unknown) => options.log.progress(`the supervisor ends by itself (${String(failure)})`));
    throw error;
  }
  return new RemoteSupervisor(session, settings, wire);
}

/** Ends a supervisor that has been asked for nothing yet. Input: run. */
const abandonScript = `
IFS= read -r run
RUN=$STATE/runs/$run
for file in "$RUN/main" "$RUN/guard"; do
  pid=; { IFS=' ' read -r pid rest <"$file"; } 2>/dev/null
  [ -z "$pid" ] || { kill "$pid" 2>/dev/null; break; }
done
[ -e "$STATE/lock/$run" ] || rm -rf "$RUN"
exit 0
`;

async function launch(session: HostSession, settings: SupervisorSettings, wait: number): Promise<void> {
  const run = plainId(settings.run, "run");
  const lines = settingLines(settings);
  const accounts = settings.accounts.map(accountLine);
  const input = [run, whole(wait), lines.length, ...lines, accounts.length, ...accounts, supervisorProgram].join("\n");
  await runChecked(session, { script: launchScript, input, doing: "starting the supervisor", timeout: 60 });
}

function settingLines(settings: SupervisorSettings): string[] {
  const { service } = settings;
  const parts = {
    systemd: () => (service.kind === "systemd" ? [service.unit] : []),
    sysv: () => (service.kind === "sysv" ? [service.command] : []),
    launchd: () => (service.kind === "launchd" ? [service.plist, service.label] : []),
    commands: () => (service.kind === "commands" ? [service.stop, service.start, service.status] : []),
  }[service.kind]();
  return [
    `owner=${field(settings.owner, "owner")}`,
    `kind=${service.kind}`,
    ...parts.map((part, index) => `${"abc"[index]}=${field(part, "service control")}`),
    `program=${absolutePath(settings.programDirectory, "setting kerio:programDirectory")}`,
    ...(settings.store === undefined
      ? []
      : [
          `mail=${absolutePath(settings.store.mail, "directory of the store's mail")}`,
          `parking=${absolutePath(settings.store.parking, "parking directory")}`,
        ]),
    `heartbeat=${whole(settings.heartbeat)}`,
    `stop=${whole(settings.stopTimeout)}`,
    `start=${whole(settings.startTimeout)}`,
  ];
}

function accountLine({ name, domain }: Account): string {
  return row([name, domain], "account");
}

function moveLine(move: Move): string {
  const { inode, from, to, directory, parking, aside = "-" } = move;
  return row(
    [
      plainId(inode, "inode"),
      absolutePath(from, "directory"),
      absolutePath(to, "directory"),
      absolutePath(directory, "directory of the domain"),
      absolutePath(parking, "parking directory"),
      aside,
    ],
    "move",
  );
}

/** The shell counts in whole seconds. */
function whole(seconds: number): string {
  return String(Math.max(0, Math.ceil(seconds)));
}

class RemoteSupervisor implements Supervisor {
  readonly run: string;
  #timer: HeartbeatTimer | undefined;
  #isHolding = false;
  #accounts: Account[];

  constructor(
    private readonly session: HostSession,
    private readonly settings: SupervisorSettings,
    private readonly wire: SupervisorWire,
  ) {
    this.run = settings.run;
    this.#accounts = settings.accounts;
  }

  beat(): Promise<void> {
    return this.wire.beat();
  }

  fence(): Promise<void> {
    return this.wire.fence();
  }

  heldUntil(): number {
    return this.wire.heldUntil();
  }

  startBeating(open: () => Promise<HostSession>): void {
    this.#timer ??= new HeartbeatTimer(open, this.settings.heartbeat / 4, (session) => this.wire.beat(session));
  }

  async stopBeating(): Promise<void> {
    await this.#timer?.stop();
    this.#timer = undefined;
  }

  async nameAccounts(accounts: Account[], domains?: string[]): Promise<void> {
    const others = domains ? this.#accounts.filter(({ domain }) => !domains.includes(domain)) : [];
    const all = [...others, ...accounts];
    await this.wire.nameAccounts(all.map(accountLine));
    this.#accounts = all;
  }

  async stop(): Promise<StopReport> {
    return parseStop(await this.wire.command("stop", [], this.settings.stopTimeout * 2));
  }

  async copyConfiguration(): Promise<string> {
    return single(await this.wire.command("copy", [], 120), "directory");
  }

  async move(moves: Move[]): Promise<MoveReport[]> {
    return parseMoves(await this.wire.command("move", moves.map(moveLine), 300 + moves.length * 5), moves);
  }

  async place(moves: Move[]): Promise<MoveReport[]> {
    return parseMoves(await this.wire.command("place", moves.map(moveLine), 60 + moves.length * 5), moves);
  }

  async keepParked(inodes: string[]): Promise<void> {
    const lines = inodes.map((inode) => plainId(inode, "inode"));
    single(await this.wire.command("keep", lines, 60), "done");
  }

  async named(accounts: Account[]): Promise<string[]> {
    return parseNamed(await this.wire.command("named", accounts.map(accountLine), 60));
  }

  async start(): Promise<StartReport> {
    const wait = this.settings.stopTimeout + this.settings.startTimeout * 2;
    const report = parseStart(await this.wire.command("start", [], wait));
    if (report.running) this.#isHolding = false;
    return report;
  }

  get isHolding(): boolean {
    return this.#isHolding;
  }

  async hold(): Promise<void> {
    this.#isHolding = true;
    single(await this.wire.command("hold", [], 30), "done");
  }

  async unhold(): Promise<void> {
    single(await this.wire.command("unhold", [], 30), "done");
    this.#isHolding = false;
  }

  async finish(): Promise<void> {
    await this.stopBeating();
    single(await this.wire.finish((this.settings.stopTimeout + this.settings.startTimeout) * 2), "done");
    await runChecked(this.session, {
      script: sweepScript,
      input: `${this.run}\n`,
      doing: "clearing away the supervisor's files",
      timeout: 60,
    });
  }
}
