import { codeOf, KerioError } from "../errors";
import type { KerioClient } from "../kerio/client";
import { roleAdvice } from "../kerio/role-advice";
import { getDirs, pathExists } from "../kerio/methods/server";

/**
 * Names of the directories in a directory of the mail host, as the server sees them; none where it does not exist yet.
 * @throws KerioError `API_REFUSED` that says whom to give which right
 */
export async function directoryNames(client: KerioClient, path: string): Promise<string[]> {
  try {
    return await getDirs(client, path);
  } catch (error) {
    if (codeOf(error) !== "API_REFUSED") throw error;
    if (await isMissing(client, path)) return [];
    throw mayNotSee(client, error as KerioError);
  }
}

async function isMissing(client: KerioClient, path: string): Promise<boolean> {
  try {
    return (await pathExists(client, path)) === "directoryDoesNotExist";
  } catch (error) {
    if (codeOf(error) === "API_REFUSED") return false;
    throw error;
  }
}

function mayNotSee({ settings }: KerioClient, refusal: KerioError): KerioError {
  return new KerioError("API_REFUSED", {
    ...refusal.facts,
    next: `New users and renames have to see the mailbox directories of the store. ${roleAdvice(settings)}`,
    cause: refusal,
  });
}
