import type { MailHost, ServerSettings } from "../config";
import { KerioError, messageOf } from "../errors";
import { askHostKey, whereIsSet } from "../host/dial";
import { settingCommand, settingKey } from "../setting-key";

/** What was told of each server: all renames of a preview ask, and one connection answers them. */
const told = new WeakMap<ServerSettings, Promise<KerioError>>();

/**
 * Why no rename can be done, for settings without a host key. Where there is a beginning of SSH settings, or an agent, the
 * mail host is asked for its key, so that the error has the command that sets it; else nothing is connected to.
 *
 * @returns `HOST_KEY_UNKNOWN` with the key that the host offers, `CONFIG_INVALID` where none could be asked for
 */
export async function unknownHost(settings: ServerSettings): Promise<KerioError> {
  const { ssh, mailHost } = settings;
  const host = ssh ? { ...ssh, hasLogin: true } : mailHost;
  if (!host) return noSshSettings(settings.name, "and the stack has no SSH settings");
  const known = told.get(settings) ?? ask(host, settings);
  told.set(settings, known);
  const error = await known;
  // One that was not reached may be back for the next.
  if (error.code !== "HOST_KEY_UNKNOWN") told.delete(settings);
  return error;
}

async function ask(host: MailHost, { name, timeouts }: ServerSettings): Promise<KerioError> {
  const met = await askHostKey(host, timeouts.connect);
  if (!(met instanceof KerioError) || met.code !== "HOST_KEY_UNKNOWN") {
    const where = `${host.host}:${host.port} (check ${whereIsSet(host)})`;
    const why = `no host key is set, and ${where} could not be asked for its own: ${messageOf(met)}`;
    return noSshSettings(name, why);
  }
  const login = `A rename also needs ${waysToLogIn(name)}.`;
  return host.hasLogin ? met : new KerioError(met.code, { ...met.facts, next: `${met.facts.next ?? ""} ${login}` });
}

function noSshSettings(name: string, why: string): KerioError {
  return new KerioError("CONFIG_INVALID", {
    object: `setting ${settingKey("sshHostKey", name)}`,
    doing: "preparing a rename",
    happened: `a changed name renames a directory on the mail host, ${why}`,
    next:
      `Set the host key (a line of ssh-keyscan that you have checked on the host) with ` +
      `\`${settingCommand("sshHostKey", name, { example: "'ssh-ed25519 AAAA…'" })}\`, and ${waysToLogIn(name)}.`,
  });
}

function waysToLogIn(name: string): string {
  return `one of ${settingKey("sshPrivateKeyFile", name)}, ${settingKey("sshPrivateKey", name)} (secret) or an SSH agent`;
}
