import { setTimeout as sleep } from "node:timers/promises";
import { Client, utils, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { KerioError, messageOf } from "../errors";
import type { Logger } from "../log";
import { settingCommand, settingKey } from "../setting-key";
import { algorithmsFor, matchesHostKey, unknownHostKey } from "./host-key";
import type { SshSettings } from "./session";

const dialAttempts = 3;
const channelAttempts = 5;
const keepaliveSeconds = 5;
const outputLimit = 256 * 1024 * 1024;

/** Whom to dial; without `auth` no further than the host's key. */
type Target = Omit<SshSettings, "auth"> & Partial<Pick<SshSettings, "auth">>;

/** An authenticated SSH connection. */
export interface Connection {
  readonly alive: boolean;
  /** Runs one command; rejects with a `TimeoutError` or whatever ended the connection. */
  exec(command: string, input: string, timeout: number): Promise<{ stdout: string; stderr: string }>;
  end(): void;
}

/** Dials; a refusal is final, a host that cannot be reached is tried three times. */
export async function dial(
  settings: SshSettings,
  options: { connectTimeout: number; log: Logger },
): Promise<Connection> {
  const where = `${settings.host}:${settings.port}`;
  for (let attempt = 1; ; attempt++) {
    try {
      return await dialOnce(settings, options.connectTimeout);
    } catch (error) {
      if (error instanceof KerioError) throw error;
      if (attempt >= dialAttempts) {
        throw new KerioError("CONNECTION_FAILED", {
          object: `mail host ${where}`,
          doing: "connecting over SSH",
          happened: messageOf(error),
          next: `Check ${whereIsSet(settings)}, and that this machine may reach them.`,
          cause: error,
        });
      }
      options.log.progress(`SSH to ${where} failed ${attempt}/${dialAttempts} (${messageOf(error)}): retrying`);
      await sleep(attempt * 500);
    }
  }
}

/** The settings that say which host and port are dialled. */
export function whereIsSet({ name, isHostOfUrl }: Pick<SshSettings, "name" | "isHostOfUrl">): string {
  const host = settingKey("sshHost", name);
  return `${isHostOfUrl ? `${settingKey("url", name)} (or set ${host})` : host} and ${settingKey("sshPort", name)}`;
}

/**
 * Asks a host for its key, and logs in nowhere. One attempt.
 *
 * @param connectTimeout in seconds
 * @returns the refusal that shows the key; whatever else was met instead
 */
export async function askHostKey(
  where: Pick<SshSettings, "host" | "isHostOfUrl" | "port" | "user" | "name" | "variables">,
  connectTimeout: number,
): Promise<unknown> {
  const met = await dialOnce({ ...where, hostKey: "" }, connectTimeout).catch((error: unknown) => error);
  return met;
}

async function dialOnce(settings: Target, connectTimeout: number): Promise<Connection> {
  let last: unknown;
  for (const algorithms of algorithmsFor(settings.hostKey)) {
    try {
      return await handshake(settings, connectTimeout, algorithms);
    } catch (error) {
      const wrongKey = error instanceof KerioError && error.code === "HOST_KEY_UNKNOWN";
      const noSuchKey = /no matching (server )?host key/i.test(messageOf(error));
      if (!wrongKey && !noSuchKey) throw error;
      if (wrongKey && settings.hostKey === "") throw error;
      // The first key shown is the one the user will want to compare.
      if (wrongKey || last === undefined) last = last instanceof KerioError ? last : error;
    }
  }
  throw last;
}

function handshake(settings: Target, connectTimeout: number, algorithms: string[]): Promise<Connection> {
  const client = new Client();
  let shown: Buffer | undefined;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      client.end();
      client.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    // ssh2 reports late errors of a dead connection here; without a listener they would end the process.
    client.on("error", (error) => {
      if (shown && !matchesHostKey(settings.hostKey, shown)) fail(unknownHostKey(settings, shown));
      else if (error.level === "client-authentication") fail(loginRefused(settings, error.message));
      else fail(error);
    });
    client.once("close", () => fail(new Error("the host closed the connection")));
    client.once("ready", () => resolve(new SshConnection(client)));
    try {
      client.connect({
        host: settings.host,
        port: settings.port,
        username: settings.user,
        readyTimeout: connectTimeout * 1000,
        keepaliveInterval: keepaliveSeconds * 1000,
        keepaliveCountMax: 3,
        algorithms: { serverHostKey: algorithms as ServerHostKeyAlgorithm[] },
        hostVerifier: (key: Buffer) => {
          shown = key;
          return matchesHostKey(settings.hostKey, key);
        },
        ...credentials(settings),
      });
      // A command is a handful of small packets: held back until the one before is acknowledged, each costs 40 ms.
      client.setNoDelay(true);
    } catch (error) {
      fail(error);
    }
  });
}

function credentials(settings: Target): ConnectConfig {
  const key = (setting: string) => settingKey(setting, settings.name);
  const command = (setting: string) => settingCommand(setting, settings.name, { secret: true });
  if (!settings.auth) return {};
  if (settings.auth.kind === "agent") return { agent: settings.auth.socket };
  const parsed = utils.parseKey(settings.auth.privateKey, settings.auth.passphrase);
  if (parsed instanceof Error) {
    const encrypted = /encrypted|passphrase|bad decrypt|integrity/i.test(parsed.message);
    throw new KerioError("CONFIG_INVALID", {
      object: `setting ${key(encrypted ? "sshPassphrase" : "sshPrivateKey")}`,
      doing: "reading the SSH private key",
      // The parser's own words could quote the key.
      happened: encrypted ? "the key is encrypted and the passphrase is missing or wrong" : "it is not a private key",
      next: encrypted
        ? `Set it with: ${command("sshPassphrase")}`
        : `Set ${key("sshPrivateKeyFile")}, or: ${command("sshPrivateKey")}`,
    });
  }
  return { privateKey: settings.auth.privateKey, passphrase: settings.auth.passphrase };
}

function loginRefused(settings: Target, happened: string): KerioError {
  const user = settingKey("sshUser", settings.name);
  const how = settings.auth?.kind === "key" ? "the configured key" : "the keys of the SSH agent";
  // sshd gives no reason; "no" or "forced-commands-only" is what many hosts are hardened with.
  const permit =
    settings.user === "root"
      ? ` If the host's sshd_config says PermitRootLogin no, set ${user} to a user with sudo without a password.`
      : "";
  return new KerioError("SSH_REFUSED", {
    object: `SSH user ${settings.user} on ${settings.host}`,
    doing: `logging in with ${how}`,
    happened,
    next: `Check ${user}, and that the key's public half stands in that user's authorized_keys.${permit}`,
    outcome: "rejected",
  });
}

class SshConnection implements Connection {
  alive = true;
  #lost: Error | undefined;

  constructor(private readonly client: Client) {
    client.on("error", (error) => (this.#lost = error));
    client.on("close", () => {
      this.alive = false;
    });
  }

  async exec(command: string, input: string, timeout: number): Promise<{ stdout: string; stderr: string }> {
    for (let attempt = 1; ; attempt++) {
      const done = await this.#execOnce(command, input, timeout);
      if (done !== "no-channel") return done;
      // With MaxSessions 1 the host may not have let go of the channel before; nothing has been run.
      if (attempt >= channelAttempts) throw new Error("the host opens no channel for a command");
      await sleep(100 * attempt);
    }
  }

  #execOnce(
    command: string,
    input: string,
    timeout: number,
  ): Promise<{ stdout: string; stderr: string } | "no-channel"> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const error = new Error(`no answer within ${timeout} seconds`);
        error.name = "TimeoutError";
        settle(() => reject(error));
      }, timeout * 1000);
      const lost = () => settle(() => reject(this.#lost ?? new Error("closed by the other side")));
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        this.client.removeListener("close", lost);
        finish();
      };
      this.client.once("close", lost);
      if (!this.alive) return lost();
      this.client.exec(command, (error, channel) => {
        if (error) {
          const refused = /channel open failure/i.test(error.message) || "reason" in error;
          return settle(() => (refused ? resolve("no-channel") : reject(error)));
        }
        const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
        let size = 0;
        const collect = (into: Buffer[]) => (chunk: Buffer) => {
          size += chunk.length;
          if (size > outputLimit) settle(() => reject(new Error("the host answers without end")));
          else into.push(chunk);
        };
        channel.on("data", collect(output.stdout));
        channel.stderr.on("data", collect(output.stderr));
        let ended = false;
        channel.on("exit", () => (ended = true));
        channel.on("error", (failure: Error) => settle(() => reject(failure)));
        // A channel also closes when the connection is lost; only an exit status says that the command ended.
        channel.on("close", () => {
          if (!ended) return lost();
          settle(() =>
            resolve({
              stdout: Buffer.concat(output.stdout).toString("utf8"),
              stderr: Buffer.concat(output.stderr).toString("utf8"),
            }),
          );
        });
        channel.end(input);
      });
    });
  }

  end(): void {
    this.alive = false;
    this.client.end();
    // A black-holed peer never answers the polite end.
    setTimeout(() => this.client.destroy(), 2000).unref();
  }
}
