import { codeOf, messageOf } from "../../errors";
import { runBatch, type Command } from "../../kerio/methods/batch";
import { alive, seeAccounts, type Accounts, type Renaming, type RunContext } from "../run-context";
import { addressCommands } from "./addresses";
import { liftCommands } from "./lift-interim";
import { membershipCommands } from "./memberships";
import { aliasCommands } from "./repoint";
import type { Step } from "./step";
import { seatCommand, withSpareSeat } from "./switch-over";

/**
 * Hands seats, groups, lists, aliases and addresses over in one call, so that no message can come between: a server may
 * go on delivering although its services are held, and would turn it away, or deliver it to both accounts or to neither.
 * What the server does not do of it, or all where it does not know such a call, the steps that follow do one by one.
 */
export const swapAtOnce: Step = {
  name: "swap-at-once",
  unseen: "it is done step by step",
  onUnseen: "warn",
  async pending(run) {
    if (run.askedAtOnce) return [];
    const accounts = await seeAccounts(run, alive(run));
    return alive(run).filter((renaming) => {
      const { old, fresh } = accounts.get(renaming) ?? {};
      return old !== undefined && fresh !== undefined;
    });
  },
  async act(run, pending) {
    run.askedAtOnce = true;
    const accounts = await seeAccounts(run, pending);
    const commands = [
      ...(await seatCommands(run, pending, accounts)),
      ...(await membershipCommands(run, pending, accounts)),
      ...(await liftCommands(run, pending, accounts)),
      ...(await aliasCommands(run, pending)),
      ...(await addressCommands(run, pending, accounts)),
    ];
    try {
      await runBatch(run.server.client, commands, { relogin: false });
    } catch (error) {
      if (codeOf(error) !== "API_REFUSED") throw error;
      run.server.log.progress(`${messageOf(error)} Going on step by step.`);
    }
  },
};

async function seatCommands(
  run: RunContext,
  renamings: Renaming[],
  accounts: Map<Renaming, Accounts>,
): Promise<Command[]> {
  const spare = await withSpareSeat(run, renamings, accounts);
  const waiting = renamings.filter((r) => r.record.enabled && accounts.get(r)?.fresh?.isEnabled === false);
  const giving = waiting.filter((renaming) => !spare.has(renaming) && accounts.get(renaming)?.old?.isEnabled);
  return [
    ...seatCommand(
      giving.map((renaming) => accounts.get(renaming)?.old?.id),
      false,
    ),
    ...seatCommand(
      waiting.map((renaming) => accounts.get(renaming)?.fresh?.id),
      true,
    ),
  ];
}
