import { codeOf } from "../errors";
import type { KerioClient } from "../kerio/client";
import { getDirs, pathExists } from "../kerio/methods/server";

/** Names of the directories in a directory of the mail host, as the server sees them; none where it does not exist yet. */
export async function directoryNames(client: KerioClient, path: string): Promise<string[]> {
  try {
    return await getDirs(client, path);
  } catch (error) {
    if (codeOf(error) !== "API_REFUSED") throw error;
    if ((await pathExists(client, path)) === "directoryDoesNotExist") return [];
    throw error;
  }
}
