import { codeOf, messageOf } from "../errors";
import { createAliases, listAliases } from "../kerio/methods/aliases";
import { delivers } from "./delivery-address";
import { interimAlias } from "./interim-aliases";
import { explainItemError } from "./item-errors";
import { isLifted, restoreLifted } from "./lifted-aliases";
import { lookAgain, seeAccounts, seeUsers, type Renaming, type RunContext } from "./run-context";
import { linkKey, type RenameRecord } from "./snapshot";
import { holdServices } from "./steps/hold";
import { untilHeard } from "./until-heard";

/**
 * Lets the names that people are about to lose again lead to those who bore them before and have left them for good, or
 * where they led before: a server that returns mail to a disabled account, or to a name that nobody bears, would do so
 * until the end of the run. A server that refuses an alias beside an account takes it once that is gone.
 */
export async function keepNames(run: RunContext, back: Renaming[]): Promise<void> {
  await tryTo(run, () => untilHeard(run, () => makeAliases(run, back)));
  await tryTo(run, () => untilHeard(run, async () => void (await restoreLifted(run, back))));
}

/**
 * Holds the services after a restart that has opened them, where a name is between two people: a message would reach an
 * account that is being removed.
 */
export function holdForNames(run: RunContext, back: Renaming[]): Promise<void> {
  return tryTo(run, async () => {
    const isBetween = back.some((renaming) => isLifted(run, renaming)) || (await formerBearers(run, back)).length > 0;
    if (isBetween) await holdServices.act(run, back);
  });
}

/** Neither may keep anybody from getting back what is theirs. */
async function tryTo(run: RunContext, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (codeOf(error) === "LOCK_LOST") throw error;
    run.server.log.warn(messageOf(error));
  }
  lookAgain(run);
}

async function makeAliases(run: RunContext, back: Renaming[]): Promise<void> {
  lookAgain(run);
  const formers = await formerBearers(run, back);
  for (const domainId of new Set(formers.map((former) => former.domainId))) {
    const rows = await listAliases(run.server.client, { domainId });
    const isThere = ({ from, to, domain }: RenameRecord) =>
      rows.some((row) => row.name.toLowerCase() === from && delivers(row.deliverTo, to, domain));
    const missing = formers.filter((former) => former.domainId === domainId && !isThere(former));
    const aliases = missing.map((former) => interimAlias(run.snapshot, former));
    for (const result of await createAliases(run.server.client, aliases))
      if (!result.ok) run.server.log.warn(`An alias for a former bearer of a name: ${explainItemError(result.error)}`);
  }
}

/** The renames that had freed a name for somebody who does not get it, where nobody else bears it. */
async function formerBearers(run: RunContext, back: Renaming[]): Promise<RenameRecord[]> {
  const waiting = back.filter(({ record }) => record.after !== undefined);
  const accounts = await seeAccounts(run, waiting);
  const byKey = new Map(run.snapshot.renames.map((record) => [linkKey(record), record]));
  const formers: RenameRecord[] = [];
  for (const renaming of waiting) {
    const former = byKey.get(renaming.record.after ?? "");
    const { predecessor, stranger } = accounts.get(renaming) ?? {};
    if (!former || predecessor || stranger) continue;
    const users = await seeUsers(run, former.domainId);
    const hasLeft = !users.some((user) => user.id === former.oldId);
    if (hasLeft && users.some((user) => user.loginName.toLowerCase() === former.to)) formers.push(former);
  }
  return formers;
}
