import type { Downtime } from "./downtimes";
import type { HostFaultName, HostFaultOptions } from "./host-faults";
import type { MailDirectory, StoredMessage } from "./mail-tree";
import type { ActiveState, Result, SubState } from "./service-manager";
import type { FaultName, FaultOptions } from "../engine/faults";

export type { Downtime, MailDirectory, StoredMessage };

/** An object of the engine's memory, as it is there; passwords are left out or masked. */
export type Row = Record<string, unknown> & { id: string };

/** An account, with the fields that most tests look at. */
export interface TrueAccount extends Row {
  /** The local part, lower case. */
  name: string;
  /** The domain's name. */
  domain: string;
  enabled: boolean;
  description: string;
  address: string;
  /** The path of the mailbox directory it leads to, whether or not there is one. */
  directory: string;
  /** The names of its groups. */
  groups: string[];
}

/** What the engine holds in its memory, asked past the API. */
export interface Truth {
  settings: Record<string, unknown>;
  domains: Row[];
  accounts: TrueAccount[];
  aliases: Row[];
  groups: Row[];
  mailingLists: Row[];
  resources: Row[];
  services: Row[];
  /** Number of messages that wait in the queue. */
  queued: number;
  engine: EngineTruth;
}

/** The engine's process. */
export interface EngineTruth {
  running: boolean;
  pid: number | null;
  /** ISO time at which it was ready. */
  startedAt: string | null;
}

/** What the service manager knows, whether the engine is there or not. */
export interface ServiceTruth extends EngineTruth {
  active: ActiveState;
  sub: SubState;
  result: Result;
  restarts: number;
}

/** One line of the engine's records; `at` is an ISO time. */
export type TruthLine = Record<string, unknown> & { at: string };

/** One call of the Admin API. */
export interface CallLine extends TruthLine {
  method: string;
  /** Passwords are masked. */
  params: Record<string, unknown>;
}

/** What a person sees who logs in with a mail client. */
export type MailLogin =
  | { ok: false; reason: string }
  | {
      ok: true;
      userId: string;
      /** The mailbox directory the account is bound to. */
      directory: string;
      messages: { folder: string; file: string; subject: string }[];
    };

/** Faults of host and engine, with the options each takes. */
export type AnyFaultName = HostFaultName | FaultName;
export type AnyFaultOptions = HostFaultOptions & FaultOptions;

/** What can be done to the service past the login: `kill` is a crash. */
export type ServiceCommand = "start" | "stop" | "restart" | "kill";

/** The door's requests: what each takes and gives. */
export interface ControlRequests {
  truth(): Promise<Truth>;
  service(): Promise<ServiceTruth>;
  directories(domain: string): Promise<MailDirectory[]>;
  messages(domain: string, user: string): Promise<StoredMessage[]>;
  deliveries(): Promise<TruthLine[]>;
  bounces(): Promise<TruthLine[]>;
  logins(): Promise<TruthLine[]>;
  calls(): Promise<CallLine[]>;
  downtimes(): Promise<Downtime[]>;
  fault(name: AnyFaultName, options?: AnyFaultOptions): Promise<void>;
  clearFaults(): Promise<void>;
  /** A person logs in as with a mail client; gives what the mailbox shows. */
  login(user: string, password: string): Promise<MailLogin>;
  /** Mail that reaches the queue without the SMTP listener, as what the server fetches from elsewhere does. */
  submit(sender: string, recipients: string[], message: string): Promise<{ queueId: string }>;
  setSwitch(name: string, value: string): Promise<void>;
  command(command: ServiceCommand): Promise<ServiceTruth>;
}
