/**
 * The settings of one mail server, read once from the stack's configuration (which wins) and the environment,
 * checked as a whole, and never shown in an error where they are secret.
 */
import { KerioError } from "./errors";
import { problemText, problemWith, withVariable, type Problem } from "./config-problem";
import { readFields, type RawSettings } from "./config-fields";
import { readSsh } from "./config-ssh";
import { readCertificates, type Place } from "./config-files";
import { serverEntry, serverNames, topLevelEntry, variablesInUse } from "./config-source";
import type { ApiSettings } from "./kerio/api-settings";

export type { ApiSettings };
export { requireSecrets } from "./config-secrets";

/** Bounded waits, all in seconds. */
export interface Timeouts {
  /** One call of the Administration API. */
  request: number;
  /** One connection, by HTTPS or SSH. */
  connect: number;
  /** The service's orderly stop. */
  stop: number;
  /** From the start of the service until the Administration API answers. */
  start: number;
  /** Silence from this program after which the supervisor on the mail host puts the service back by itself. */
  supervisor: number;
}

/** How to reach the mail host by SSH. */
export interface SshSettings {
  host: string;
  /** Whether `host` is the one of `url`, because no `sshHost` is set, so that errors name the right key. */
  isHostOfUrl?: true;
  port: number;
  user: string;
  auth: { kind: "key"; privateKey: string; passphrase?: string } | { kind: "agent"; socket: string };
  /**
   * The host's key: an OpenSSH public key line without a comment (`ssh-ed25519 AAAA…`), or `SHA256:…` without padding.
   * Empty when none is configured: every host is then refused, in an error that shows the key it offered.
   */
  hostKey: string;
  /** The entry of `kerio:servers` these settings are from, so that errors name the right keys; `""` or absent: none. */
  name?: string;
  /** Environment variables that errors name: see `variablesInUse`. */
  variables?: Readonly<Record<string, string>>;
}

/** A mail host without anything by which it could be told from another. */
export interface MailHost extends Pick<SshSettings, "host" | "isHostOfUrl" | "port" | "user" | "name" | "variables"> {
  /** Whether there is an SSH agent, so that nothing but the host's key is missing. */
  hasLogin: boolean;
}

/** Everything that is known about one server. */
export interface ServerSettings {
  /** The entry of `kerio:servers`; `""` for the default server. */
  name: string;
  api: ApiSettings;
  /**
   * Undefined when none of `sshPrivateKeyFile`, `sshPrivateKey`, `sshPassphrase` and `sshHostKey` is set: such a server
   * cannot rename.
   */
  ssh?: SshSettings;
  /**
   * Where a rename would log in, where `ssh` is undefined and one of `sshHost`, `sshPort` and `sshUser` is set or an SSH
   * agent runs. Good for asking the host for its key, and connected to for nothing else.
   */
  mailHost?: MailHost;
  /** Commands that replace the ones found by looking; all three or none. */
  service?: { stopCommand: string; startCommand: string; statusCommand: string };
  /** The server's program directory on the mail host; found by looking when left out. */
  programDirectory?: string;
  timeouts: Timeouts;
  /** `article`: the vendor's order, directory first. Default `accountFirst`. */
  renameOrder: "accountFirst" | "article";
  /** Whether a full backup by the server itself is made before a window. Default `none`. */
  backup: "none" | "full";
  /** Days for which the copies of the server's configuration stay on the mail host. Default 30. */
  configurationCopyDays: number;
}

/** Where settings come from. */
export interface SettingsSource {
  /** A value of the stack's configuration by its whole key (`kerio:url`); objects as JSON text. */
  get(key: string): string | undefined;
  env: NodeJS.ProcessEnv;
  /** What relative paths are relative to: the program's directory. */
  directory: string;
  /** An entry of `kerio:servers`; the default server when left out or empty. */
  server?: string;
}

/**
 * Reads and checks the settings of one server. Opens no connection.
 * @throws KerioError CONFIG_INVALID with every problem at once, each naming the key and the command that sets it
 */
export function readSettings(source: SettingsSource): ServerSettings {
  const name = source.server ?? "";
  const problems: Problem[] = [];
  const raw = name === "" ? topLevelEntry(source) : serverEntry(source, name, problems);
  const variables = variablesInUse(source);
  if (!raw) throw invalid(name, problems, variables);
  const settings = assemble(raw, { name, source, problems, variables });
  if (problems.length > 0 || !settings) {
    if (name === "" && raw.url === undefined) {
      const names = serverNames(source);
      if (names.length > 0) problems.push({ text: `a resource may also name one of the servers: ${names.join(", ")}` });
    }
    throw invalid(name, problems, variables);
  }
  return settings;
}

function assemble(
  raw: RawSettings,
  { name, source, problems, variables }: Pick<Place, "name" | "problems" | "variables"> & { source: SettingsSource },
): ServerSettings | undefined {
  const fields = readFields(raw, name, problems);
  const place = { name, directory: source.directory, env: source.env, problems, variables };
  const ca = readCertificates(fields.caFile, place);
  const { ssh, mailHost } = readSsh(raw, fields, place);
  const { stopCommand, startCommand, statusCommand, timeouts } = fields;
  const commands = Object.entries({ stopCommand, startCommand, statusCommand });
  const missing = commands.filter(([, command]) => command === undefined);
  if (missing.length < commands.length) {
    const text = "is not set; stopCommand, startCommand and statusCommand are set all three or not at all";
    problems.push(...missing.map(([key]) => problemWith(key, name, text)));
  }
  const { url, username, password } = fields;
  if (problems.length > 0 || !url || !username || !password || !timeouts) return undefined;
  return {
    name,
    api: {
      url,
      username,
      password,
      ...(ca && { ca }),
      timeouts,
      ...(name && { name }),
      ...(variables && { variables }),
    },
    ...(ssh && { ssh }),
    ...(mailHost && { mailHost }),
    ...(stopCommand && startCommand && statusCommand && { service: { stopCommand, startCommand, statusCommand } }),
    ...(fields.programDirectory && { programDirectory: fields.programDirectory }),
    timeouts,
    renameOrder: fields.renameOrder ?? "accountFirst",
    backup: fields.backup ?? "none",
    configurationCopyDays: fields.configurationCopyDays ?? 30,
  };
}

function invalid(name: string, found: readonly Problem[], variables: Place["variables"]): KerioError {
  const problems = found.map((problem) => withVariable(problem, variables));
  return new KerioError("CONFIG_INVALID", {
    object: name === "" ? "the stack's configuration" : `server ${JSON.stringify(name)} of the stack's configuration`,
    doing: "reading the settings",
    happened:
      problems.length === 1 ? problemText(problems[0]) : problems.map((p) => `\n  - ${problemText(p)}`).join(""),
  });
}
