import { codeOf, messageOf } from "../errors";
import { runBatch } from "../kerio/methods/batch";
import { lookAgain, seeAccounts, type Renaming, type RunContext } from "./run-context";
import { seatsBackCommands } from "./seats-back";
import { addressesBackCommands } from "./steps/addresses";

/**
 * Gives seats and addresses back in one call: whoever dies between two leaves people without an account, somebody else may
 * take their seat, and a server that delivers although its services are held returns their mail. What the server does not
 * do of it, or all where it knows no such call, is given back one by one.
 */
export async function backAtOnce(run: RunContext, back: Renaming[]): Promise<void> {
  lookAgain(run);
  const accounts = await seeAccounts(run, back);
  const commands = [...(await seatsBackCommands(run, back)), ...(await addressesBackCommands(run, back, accounts))];
  try {
    // A call alone has nothing that could come between.
    if (commands.length > 1) await runBatch(run.server.client, commands, { relogin: false });
  } catch (error) {
    if (codeOf(error) !== "API_REFUSED") throw error;
    run.server.log.progress(`${messageOf(error)} Going on step by step.`);
  }
  lookAgain(run);
}
