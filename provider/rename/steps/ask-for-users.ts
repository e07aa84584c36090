import { eachForItself } from "../../kerio/methods/each-for-itself";
import { createUsers, type NewUser } from "../../kerio/methods/users";
import { explainItemError } from "../item-errors";
import { lookAgain, seeAccounts, type Renaming, type RunContext } from "../run-context";

/**
 * Makes the accounts of renamings, in their order, and tells why the server refused one; undefined where it is made. Where
 * the whole call is refused, each is asked for alone that is not there after all.
 */
export async function askForUsers(
  run: RunContext,
  users: readonly NewUser[],
  renamings: Renaming[],
): Promise<(string | undefined)[]> {
  const seen = async () => {
    lookAgain(run);
    const accounts = await seeAccounts(run, renamings);
    return renamings.map((renaming) => accounts.get(renaming)?.fresh?.id);
  };
  const ask = (some: readonly NewUser[]) => createUsers(run.server.client, some);
  const results = await eachForItself(users, ask, { itemwise: true, seen });
  return results.map((result) => (result.ok ? undefined : explainItemError(result.error)));
}
