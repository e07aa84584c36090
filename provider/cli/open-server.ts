import { readSettings, type ServerSettings, type SettingsSource } from "../config";
import { KerioError } from "../errors";
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
  const settings = settingsFrom(names.server === undefined ? source : { ...source, server: names.server }, names.stack);
  const client = new KerioClient(settings.api, { log });
  return { settings, client, inventory: new Inventory(client), log, caller: "recover" };
}

function settingsFrom(source: SettingsSource, stack: string | undefined): ServerSettings {
  try {
    return readSettings(source);
  } catch (error) {
    if (stack !== undefined || !(error instanceof KerioError) || error.code !== "CONFIG_INVALID") throw error;
    const next =
      "Without --stack the settings are those of the environment (KERIO_URL, KERIO_USERNAME, …); `--stack NAME` reads those " +
      "of a stack.";
    throw new KerioError(error.code, { ...error.facts, next });
  }
}
