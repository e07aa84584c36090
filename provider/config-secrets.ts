import { KerioError } from "./errors";
import { secretSettings } from "./config-fields";
import { isObject, parseServers } from "./config-source";
import { settingCommand, settingKey } from "./kerio/api-settings";

/**
 * Refuses passwords, keys and passphrases that the stack's configuration holds in clear text. For the program's side:
 * only there is it known what is a secret. Inside `kerio:servers` one secret makes the whole value secret for Pulumi,
 * so an entry in clear beside a secret one cannot be told apart.
 * @param isSecret `pulumi.runtime.isConfigSecret`
 * @param get the stack's configuration alone, without the environment
 * @throws KerioError CONFIG_NOT_SECRET with the commands that put it right
 */
export function requireSecrets(isSecret: (key: string) => boolean, get: (key: string) => string | undefined): void {
  const open = secretSettings
    .filter((name) => get(settingKey(name, "")) !== undefined && !isSecret(settingKey(name, "")))
    .map((name) => ({ name, server: "" }));
  const servers = isSecret("kerio:servers") ? undefined : parseServers(get("kerio:servers"));
  for (const [server, entry] of Object.entries(servers ?? {})) {
    if (!isObject(entry)) continue;
    open.push(...secretSettings.filter((name) => name in entry).map((name) => ({ name, server })));
  }
  if (open.length === 0) return;
  const commands = open.map(({ name, server }) => settingCommand(name, server, { secret: true }));
  throw new KerioError("CONFIG_NOT_SECRET", {
    object: "the stack's configuration",
    doing: "reading the settings",
    happened: `${open.map(({ name, server }) => settingKey(name, server)).join(", ")} in clear text`,
    next: `Set it again as a secret: ${commands.join("; ")}.`,
  });
}
