import { readSettings } from "../config";
import { KerioClient } from "../kerio/client";
import type { Logger } from "../log";
import { Inventory } from "../rename/inventory";
import type { MailServer } from "../rename/mail-server";
import { stackSettings } from "./stack-settings";

/**
 * The mail server that the command line names, by the settings of a stack or of the environment. Opens no connection.
 * @throws KerioError `CONFIG_INVALID`
 */
export async function openServer(names: { server?: string; stack?: string }, log: Logger): Promise<MailServer> {
  const get = names.stack === undefined ? () => undefined : await stackSettings(names.stack);
  const source = { get, env: process.env, directory: process.cwd() };
  const settings = readSettings(names.server === undefined ? source : { ...source, server: names.server });
  const client = new KerioClient(settings.api, { log });
  return { settings, client, inventory: new Inventory(client), log, caller: "recover" };
}
