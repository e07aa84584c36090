import type { Logger } from "../log.js";
import { KerioError } from "../errors.js";
import type { ServiceControl } from "./facts.js";
import type { HostSession } from "./session.js";

/** What a supervisor is started with. */
export interface SupervisorSettings {
  /** Random id, `[a-z0-9]+`. */
  run: string;
  /** Who this is, for the one that waits: `user@laptop pid 12, stack x`. */
  owner: string;
  service: ServiceControl;
  programDirectory: string;
  /** Seconds of silence after which it ends the run by itself. */
  heartbeat: number;
  /** Seconds the service may take to stop. */
  stopTimeout: number;
  /** Seconds the service may take to start. */
  startTimeout: number;
  /** Accounts that `users.cfg` must name after the stop. */
  accounts: { name: string; domain: string }[];
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
  /** The service ended by itself, not killed by a timeout. */
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
  /** Beats in the background every quarter of the heartbeat over a connection of its own. */
  startBeating(open: () => Promise<HostSession>): void;
  stopBeating(): Promise<void>;
  stop(): Promise<StopReport>;
  /** Copies both configuration files, mode 0600, while the service is stopped; answers the directory. */
  copyConfiguration(): Promise<string>;
  move(moves: Move[]): Promise<MoveReport[]>;
  start(): Promise<StartReport>;
  /** The mail services are being held: silence from now on makes it restart the engine. */
  hold(): Promise<void>;
  unhold(): Promise<void>;
  /** The orderly end: service started, lock freed. */
  finish(): Promise<void>;
}

export async function startSupervisor(
  _session: HostSession,
  _settings: SupervisorSettings,
  _options: { wait: number; log: Logger },
): Promise<Supervisor> {
  throw new KerioError("INTERNAL", { object: "supervisor", doing: "starting", happened: "not built" });
}
