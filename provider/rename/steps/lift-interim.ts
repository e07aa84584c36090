import { listAliases, removeAliases, setAliases, type Alias } from "../../kerio/methods/aliases";
import type { Command } from "../../kerio/methods/batch";
import { delivers } from "../delivery-address";
import { explainItemError, isNoSuch } from "../item-errors";
import { interimOf, isInterim, takerOf } from "../interim-aliases";
import { alive, lookAgain, seeAccounts, seeUsers, type Accounts, type Renaming, type RunContext } from "../run-context";
import { resultKey } from "../snapshot";
import { living } from "../whereabouts";
import { promisedDescription, wantsAlias } from "./addresses";
import type { Step } from "./step";

/**
 * Removes the alias that has borne a name between two people, once the new bearer's account is as wanted. Before their
 * own aliases are pointed to that name: a server that asks aliases first would bring the mail for them to the old bearer.
 */
export const liftInterim: Step = {
  name: "lift-interim",
  doneAtOnce: true,
  unseen: "the alias that bore the name meanwhile is still there, and leads its mail to the former bearer",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    const inPlace = alive(run).filter((r) => accounts.get(r)?.fresh?.isEnabled === r.record.enabled);
    const interim = await interimAliases(run, inPlace);
    return inPlace.filter((renaming) => (interim.get(renaming) ?? []).length > 0);
  },
  async act(run, pending) {
    const interim = await interimAliases(run, pending);
    const ids = pending.flatMap((renaming) => (interim.get(renaming) ?? []).map((alias) => alias.id));
    await removeAliases(run.server.client, ids, { relogin: false });
  },
};

/** What {@link liftInterim} does, as a call that follows the one which enables the accounts. */
export async function liftCommands(
  run: RunContext,
  renamings: Renaming[],
  accounts: Map<Renaming, Accounts>,
): Promise<Command[]> {
  const interim = await interimAliases(
    run,
    renamings.filter((renaming) => accounts.get(renaming)?.fresh !== undefined),
  );
  const aliasIds = [...interim.values()].flat().map((alias) => alias.id);
  return aliasIds.length > 0 ? [{ method: "Aliases.remove", params: { aliasIds } }] : [];
}

/** The interim aliases that bear the new names of renamings. */
export async function interimAliases(run: RunContext, renamings: Renaming[]): Promise<Map<Renaming, Alias[]>> {
  const waiting = renamings.filter(({ record }) => record.after !== undefined);
  const found = new Map<Renaming, Alias[]>();
  for (const domainId of new Set(waiting.map(({ record }) => record.domainId))) {
    const rows = await listAliases(run.server.client, { domainId });
    for (const renaming of waiting.filter(({ record }) => record.domainId === domainId))
      found.set(renaming, interimOf(run.snapshot, renaming.record, rows));
  }
  return found;
}

/**
 * After a roll-back: an interim alias whose name has its bearer goes; one whose next bearer was taken back becomes the
 * alias that the old bearer keeps, or goes. Where the rename that takes the name is still open, it stays.
 */
export async function settleInterim(run: RunContext): Promise<void> {
  const { snapshot, server } = run;
  lookAgain(run);
  const concerned = living(snapshot).filter(({ after }) => after !== undefined);
  for (const domainId of new Set(concerned.map((record) => record.domainId))) {
    const rows = (await listAliases(server.client, { domainId })).filter((row) => isInterim(row, snapshot));
    if (rows.length === 0) continue;
    const users = await seeUsers(run, domainId);
    const kept: Alias[] = [];
    const idle: Alias[] = [];
    for (const row of rows) {
      const from = row.name.toLowerCase();
      const taker = takerOf(snapshot, { domainId, from });
      const isBack = taker !== undefined && snapshot.results[resultKey(taker)]?.rolledBack === true;
      const record = snapshot.renames.find(
        (one) => one.domainId === domainId && one.from === from && delivers(row.deliverTo, one.to, one.domain),
      );
      const bearer = users.find((user) => user.loginName.toLowerCase() === from);
      if (isBack && !bearer && record && wantsAlias(run, { record })) kept.push(row);
      else if (isBack || (taker !== undefined && bearer?.isEnabled === taker.enabled)) idle.push(row);
    }
    const idsOf = (aliases: Alias[]) => aliases.map((alias) => alias.id);
    const { client } = server;
    const results = [
      ...(await setAliases(client, idsOf(kept), { description: promisedDescription }, { itemwise: true })),
      ...(await removeAliases(client, idsOf(idle), { itemwise: true })),
    ];
    results.forEach((result, index) => {
      if (result.ok || isNoSuch(result.error)) return;
      const name = [...kept, ...idle][index]?.name ?? "";
      server.log.warn(`The alias ${name} that led to a former bearer: ${explainItemError(result.error)}`);
    });
  }
}
