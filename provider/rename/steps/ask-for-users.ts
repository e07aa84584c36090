import { codeOf, messageOf } from "../../errors";
import { createUsers, type NewUser } from "../../kerio/methods/users";
import { explainItemError } from "../item-errors";
import type { RunContext } from "../run-context";

/**
 * Makes accounts, and tells why the server refused one; undefined where it is made.
 *
 * @param isEach whether a refusal of the whole call counts as one of each account, instead of being thrown
 */
export async function askForUsers(run: RunContext, users: NewUser[], isEach: boolean): Promise<(string | undefined)[]> {
  try {
    const results = await createUsers(run.server.client, users);
    return results.map((result) => (result.ok ? undefined : explainItemError(result.error)));
  } catch (error) {
    if (!isEach || codeOf(error) !== "API_REFUSED") throw error;
    return users.map(() => messageOf(error));
  }
}
