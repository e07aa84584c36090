import type { ServerSettings } from "../config";
import { KerioError } from "../errors";
import { openSession, type HostSession } from "../host/session";
import { settingCommand, settingKey } from "../setting-key";
import type { KerioClient } from "../kerio/client";
import type { Logger } from "../log";
import type { Inventory } from "./inventory";

/** One mail server of the stack's configuration: its API, what is known of it, and the way to its host. */
export interface MailServer {
  readonly settings: ServerSettings;
  readonly client: KerioClient;
  readonly inventory: Inventory;
  readonly log: Logger;
  /** Who asks, for another run that has to wait: `stack dev`, `recover`. */
  readonly caller?: string;
}

/**
 * Opens an SSH session to the mail host.
 *
 * @throws KerioError `CONFIG_INVALID` when the stack has no SSH settings; the codes of `openSession` otherwise.
 */
export function openHost(server: MailServer): Promise<HostSession> {
  const { ssh, timeouts } = server.settings;
  if (!ssh) throw noSshSettings(server);
  return openSession(ssh, { connectTimeout: timeouts.connect, log: server.log });
}

/** The refusal of a rename on a stack without SSH settings. */
export function noSshSettings(server: MailServer): KerioError {
  const { name } = server.settings;
  return new KerioError("CONFIG_INVALID", {
    object: `setting ${settingKey("sshHostKey", name)}`,
    doing: "preparing a rename",
    happened: "a changed name renames a directory on the mail host, and the stack has no SSH settings",
    next:
      `Set the host key (a line of ssh-keyscan that you have checked on the host) with ` +
      `\`${settingCommand("sshHostKey", name, { example: "'ssh-ed25519 AAAA…'" })}\`, and one of ` +
      `${settingKey("sshPrivateKeyFile", name)}, ${settingKey("sshPrivateKey", name)} (secret) or an SSH agent.`,
  });
}
