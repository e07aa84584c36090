import type { SettingsSource } from "./config";
import { settingFields, type RawSettings } from "./config-fields";
import { removalCommand, type Problem } from "./config-problem";

/** The environment variable of a setting: `KERIO_SSH_HOST` for `sshHost`. */
export function environmentVariable(setting: string): string {
  return `KERIO_${setting.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}

/**
 * The environment variables that are worth naming beside the stack's settings, by setting: none where the environment
 * gives nothing, else those of all settings that the stack lacks, since the stack's own would win.
 */
export function variablesInUse({ get, env }: Pick<SettingsSource, "get" | "env">): Record<string, string> | undefined {
  const all = [...Object.keys(settingFields), "servers"];
  if (!all.some((name) => env[environmentVariable(name)] !== undefined)) return undefined;
  const lacking = all.filter((name) => get(`kerio:${name}`) === undefined);
  return Object.fromEntries(lacking.map((name) => [name, environmentVariable(name)]));
}

/** The default server's settings: each from the stack's configuration, else from the environment. */
export function topLevelEntry(source: Pick<SettingsSource, "get" | "env">): RawSettings {
  const entry = Object.fromEntries(Object.keys(settingFields).map((name) => [name, valueOf(source, name)]));
  // A key that the stack sets in one way wins over one that the environment sets in the other.
  for (const [one, other] of [keys, [...keys].reverse()] as [string, string][])
    if (source.get(`kerio:${one}`) !== undefined && source.get(`kerio:${other}`) === undefined) delete entry[other];
  return entry;
}

/** The two ways to give a private key. */
const keys = ["sshPrivateKey", "sshPrivateKeyFile"];

/** The names in `kerio:servers`; none when it is not set or not readable. */
export function serverNames(source: Pick<SettingsSource, "get" | "env">): string[] {
  const servers = parseServers(valueOf(source, "servers"));
  return servers ? Object.keys(servers) : [];
}

/**
 * The settings of one entry of `kerio:servers`. They are the entry's alone: nothing is inherited from the default
 * server, whose password must not travel to another host by accident.
 */
export function serverEntry(source: SettingsSource, name: string, problems: Problem[]): RawSettings | undefined {
  const key = "kerio:servers";
  const text = valueOf(source, "servers");
  const example = `pulumi config set --path '${key}.${name}.url' https://mail.example.com:4040`;
  if (text === undefined) {
    problems.push({
      key,
      text: `is not set, but a resource names the server ${JSON.stringify(name)}`,
      command: example,
    });
    return undefined;
  }
  const servers = parseServers(text);
  if (!servers) {
    problems.push({ key, text: "is not an object of servers by name", command: example });
    return undefined;
  }
  const entry = Object.hasOwn(servers, name) ? servers[name] : undefined;
  if (!isObject(entry)) {
    const known = Object.keys(servers).join(", ") || "none";
    problems.push({ key, text: `has no server ${JSON.stringify(name)}; it knows: ${known}`, command: example });
    return undefined;
  }
  const raw: RawSettings = {};
  for (const [setting, value] of Object.entries(entry)) {
    if (!Object.hasOwn(settingFields, setting)) {
      problems.push({
        key: `${key}.${name}`,
        text: `has an unknown setting ${JSON.stringify(setting)}`,
        command: removalCommand(setting, name),
      });
    } else raw[setting] = textOf(value);
  }
  return raw;
}

/** `kerio:servers` as an object, undefined when it is none. */
export function parseServers(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is an object with named members. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueOf(source: Pick<SettingsSource, "get" | "env">, name: string): string | undefined {
  return textOf(source.get(`kerio:${name}`)) ?? source.env[environmentVariable(name)];
}

/** Configuration is typed by its looks: a user named 777 arrives as a number. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
