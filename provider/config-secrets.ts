import { KerioError } from "./errors";
import { secretSettings } from "./config-fields";
import { isObject, parseServers } from "./config-source";
import { settingCommand, settingKey } from "./setting-key";

/** What the program's side knows of the stack's configuration, the environment left aside. */
export interface SecretsSource {
  /** `pulumi.runtime.isConfigSecret`. */
  isSecret(key: string): boolean;
  get(key: string): string | undefined;
  /** `kerio:servers` as the stack's file holds it, undefined where that cannot be known. */
  serversInFile?(): unknown;
}

/**
 * Refuses passwords, keys and passphrases that the stack's configuration holds in clear text. For the program's side:
 * only there is it known what is a secret. Inside `kerio:servers` one secret makes the whole value secret for Pulumi;
 * an entry in clear beside a secret one is told apart by the stack's file.
 * @throws KerioError CONFIG_NOT_SECRET with the commands that put it right
 */
export function requireSecrets({ isSecret, get, serversInFile }: SecretsSource): void {
  const open = secretSettings
    .filter((name) => get(settingKey(name, "")) !== undefined && !isSecret(settingKey(name, "")))
    .map((name) => ({ name, server: "" }));
  const inFile = isSecret("kerio:servers") ? serversInFile?.() : undefined;
  const mayBeClear = isSecret("kerio:servers") ? inEffect(inFile) : () => true;
  for (const [server, entry] of Object.entries(parseServers(get("kerio:servers")) ?? {})) {
    if (!isObject(entry)) continue;
    const clear = secretSettings.filter((name) => name in entry && mayBeClear(server, name, entry[name]));
    open.push(...clear.map((name) => ({ name, server })));
  }
  if (open.length === 0) return;
  const commands = open.map(({ name, server }) => `\`${settingCommand(name, server, { secret: true })}\``);
  throw new KerioError("CONFIG_NOT_SECRET", {
    object: "the stack's configuration",
    doing: "reading the settings",
    happened: `${open.map(({ name, server }) => settingKey(name, server)).join(", ")} in clear text`,
    next: `Set it again as a secret: ${commands.join(", ")}.`,
  });
}

/** The stack's file may be another one than the one in use: only a value that is in effect and stands there counts. */
function inEffect(file: unknown): (server: string, setting: string, value: unknown) => boolean {
  return (server, setting, value) => {
    const entry = isObject(file) && Object.hasOwn(file, server) ? file[server] : undefined;
    const written = isObject(entry) && Object.hasOwn(entry, setting) ? entry[setting] : undefined;
    return (typeof written === "string" || typeof written === "number") && String(written) === String(value);
  };
}
