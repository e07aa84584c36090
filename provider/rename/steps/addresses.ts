import { createAliases, listAliases, removeAliases, type Alias } from "../../kerio/methods/aliases";
import { setUsers, type User } from "../../kerio/methods/users";
import { delivers } from "../delivery-address";
import { explainItemError } from "../item-errors";
import { alive, newAddress, seeAccounts, type Renaming, type RunContext } from "../run-context";
import type { Step } from "./step";

/**
 * Leaves an alias under the old name, gives the new account the old one's extra addresses, and removes the alias that
 * bore the new name before, which would lead from the account to itself.
 */
export const addAddresses: Step = {
  name: "add-addresses",
  unseen: "the old address does not lead to the new account",
  onUnseen: "incomplete",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    const aliases = await aliasesByDomain(run, alive(run));
    return alive(run).filter((renaming) => {
      const { fresh } = accounts.get(renaming) ?? {};
      return (
        needsAlias(run, renaming, aliases) ||
        idleAliases(renaming, aliases).length > 0 ||
        (fresh !== undefined && lacksAddresses(renaming, fresh))
      );
    });
  },
  async act(run, pending) {
    const aliases = await aliasesByDomain(run, pending);
    const unnamed = pending.filter((renaming) => needsAlias(run, renaming, aliases));
    if (unnamed.length > 0) {
      const results = await createAliases(
        run.server.client,
        unnamed.map(({ record }) => ({
          domainId: record.domainId,
          name: record.from,
          deliverTo: newAddress(record),
          type: "TypeEmailAddress",
          description: aliasDescription,
        })),
      );
      results.forEach((result, index) => {
        if (!result.ok) tellOnce(unnamed[index], `the alias was refused: ${explainItemError(result.error)}`);
      });
    }
    const idle = pending.flatMap((renaming) => idleAliases(renaming, aliases).map((alias) => alias.id));
    if (idle.length > 0) await removeAliases(run.server.client, idle);
    const accounts = await seeAccounts(run, pending);
    for (const renaming of pending) {
      const { fresh } = accounts.get(renaming) ?? {};
      if (!fresh || !lacksAddresses(renaming, fresh)) continue;
      const emailAddresses = renaming.record.emailAddresses;
      const [result] = await setUsers(run.server.client, [fresh.id], { emailAddresses });
      if (result?.ok === false) tellOnce(renaming, `its addresses were refused: ${explainItemError(result.error)}`);
    }
  },
};

/** The reason of a refusal, however often the effect is tried. */
function tellOnce(renaming: Renaming | undefined, reason: string): void {
  if (renaming && !renaming.incomplete.includes(reason)) renaming.incomplete.push(reason);
}

/** What the description of an alias says that a rename has made. */
export const aliasDescription = "old address of a renamed user";

/** Whether the old name is to become an alias: not where somebody else is about to bear it. */
export function wantsAlias(run: RunContext, { record }: Renaming): boolean {
  return record.keepOldAddress && !run.hasNewBearer(record.domain, record.from);
}

function needsAlias(run: RunContext, renaming: Renaming, aliases: Map<string, Alias[]>): boolean {
  const { record } = renaming;
  if (!wantsAlias(run, renaming)) return false;
  const rows = aliases.get(record.domainId) ?? [];
  return !rows.some(
    (row) => row.name.toLowerCase() === record.from && delivers(row.deliverTo, record.to, record.domain),
  );
}

/** Aliases to the old account that bore the account's new name. */
function idleAliases({ record }: Renaming, aliases: Map<string, Alias[]>): Alias[] {
  const ids = new Set(record.aliases.map((alias) => alias.id));
  return (aliases.get(record.domainId) ?? []).filter(
    (row) =>
      ids.has(row.id) && row.name.toLowerCase() === record.to && delivers(row.deliverTo, record.to, record.domain),
  );
}

function lacksAddresses(renaming: Renaming, fresh: User): boolean {
  const local = (address: string) => address.toLowerCase().replace(/@.*$/, "");
  const has = new Set((fresh.emailAddresses ?? []).map(local));
  return renaming.record.emailAddresses.some((address) => !has.has(local(address)));
}

async function aliasesByDomain(run: RunContext, renamings: Renaming[]): Promise<Map<string, Alias[]>> {
  const found = new Map<string, Alias[]>();
  for (const domainId of new Set(renamings.map((r) => r.record.domainId))) {
    found.set(domainId, await listAliases(run.server.client, { domainId }));
  }
  return found;
}
