import type { Logger } from "../log.js";
import { KerioError } from "../errors.js";

/** How to reach the mail host over SSH. */
export interface SshSettings {
  host: string;
  port: number;
  user: string;
  auth: { kind: "key"; privateKey: string; passphrase?: string } | { kind: "agent"; socket: string };
  /** An OpenSSH public key line, or a `SHA256:` fingerprint. */
  hostKey: string;
}

/** One script to run on the host. */
export interface HostCommand {
  /** Fixed POSIX shell text. Data never stands in it. */
  script: string;
  /** What the script reads from its standard input. */
  input?: string;
  /** What is being done, as a verb phrase, for error messages. */
  doing: string;
  /** The object, for error messages; default: the host. */
  object?: string;
  /** Seconds after which the command is given up; its outcome is then unknown. */
  timeout: number;
}

/** What a script answered. `stdout` and `stderr` hold the script's own output only, no banner. */
export interface HostReply {
  stdout: string;
  stderr: string;
  code: number;
}

/** A login on the mail host that acts as root: one command at a time, in the order of the calls. */
export interface HostSession {
  /** Runs a script; a lost connection is an error (`SSH_FAILED`, outcome unknown), and the next call dials again. */
  run(command: HostCommand): Promise<HostReply>;
  /** Closes the connection and dials again. */
  renew(): Promise<void>;
  close(): Promise<void>;
  /** Whether the login is root itself or becomes root through sudo. */
  readonly root: "direct" | "sudo";
  /** `root@mail.example.com:22`. */
  readonly description: string;
}

/** Opens a session; see {@link HostSession}. */
export async function openSession(
  _settings: SshSettings,
  _options: { connectTimeout: number; log: Logger },
): Promise<HostSession> {
  throw new KerioError("INTERNAL", { object: "session", doing: "opening", happened: "not built" });
}
