import type { Command } from "../kerio/methods/batch";
import { setUsers } from "../kerio/methods/users";
import { explainItemError } from "./item-errors";
import { lookAgain, oldAddress, seeAccounts, type Renaming, type RunContext } from "./run-context";
import { seatCommand, withFreeSeat } from "./steps/switch-over";

/** Whose seat is with the new account, and who has none, by the ids of the accounts. */
interface Seats {
  /** New accounts that are enabled. */
  taken: Map<Renaming, string>;
  /** Old accounts that are disabled, and were not. */
  missing: Renaming[];
}

/**
 * Disables the new accounts and enables the old ones that were enabled; these first where a seat is free, so that nobody is
 * without an account between the two.
 *
 * @param unseated is given those who get no seat, and why
 */
export async function seatsBack(run: RunContext, back: Renaming[], unseated: Map<Renaming, string>): Promise<void> {
  unseated.clear();
  const { taken, missing } = await seeSeats(run, back);
  const beside = await withFreeSeat(
    run,
    missing.filter((renaming) => taken.has(renaming)),
  );
  const refused = await set(run, [...beside], true);
  const kept = await set(run, [...taken.keys()], false, taken);
  const rest = missing.filter((renaming) => !beside.has(renaming) || refused.has(renaming));
  const tell = (refusals: Map<Renaming, string>, doing: string): void => {
    for (const [renaming, reason] of refusals)
      unseated.set(renaming, `user ${oldAddress(renaming.record)}: ${doing} failed: ${reason}`);
  };
  tell(kept, "disabling the new account");
  tell(await set(run, rest, true), "enabling the account again");
}

async function seeSeats(run: RunContext, back: Renaming[]): Promise<Seats> {
  lookAgain(run);
  const accounts = await seeAccounts(run, back);
  const taken = back.flatMap((renaming): [Renaming, string][] => {
    const fresh = accounts.get(renaming)?.fresh;
    return fresh?.isEnabled ? [[renaming, fresh.id]] : [];
  });
  const isMissing = (r: Renaming) => r.record.before.isEnabled && accounts.get(r)?.old?.isEnabled === false;
  return { taken: new Map(taken), missing: back.filter(isMissing) };
}

/** What {@link seatsBack} does, as calls: the new accounts give their seats first. */
export async function seatsBackCommands(run: RunContext, back: Renaming[]): Promise<Command[]> {
  const { taken, missing } = await seeSeats(run, back);
  const oldIds = missing.map(({ record }) => record.oldId);
  return [...seatCommand([...taken.values()], false), ...seatCommand(oldIds, true)];
}

/** Enables or disables accounts, the old ones unless others are named; answers who was refused, and why. */
async function set(
  run: RunContext,
  renamings: Renaming[],
  isEnabled: boolean,
  ids?: Map<Renaming, string>,
): Promise<Map<Renaming, string>> {
  const userIds = renamings.map((renaming) => ids?.get(renaming) ?? renaming.record.oldId);
  const results = await setUsers(run.server.client, userIds, { isEnabled }, { relogin: false, itemwise: true });
  lookAgain(run);
  return new Map(
    renamings.flatMap((renaming, index): [Renaming, string][] => {
      const result = results[index];
      return result?.ok === false ? [[renaming, explainItemError(result.error)]] : [];
    }),
  );
}
