import type { Logger } from "../log";
import { commandLine, frame, newMark, replyOf } from "./frame";
import { KerioError } from "../errors";
import { dial, type Connection } from "./dial";
import { manualProcedure } from "./manual-procedure";
import { settingKey } from "../setting-key";

/** How to reach the mail host over SSH. */
export interface SshSettings {
  host: string;
  /** Whether `host` is the one of `url`, because no `sshHost` is set, so that errors name the right key. */
  isHostOfUrl?: true;
  port: number;
  user: string;
  auth: { kind: "key"; privateKey: string; passphrase?: string } | { kind: "agent"; socket: string };
  /** An OpenSSH public key line, or a `SHA256:` fingerprint. */
  hostKey: string;
  /** The entry of `kerio:servers` these settings are from; `""` or absent: none. */
  name?: string;
  /** Environment variables that errors name beside the stack's configuration. */
  variables?: Readonly<Record<string, string>>;
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
  /**
   * Runs a script. Throws `SSH_FAILED` when the connection is lost and `TIMEOUT` when it takes too long, both with
   * outcome `unknown`; the next call dials again. An exit code other than 0 is a reply, not an error.
   */
  run(command: HostCommand): Promise<HostReply>;
  /** Closes the connection and dials again. */
  renew(): Promise<void>;
  close(): Promise<void>;
  /** Whether the login is root itself or becomes root through sudo. */
  readonly root: "direct" | "sudo";
  /** `root@mail.example.com:22`. */
  readonly description: string;
}

/**
 * Opens a session and finds out how it acts as root.
 *
 * Throws `HOST_KEY_UNKNOWN` (with the key that was shown), `SSH_REFUSED`, `HOST_UNSUITABLE` (Windows), `PRIVILEGE_MISSING` (not root, and no sudo
 * without a password), `CONNECTION_FAILED`, or `CONFIG_INVALID` for a key that cannot be used.
 * `connectTimeout` is in seconds and bounds one dialling; a host that cannot be reached is dialled three times.
 */
export async function openSession(
  settings: SshSettings,
  options: { connectTimeout: number; log: Logger },
): Promise<HostSession> {
  const session = new SshSession(settings, options);
  try {
    await session.findRoot();
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

class SshSession implements HostSession {
  root: "direct" | "sudo" = "direct";
  readonly description: string;
  #connection: Connection | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly settings: SshSettings,
    private readonly options: { connectTimeout: number; log: Logger },
  ) {
    this.description = `${settings.user}@${settings.host}:${settings.port}`;
  }

  run(command: HostCommand): Promise<HostReply> {
    return this.#enqueue(() => this.#run(command));
  }

  renew(): Promise<void> {
    return this.#enqueue(async () => {
      this.#drop();
      await this.#connect();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail.catch(() => undefined);
    this.#drop();
  }

  async findRoot(): Promise<void> {
    const ask = { script: "id -u", doing: "asking who the SSH login is", timeout: this.options.connectTimeout };
    const direct = await this.run(ask).catch(async (error: unknown) => {
      if (error instanceof KerioError && error.outcome === "rejected") await this.#refuseWindows();
      throw error;
    });
    if (direct.stdout.trim() === "0") return;
    this.root = "sudo";
    const reason = await this.run(ask).then(
      (reply) => (reply.stdout.trim() === "0" ? undefined : "sudo did not make it root"),
      (error: unknown) => {
        if (error instanceof KerioError && error.outcome === "rejected") return error.facts.happened;
        throw error;
      },
    );
    if (reason === undefined) return;
    // A POSIX shell on Windows has no root.
    await this.#refuseWindows();
    throw new KerioError("PRIVILEGE_MISSING", {
      object: `SSH user ${this.settings.user} on ${this.settings.host}`,
      doing: "becoming root with sudo -n",
      happened: reason,
      next:
        `A rename stops the mail service and moves directories that belong to root. Let the user run sudo without ` +
        `a password ("${this.settings.user} ALL=(root) NOPASSWD: ALL" in a file below /etc/sudoers.d), or set ` +
        `${settingKey("sshUser", this.settings.name)} to root.`,
      outcome: "rejected",
    });
  }

  /** Windows runs commands through cmd.exe, PowerShell or a bash; all know this one, and all that counts is a yes. */
  async #refuseWindows(): Promise<void> {
    const connection = await this.#connect();
    const answer = await connection.exec("cmd.exe /c ver", "", this.options.connectTimeout).catch(() => undefined);
    if (!/Microsoft Windows/i.test(answer?.stdout ?? "")) return;
    throw new KerioError("HOST_UNSUITABLE", {
      object: `mail host ${this.description}`,
      doing: "looking at its system",
      happened: "it runs Windows; renames work on Linux and macOS hosts only",
      next: manualProcedure,
      outcome: "rejected",
    });
  }

  async #run(command: HostCommand): Promise<HostReply> {
    const connection = await this.#connect();
    const mark = newMark();
    try {
      const raw = await connection.exec(commandLine(this.root), frame(command, mark), command.timeout);
      return replyOf(raw, mark, command, this.description);
    } catch (error) {
      if (error instanceof KerioError && error.outcome === "rejected") throw error;
      // Whatever is still running in that channel would hold up every later one.
      this.#drop();
      if (error instanceof KerioError) throw error;
      const late = error instanceof Error && error.name === "TimeoutError";
      throw new KerioError(late ? "TIMEOUT" : "SSH_FAILED", {
        object: command.object ?? this.description,
        doing: command.doing,
        happened: late
          ? `no answer from ${this.description} within ${command.timeout} seconds`
          : `the SSH connection to ${this.description} was lost (${error instanceof Error ? error.message : String(error)})`,
        outcome: "unknown",
        cause: error,
      });
    }
  }

  async #connect(): Promise<Connection> {
    if (this.#closed) {
      throw new KerioError("INTERNAL", {
        object: this.description,
        doing: "running a command",
        happened: "the session has been closed",
      });
    }
    if (this.#connection?.alive !== true) this.#connection = await dial(this.settings, this.options);
    return this.#connection;
  }

  #drop(): void {
    this.#connection?.end();
    this.#connection = undefined;
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
