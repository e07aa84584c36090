import { codeOf, messageOf } from "../../errors";
import type { Command } from "../../kerio/methods/batch";
import { removeAliases, setAliases, type Alias } from "../../kerio/methods/aliases";
import type { MailingList } from "../../kerio/methods/mailing-lists";
import { listResources, type Resource } from "../../kerio/methods/resources";
import { handOver, isStale, listsOf, type Handover } from "../archive-readers";
import { leadsTo } from "../delivery-address";
import { explainItemError, isNoSuch } from "../item-errors";
import { isLifted, madeAgain } from "../lifted-aliases";
import { replacePrincipal, roleIn } from "../members";
import { repointedAliases, seeAliases, type Repointed } from "../repointed-aliases";
import { alive, newAddress, renameError, seeAccounts, type Renaming, type RunContext } from "../run-context";
import { hasNextBearer, hasOtherBearer, wantsAlias } from "./addresses";
import type { Step } from "./step";

/**
 * Points aliases (texts that do not follow by themselves), resources and the right to read archives of mailing lists
 * from the old account to the new one. Aliases that gave way to the new account and were made again meanwhile go.
 */
export const repoint: Step = {
  name: "repoint",
  unseen: "an alias, resource or archive of a mailing list does not name the new account",
  onUnseen: "incomplete",
  async pending(run) {
    const open = alive(run);
    const rows = await rowsOf(run, open);
    const accounts = await seeAccounts(run, open);
    return open.filter((renaming) => {
      if (staleAliases(renaming, rows).length > 0) return true;
      const id = accounts.get(renaming)?.fresh?.id;
      if (id === undefined) return false;
      if ((rows.again.get(renaming) ?? []).length > 0) return true;
      return staleResources(renaming, rows, id).length > 0 || staleArchives(renaming, rows, id).length > 0;
    });
  },
  async act(run, pending) {
    const rows = await rowsOf(run, pending);
    const accounts = await seeAccounts(run, pending);
    const handovers = new Map<Handover, Renaming>();
    for (const renaming of pending) {
      const { record } = renaming;
      const stale = staleAliases(renaming, rows);
      const ids = stale.map((alias) => alias.id);
      const deliverTo = newAddress(record);
      for (const [index, result] of (
        await setAliases(run.server.client, ids, { deliverTo }, { itemwise: true })
      ).entries())
        if (!result.ok) noteRefused(renaming, stale[index], explainItemError(result.error));
      const fresh = accounts.get(renaming)?.fresh;
      if (!fresh) continue;
      const again = rows.again.get(renaming) ?? [];
      for (const result of await removeAliases(run.server.client, again, { relogin: false, itemwise: true }))
        if (!result.ok && !isNoSuch(result.error))
          renaming.failure = inTheWay(renaming, explainItemError(result.error));
      for (const resource of staleResources(renaming, rows, fresh.id)) {
        const role = record.resources.find((wanted) => wanted.id === resource.id) ?? { manager: false, user: false };
        const to = { id: fresh.id, name: record.to };
        const [result] = await replacePrincipal(run.server.client, resource, role, { from: record.oldId, to });
        if (result?.ok === false) noteOnce(renaming, `resource ${resource.name}: ${explainItemError(result.error)}`);
      }
      for (const handover of staleArchives(renaming, rows, fresh.id)) handovers.set(handover, renaming);
    }
    for (const [id, list] of rows.lists) {
      const here = [...handovers].filter(([handover]) => handover.right.id === id);
      if (here.length > 0) await handOverArchive(run, list, here);
    }
  },
};

function noteRefused(renaming: Renaming, alias: Repointed | undefined, reason: string): void {
  noteOnce(renaming, `${alias?.label}: ${reason}`);
  if (!alias || alias.domainId === renaming.record.domainId) return;
  renaming.refusedAliases ??= new Map();
  renaming.refusedAliases.set(alias.id, (renaming.refusedAliases.get(alias.id) ?? 0) + 1);
}

/** Whether the old name goes on leading to the person, so that aliases of other domains reach them as they are. */
async function keepsOldName(run: RunContext, renaming: Renaming): Promise<boolean> {
  const { record } = renaming;
  return wantsAlias(run, renaming) && !hasNextBearer(run, record) && !(await hasOtherBearer(run, record));
}

/** After so many refusals an alias of another domain is left as it is, where the old name stands in for it. */
const fruitless = 2;

/** However often it is tried. */
function noteOnce(renaming: Renaming, refusal: string): void {
  if (!renaming.notes.includes(refusal)) renaming.notes.push(refusal);
}

function inTheWay(renaming: Renaming, reason: string): Error {
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "removing the alias that bore the new name",
    happened: `the server refused it: ${reason}`,
    next: "The old account is as it was. Remove that alias by hand, then run `pulumi up` again.",
  });
}

/** What {@link repoint} does with the aliases, as calls that follow the one which enables the accounts. */
export async function aliasCommands(run: RunContext, renamings: Renaming[]): Promise<Command[]> {
  const rows = await rowsOf(run, renamings);
  return renamings.flatMap((renaming) => {
    const stale = staleAliases(renaming, rows);
    const pattern = { deliverTo: newAddress(renaming.record) };
    // A refusal in one domain need not be one in another.
    const domainIds = [...new Set(stale.map((alias) => alias.domainId))];
    const again = rows.again.get(renaming) ?? [];
    return [
      ...(again.length > 0 ? [{ method: "Aliases.remove", params: { aliasIds: again } }] : []),
      ...domainIds.map((domainId) => {
        const aliasIds = stale.filter((alias) => alias.domainId === domainId).map((alias) => alias.id);
        return { method: "Aliases.set", params: { aliasIds, pattern } };
      }),
    ];
  });
}

/** One list that refuses must not keep the people from going on. */
async function handOverArchive(run: RunContext, list: MailingList, handovers: [Handover, Renaming][]): Promise<void> {
  try {
    await handOver(
      run.server.client,
      list,
      handovers.map(([handover]) => handover),
    );
  } catch (error) {
    if (codeOf(error) !== "API_REFUSED") throw error;
    for (const [, renaming] of handovers) renaming.notes.push(messageOf(error));
  }
}

interface Rows {
  aliases: Map<string, Alias>;
  /** The ids of aliases that had given way to the new account and were made again. */
  again: Map<Renaming, string[]>;
  resources: Map<string, Resource>;
  /** The mailing lists whose archives somebody may read. */
  lists: Map<string, MailingList>;
  /** Whose old name goes on leading to them: an alias of another domain that the server does not change may stay. */
  kept: Set<Renaming>;
}

async function rowsOf(run: RunContext, renamings: Renaming[]): Promise<Rows> {
  const { client } = run.server;
  const archives = renamings.flatMap((renaming) => renaming.record.archives ?? []);
  const lists = await listsOf(client, archives);
  const rows: Rows = { aliases: new Map(), again: new Map(), resources: new Map(), lists, kept: new Set() };
  const withAliases = renamings.filter((one) => one.record.aliases.length > 0 || isLifted(run, one));
  const home = withAliases.map(({ record }) => record.domainId);
  const elsewhere = renamings.flatMap(({ record }) => (record.aliasesElsewhere ?? []).map((alias) => alias.domainId));
  const seen = await seeAliases(client, home, elsewhere);
  for (const listed of seen.rows.values()) for (const alias of listed) rows.aliases.set(alias.id, alias);
  for (const renaming of renamings) {
    renaming.unseenAliases = [];
    const isKept = (renaming.record.aliasesElsewhere ?? []).length > 0 && (await keepsOldName(run, renaming));
    if (isKept) rows.kept.add(renaming);
    for (const { domainId, label } of repointedAliases(renaming.record)) {
      const [refused, gone] = [seen.refused.get(domainId), seen.gone.get(domainId)];
      if (refused === undefined && gone === undefined) continue;
      const told = `${label} was not looked at: ${refused ?? gone}`;
      if (refused === undefined || isKept) noteOnce(renaming, told);
      else renaming.unseenAliases.push(told);
    }
    const again = madeAgain(run, renaming, seen.rows.get(renaming.record.domainId) ?? []);
    rows.again.set(
      renaming,
      again.map((alias) => alias.id),
    );
  }
  const withResources = renamings.filter((renaming) => renaming.record.resources.length > 0);
  for (const domainId of new Set(withResources.map((r) => r.record.domainId))) {
    for (const resource of await listResources(client, { domainId })) rows.resources.set(resource.id, resource);
  }
  return rows;
}

function staleAliases(renaming: Renaming, rows: Rows): Repointed[] {
  const { record, refusedAliases } = renaming;
  return repointedAliases(record).filter((alias) => {
    if (rows.kept.has(renaming) && (refusedAliases?.get(alias.id) ?? 0) >= fruitless) return false;
    const deliverTo = rows.aliases.get(alias.id)?.deliverTo;
    // By id alone: in a circle of names another person's alias bears the same text a moment later.
    if (deliverTo === undefined || deliverTo === alias.deliverTo) return deliverTo !== undefined;
    return leadsTo({ deliverTo, domain: alias.domain }, record.from, record.domain);
  });
}

function staleResources({ record }: Renaming, rows: Rows, freshId: string): Resource[] {
  return record.resources.flatMap((wanted) => {
    const resource = rows.resources.get(wanted.id);
    if (!resource) return [];
    const has = roleIn(resource, freshId);
    return (wanted.manager && !has.manager) || (wanted.user && !has.user) ? [resource] : [];
  });
}

function staleArchives({ record }: Renaming, rows: Rows, freshId: string): Handover[] {
  const to = { id: freshId, name: record.to };
  return (record.archives ?? [])
    .map((right) => ({ right, from: record.oldId, to }))
    .filter((handover) => isStale(handover, rows.lists));
}
