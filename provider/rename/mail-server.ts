import type { ServerSettings } from "../config";
import { openSession, type HostSession } from "../host/session";
import type { KerioClient } from "../kerio/client";
import type { Logger } from "../log";
import type { Inventory } from "./inventory";
import { unknownHost } from "./unknown-host";

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
 * @throws KerioError `CONFIG_INVALID` when the stack has no SSH settings, `HOST_KEY_UNKNOWN` when the host's key is what they
 * lack; the codes of `openSession` otherwise.
 */
export async function openHost(server: MailServer): Promise<HostSession> {
  const { ssh, timeouts } = server.settings;
  if (!ssh) throw await unknownHost(server.settings);
  return openSession(ssh, { connectTimeout: timeouts.connect, log: server.log });
}
