import { createAliases, listAliases, removeAliases, type Alias, type NewAlias } from "../../kerio/methods/aliases";
import type { Command } from "../../kerio/methods/batch";
import { setUsers, type User } from "../../kerio/methods/users";
import { delivers, localPart } from "../delivery-address";
import { giveAddresses } from "../give-addresses";
import { interimAlias, interimOf, isInterim, takerOf, wantsInterim } from "../interim-aliases";
import { explainItemError } from "../item-errors";
import {
  alive,
  newAddress,
  seeAccounts,
  seeUsers,
  type Accounts,
  type Renaming,
  type RunContext,
} from "../run-context";
import { resultKey, type RenameRecord } from "../snapshot";
import type { Step } from "./step";

/**
 * Leaves an alias under the old name, for good or until its next bearer comes, gives the new account the old one's extra
 * addresses, and removes the aliases that bore the new name before: one that would lead from the account to itself, one
 * that the program gives another name, and an interim one.
 */
export const addAddresses: Step = {
  name: "add-addresses",
  doneAtOnce: true,
  unseen: "the old address does not lead to the new account",
  onUnseen: "incomplete",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    const aliases = await aliasesByDomain(run, alive(run));
    const unnamed = await missingAliases(run, alive(run), aliases);
    return alive(run).filter((renaming) => {
      const { fresh } = accounts.get(renaming) ?? {};
      return (
        unnamed.has(renaming) ||
        idleAliases(run, renaming, aliases).length > 0 ||
        (fresh !== undefined && lacksAddresses(renaming.record.emailAddresses, fresh))
      );
    });
  },
  async act(run, pending) {
    const aliases = await aliasesByDomain(run, pending);
    const unnamed = await missingAliases(run, pending, aliases);
    if (unnamed.size > 0) {
      const results = await createAliases(run.server.client, [...unnamed.values()], { itemwise: true });
      [...unnamed.keys()].forEach((renaming, index) => {
        const result = results[index];
        if (result?.ok === false) tellOnce(renaming, `the alias was refused: ${explainItemError(result.error)}`);
      });
    }
    const idle = pending.flatMap((renaming) => idleAliases(run, renaming, aliases).map((alias) => alias.id));
    if (idle.length > 0) await removeAliases(run.server.client, idle);
    const accounts = await seeAccounts(run, pending);
    for (const renaming of pending) {
      const { fresh } = accounts.get(renaming) ?? {};
      if (!fresh || !lacksAddresses(renaming.record.emailAddresses, fresh)) continue;
      const { emailAddresses, domain } = renaming.record;
      const wanted = writable(emailAddresses, renaming.record);
      for (const [address, reason] of await giveAddresses(run.server, fresh, wanted, domain))
        tellOnce(renaming, `its address ${address}@${domain} was refused: ${reason}`);
    }
  },
};

/**
 * What {@link addAddresses} does, as calls for the time when the old account is still there: a server may let an alias
 * stand beside it, and takes it for the address as soon as the account is gone.
 */
export async function addressCommands(
  run: RunContext,
  renamings: Renaming[],
  accounts: Map<Renaming, Accounts>,
): Promise<Command[]> {
  const found = await aliasesByDomain(run, renamings);
  const aliases = [...(await missingAliases(run, renamings, found)).values()];
  const moved = renamings.flatMap((renaming) => {
    const { old, fresh } = accounts.get(renaming) ?? {};
    const emailAddresses = writable(renaming.record.emailAddresses, renaming.record);
    return old && fresh && lacksAddresses(emailAddresses, fresh)
      ? [{ old: old.id, fresh: fresh.id, emailAddresses }]
      : [];
  });
  return [
    ...moved.flatMap((one) => [addressCommand(one.old, []), addressCommand(one.fresh, one.emailAddresses)]),
    ...(aliases.length > 0 ? [{ method: "Aliases.create", params: { aliases } }] : []),
  ];
}

function aliasOf(run: RunContext, { record }: Renaming): NewAlias {
  return {
    domainId: record.domainId,
    name: record.from,
    deliverTo: newAddress(record),
    type: "TypeEmailAddress",
    description: hasNextBearer(run, record) ? promisedDescription : aliasDescription,
  };
}

/** The reason of a refusal, however often the effect is tried. */
function tellOnce(renaming: Renaming | undefined, reason: string): void {
  if (renaming && !renaming.incomplete.includes(reason)) renaming.incomplete.push(reason);
}

/** What the description of an alias says that a rename has made. */
export const aliasDescription = "old address of a renamed user";

/** The same of an alias that gives way to the next bearer of the name, whenever that one comes. */
export const promisedDescription = "old address of a renamed user, until the next bearer of the name comes";

/** Whether the old name is to become an alias: not where a rename of the same run takes it. */
export function wantsAlias({ snapshot }: RunContext, { record }: Pick<Renaming, "record">): boolean {
  if (!record.keepOldAddress) return false;
  const taker = takerOf(snapshot, record);
  // Whoever was to take the name has not come: until then its mail goes where it went before.
  return !taker || snapshot.results[resultKey(taker)]?.rolledBack === true;
}

/** Whether an account bears the old name that is not the one which is renamed: an alias beside it would lead its mail away. */
export async function hasOtherBearer(run: RunContext, { domainId, from, oldId }: RenameRecord): Promise<boolean> {
  const users = await seeUsers(run, domainId);
  return users.some((user) => user.loginName.toLowerCase() === from && user.id !== oldId);
}

/** Whether somebody else is to bear the old name: by this run or a later one, or a newcomer. */
export function hasNextBearer(run: RunContext, record: RenameRecord): boolean {
  const isPromised = record.isPromised === true || run.hasNewBearer(record.domain, record.from);
  return isPromised || takerOf(run.snapshot, record) !== undefined;
}

/** The aliases of old names that are to be made: those that stay, and the interim ones. */
async function missingAliases(
  run: RunContext,
  renamings: Renaming[],
  aliases: Map<string, Alias[]>,
): Promise<Map<Renaming, NewAlias>> {
  const missing = new Map<Renaming, NewAlias>();
  for (const renaming of renamings) {
    const { record } = renaming;
    const rows = aliases.get(record.domainId) ?? [];
    if (rows.some((row) => row.name.toLowerCase() === record.from && delivers(row.deliverTo, record.to, record.domain)))
      continue;
    if (await hasOtherBearer(run, record)) continue;
    if (wantsAlias(run, renaming)) missing.set(renaming, aliasOf(run, renaming));
    else if (wantsInterim(run.snapshot, record, await seeUsers(run, record.domainId)))
      missing.set(renaming, interimAlias(run.snapshot, record));
  }
  return missing;
}

/** Aliases that bear the account's new name: those to itself, those that the program gives away, and interim ones. */
function idleAliases({ snapshot }: RunContext, { record }: Renaming, aliases: Map<string, Alias[]>): Alias[] {
  const own = new Set(record.aliases.map((alias) => alias.id));
  const others = new Set((record.inTheWay ?? []).map((alias) => alias.id));
  const rows = (aliases.get(record.domainId) ?? []).filter((row) => row.name.toLowerCase() === record.to);
  const interim = interimOf(snapshot, record, rows);
  return rows.filter(
    (row) =>
      others.has(row.id) ||
      interim.includes(row) ||
      (own.has(row.id) && delivers(row.deliverTo, record.to, record.domain)),
  );
}

/** Local parts are what servers are known to take, in whichever form they show the addresses. */
function writable(addresses: string[], { domain }: RenameRecord): string[] {
  return addresses.map((address) => localPart(address, domain));
}

function lacksAddresses(wanted: string[], user: User): boolean {
  const local = (address: string) => address.toLowerCase().replace(/@.*$/, "");
  const has = new Set((user.emailAddresses ?? []).map(local));
  return wanted.some((address) => !has.has(local(address)));
}

/** Aliases of the old name that a run has left beside the old account, which takes its mail itself when it stays. */
function earlyAliases({ snapshot }: RunContext, { record }: Renaming, aliases: Map<string, Alias[]>): Alias[] {
  return (aliases.get(record.domainId) ?? []).filter(
    (row) =>
      row.name.toLowerCase() === record.from &&
      (row.description === aliasDescription || row.description === promisedDescription || isInterim(row, snapshot)) &&
      delivers(row.deliverTo, record.to, record.domain),
  );
}

/**
 * Gives the old account its addresses back, and removes the alias that leads its own address away. An address that the
 * server refuses is told: somebody else may have it by now, and for good.
 */
export async function addressesBack(
  run: RunContext,
  renaming: Renaming,
  { old, fresh }: Accounts,
  tell: (problem: string) => void,
): Promise<void> {
  const { client } = run.server;
  const early = earlyAliases(run, renaming, await aliasesByDomain(run, [renaming]));
  if (early.length > 0) {
    await removeAliases(
      client,
      early.map((alias) => alias.id),
    );
  }
  const emailAddresses = writable(renaming.record.before.emailAddresses ?? [], renaming.record);
  if (!old || !lacksAddresses(emailAddresses, old)) return;
  if (fresh) await setUsers(client, [fresh.id], { emailAddresses: [] });
  const { domain } = renaming.record;
  renaming.refusedAddresses = await giveAddresses(run.server, old, emailAddresses, domain);
  for (const [address, reason] of renaming.refusedAddresses)
    tell(`address ${address}@${domain}: giving it back failed: ${reason}`);
}

/** What {@link addressesBack} does, as calls for several people. */
export async function addressesBackCommands(
  run: RunContext,
  renamings: Renaming[],
  accounts: Map<Renaming, Accounts>,
): Promise<Command[]> {
  const found = await aliasesByDomain(run, renamings);
  const aliasIds = renamings.flatMap((renaming) => earlyAliases(run, renaming, found).map((alias) => alias.id));
  const moved = renamings.flatMap((renaming) => {
    const { old, fresh } = accounts.get(renaming) ?? {};
    const emailAddresses = writable(renaming.record.before.emailAddresses ?? [], renaming.record);
    if (!old || !lacksAddresses(emailAddresses, old)) return [];
    return [...(fresh ? [addressCommand(fresh.id, [])] : []), addressCommand(old.id, emailAddresses)];
  });
  return [...(aliasIds.length > 0 ? [{ method: "Aliases.remove", params: { aliasIds } }] : []), ...moved];
}

function addressCommand(userId: string, emailAddresses: string[]): Command {
  return { method: "Users.set", params: { userIds: [userId], pattern: { emailAddresses } } };
}

/** Those whose old account has all its addresses but those refused, with no alias beside it that leads them away. */
export async function whoHasAddresses(
  run: RunContext,
  renamings: Renaming[],
  accounts: Map<Renaming, Accounts>,
): Promise<Renaming[]> {
  const aliases = await aliasesByDomain(run, renamings);
  return renamings.filter((renaming) => {
    // The second half of a rename in two has an account and addresses of its own later only.
    if (renaming.record.follows !== undefined) return true;
    const { old } = accounts.get(renaming) ?? {};
    const wanted = writable(renaming.record.before.emailAddresses ?? [], renaming.record);
    const open = wanted.filter((address) => !renaming.refusedAddresses?.has(address));
    const hasOwn = old !== undefined && !lacksAddresses(open, old);
    return hasOwn && earlyAliases(run, renaming, aliases).length === 0;
  });
}

async function aliasesByDomain(run: RunContext, renamings: Renaming[]): Promise<Map<string, Alias[]>> {
  const found = new Map<string, Alias[]>();
  for (const domainId of new Set(renamings.map((r) => r.record.domainId))) {
    found.set(domainId, await listAliases(run.server.client, { domainId }));
  }
  return found;
}
