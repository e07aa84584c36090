import { settingFields } from "./config-fields";
import { KerioError } from "./errors";

const known = [...Object.keys(settingFields), "servers"];

/**
 * Refuses settings of the stack that nothing reads: who sets `kerio:backups` believes that a backup will be made. For the
 * program's side: the plugin gets only what it asks for. In a project that is itself called `kerio` such keys may
 * be the program's own.
 * @param keys all keys of the stack's configuration, with their namespaces
 * @param project the name of the Pulumi project
 * @throws KerioError CONFIG_INVALID with the names that there are and the commands that remove the others
 */
export function requireKnownNames(keys: readonly string[], project: string): void {
  if (project === "kerio") return;
  const names = keys.filter((key) => key.startsWith("kerio:")).map((key) => key.slice("kerio:".length));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new KerioError("CONFIG_INVALID", {
    object: "the stack's configuration",
    doing: "reading the settings",
    happened: unknown.map(complaint).join("; "),
    next:
      `Remove what nothing reads: ${unknown.map((name) => `pulumi config rm kerio:${name}`).join("; ")}; and set what was ` +
      `meant, if anything. The settings are ${known.join(", ")}.`,
  });
}

function complaint(name: string): string {
  const meant = known.find((candidate) => letters(candidate) === letters(name));
  return `there is no setting kerio:${name}${meant === undefined ? "" : `; kerio:${meant} is one`}`;
}

/** `ssh_host` and `SSH-Host` are meant to be `sshHost`. */
function letters(name: string): string {
  return name.replace(/[^A-Za-z]/g, "").toLowerCase();
}
