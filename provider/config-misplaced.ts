import { isObject, parseServers } from "./config-source";
import { KerioError } from "./errors";
import { settingCommand, settingKey } from "./setting-key";

/** Settings that are no secrets by themselves, and what may stand in them that is one. */
const mayHoldSecrets: Readonly<
  Record<string, { what: string; holds(value: string): boolean; cure(server: string): string }>
> = {
  sshPrivateKeyFile: {
    what: "the text of a private key, where the path of its file belongs",
    holds: (value) => value.includes("-----BEGIN"),
    cure: (server) => `\`${settingCommand("sshPrivateKeyFile", server, { example: "~/.ssh/id_ed25519" })}\``,
  },
  caFile: {
    what: "the text of a private key, where the path of a file of certificates belongs",
    holds: (value) => /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value),
    cure: (server) => `\`${settingCommand("caFile", server, { example: "ca.pem" })}\``,
  },
  url: {
    what: "a user name or a password",
    holds: (value) => /^\w+:\/\/[^/]*@/.test(value),
    cure: (server) =>
      `\`${settingCommand("url", server, { example: "https://mail.example.com:4040" })}\`, and the password is ` +
      `${settingKey("password", server)}`,
  },
};

/**
 * Refuses secrets in settings where none belongs. For the program's side: what the plugin is given stands in the state
 * already.
 *
 * @param get the text of a setting of the stack's configuration
 * @throws KerioError `CONFIG_NOT_SECRET`, without the value
 */
export function refuseMisplacedSecrets(get: (key: string) => string | undefined): void {
  const servers = Object.entries(parseServers(get("kerio:servers")) ?? {});
  const found: { happened: string; cure: string }[] = [];
  for (const [name, { what, holds, cure }] of Object.entries(mayHoldSecrets)) {
    const values: [string, unknown][] = [
      ["", get(settingKey(name, ""))],
      ...servers.map(([server, entry]): [string, unknown] => [server, isObject(entry) ? entry[name] : undefined]),
    ];
    for (const [server, value] of values) {
      if (typeof value !== "string" || !holds(value)) continue;
      found.push({ happened: `${settingKey(name, server)} holds ${what}`, cure: cure(server) });
    }
  }
  if (found.length === 0) return;
  throw new KerioError("CONFIG_NOT_SECRET", {
    object: "the stack's configuration",
    doing: "reading the settings",
    happened: found.map(({ happened }) => happened).join("; "),
    next: `Set it again: ${found.map(({ cure }) => cure).join("; ")}.`,
  });
}
