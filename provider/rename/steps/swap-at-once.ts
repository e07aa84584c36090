import { codeOf, messageOf } from "../../errors";
import { runBatch, type Command } from "../../kerio/methods/batch";
import { carryOver, giveLacking } from "../carry-over";
import { alive, seeAccounts, type Accounts, type Renaming, type RunContext } from "../run-context";
import { writeDown } from "../save-results";
import { resultKey } from "../snapshot";
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
    const accounts = await seeAccounts(run, alive(run));
    return alive(run).filter((renaming) => {
      const { old, fresh } = accounts.get(renaming) ?? {};
      return !renaming.askedAtOnce && old !== undefined && fresh !== undefined;
    });
  },
  async act(run, pending) {
    await carryOver(run);
    await giveLacking(run, pending);
    await noteSwap(run, pending);
    for (const renaming of pending) renaming.askedAtOnce = true;
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

/** From here on it cannot be told any more what an administrator has taken from an old account, and what a rename has. */
async function noteSwap({ host, snapshot }: RunContext, renamings: Renaming[]): Promise<void> {
  const { results } = snapshot;
  const keys = renamings.map(({ record }) => resultKey(record)).filter((key) => results[key]?.swapBegun !== true);
  if (keys.length === 0) return;
  const begun = Object.fromEntries(keys.map((key) => [key, { ...results[key], swapBegun: true }]));
  // Known here only once it was heard to be written down: until then nothing is handed over.
  await writeDown({ host, snapshot: { ...snapshot, results: { ...results, ...begun } } });
  Object.assign(results, begun);
}

async function seatCommands(
  run: RunContext,
  renamings: Renaming[],
  accounts: Map<Renaming, Accounts>,
): Promise<Command[]> {
  const spare = await withSpareSeat(run, renamings, accounts);
  const waiting = renamings.filter((r) => r.record.enabled && accounts.get(r)?.fresh?.isEnabled === false);
  const giving = waiting.filter((renaming) => !spare.has(renaming) && accounts.get(renaming)?.old?.isEnabled);
  const enable = (isIt: (renaming: Renaming) => boolean) =>
    seatCommand(
      waiting.filter(isIt).map((renaming) => accounts.get(renaming)?.fresh?.id),
      true,
    );
  return [
    ...seatCommand(
      giving.map((renaming) => accounts.get(renaming)?.old?.id),
      false,
    ),
    ...enable((renaming) => !spare.has(renaming)),
    // After those who have given a seat up: should the spare seats be fewer by now, whoever is refused has an account.
    ...enable((renaming) => spare.has(renaming)),
  ];
}
