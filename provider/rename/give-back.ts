import { codeOf, messageOf } from "../errors";
import type { ItemResult } from "../kerio/methods/bulk";
import { explainItemError } from "./item-errors";
import { backAtOnce } from "./back-at-once";
import { handOver, isStale, listsOf } from "./archive-readers";
import { leadsTo } from "./delivery-address";
import { setAliases } from "../kerio/methods/aliases";
import { addGroupMembers, removeGroupMembers } from "../kerio/methods/groups";
import { addMembers, removeMembers } from "../kerio/methods/mailing-lists";
import { listResources } from "../kerio/methods/resources";
import { isMember, memberOf, replacePrincipal } from "./members";
import type { Problems } from "./problems";
import { seeAccounts, type Accounts, type Renaming, type RunContext } from "./run-context";
import { repointedAliases, seeAliases } from "./repointed-aliases";
import { resultKey, type RenameRecord } from "./snapshot";
import { seatsBack } from "./seats-back";
import { addressesBack } from "./steps/addresses";
import { membersOf } from "./steps/memberships";
import { untilHeard } from "./until-heard";

/** Tells the person whom a part is given back to what was refused. */
type Tell = (problem: string) => void;

/**
 * Gives the old accounts their seats, addresses, memberships, aliases, resources and rights to read archives back. What
 * refuses is told in `problems` and keeps nobody else from getting theirs; what is not heard of is looked at and done
 * again. Throws when it stays unheard: then somebody has not got everything.
 *
 * @returns those whose seat somebody else has taken meanwhile
 */
export async function giveBack(run: RunContext, back: Renaming[], problems: Problems): Promise<Renaming[]> {
  const unseated = new Map<Renaming, string>();
  await untilHeard(run, () => backAtOnce(run, back));
  await untilHeard(run, () => seatsBack(run, back, unseated));
  for (const [renaming, problem] of unseated) problems.tell(renaming, problem);
  for (const renaming of back) {
    const tell: Tell = (problem) => problems.tell(renaming, problem);
    for (const part of [addressesBack, groupsBack, listsBack, aliasesBack, archivesBack, resourcesBack]) {
      try {
        await untilHeard(run, async () => {
          await part(run, renaming, (await seeAccounts(run, back)).get(renaming) ?? {}, tell);
        });
      } catch (error) {
        if (codeOf(error) !== "API_REFUSED") throw error;
        tell(messageOf(error));
      }
    }
  }
  return [...unseated.keys()];
}

// The new account goes without its references, so what it was given has to be taken back here.
async function groupsBack(run: RunContext, { record }: Renaming, { old, fresh }: Accounts, tell: Tell): Promise<void> {
  const has = new Set((old?.userGroups ?? []).map((group) => group.id));
  for (const group of record.before.userGroups ?? []) {
    if (!has.has(group.id))
      taken(
        tell,
        await addGroupMembers(run.server.client, group.id, [record.oldId], { itemwise: true }),
        `group ${group.name}`,
      );
  }
  if (!fresh) return;
  for (const group of fresh.userGroups ?? []) await removeGroupMembers(run.server.client, group.id, [fresh.id]);
}

async function listsBack(run: RunContext, { record }: Renaming, { fresh }: Accounts, tell: Tell): Promise<void> {
  for (const list of record.lists) {
    const members = await membersOf(run, list);
    if (members === "gone") continue;
    if (!isMember(members, record.oldId, list.kind))
      taken(
        tell,
        await addMembers(run.server.client, list.id, [memberOf(record.oldId, list.kind)], { itemwise: true }),
        `mailing list ${list.name}`,
      );
    if (fresh && isMember(members, fresh.id, list.kind))
      await removeMembers(run.server.client, list.id, [memberOf(fresh.id, list.kind)]);
  }
}

async function aliasesBack(run: RunContext, { record }: Renaming, _seen: Accounts, tell: Tell): Promise<void> {
  const { client } = run.server;
  const elsewhere = (record.aliasesElsewhere ?? []).map((alias) => alias.domainId);
  const { rows, refused } = await seeAliases(client, record.aliases.length > 0 ? [record.domainId] : [], elsewhere);
  for (const { id, label, deliverTo, domainId, domain } of repointedAliases(record)) {
    const reason = refused.get(domainId);
    if (reason !== undefined) tell(`${label}: it was not looked at: ${reason}`);
    const row = rows.get(domainId)?.find((one) => one.id === id);
    // Where it leads to somebody else, or is gone, an administrator has decided so.
    if (row && leadsTo({ deliverTo: row.deliverTo, domain }, record.to, record.domain))
      taken(tell, await setAliases(client, [id], { deliverTo }, { itemwise: true }), label);
  }
}

async function archivesBack(run: RunContext, { record }: Renaming, { fresh }: Accounts): Promise<void> {
  const rights = record.archives ?? [];
  const lists = await listsOf(run.server.client, rights);
  const to = { id: record.oldId, name: record.from };
  const from = madeId(run, record, fresh) ?? "";
  for (const right of rights) {
    const list = lists.get(right.id);
    const handover = { right, from, to };
    if (list && isStale(handover, lists)) await handOver(run.server.client, list, [handover]);
  }
}

async function resourcesBack(run: RunContext, { record }: Renaming, { fresh }: Accounts, tell: Tell): Promise<void> {
  if (record.resources.length === 0) return;
  const resources = await listResources(run.server.client, { domainId: record.domainId });
  for (const wanted of record.resources) {
    const resource = resources.find((candidate) => candidate.id === wanted.id);
    if (!resource) continue;
    const to = { id: record.oldId, name: record.from };
    const from = madeId(run, record, fresh) ?? record.oldId;
    taken(tell, await replacePrincipal(run.server.client, resource, wanted, { from, to }), `resource ${resource.name}`);
  }
}

/** The new account's id, also when it is gone already: what it was given may still name it. */
function madeId(run: RunContext, record: RenameRecord, fresh: Accounts["fresh"]): string | undefined {
  return fresh?.id ?? run.snapshot.results[resultKey(record)]?.madeId;
}

/** An item that the server refuses is told, and keeps nothing else from being given back. */
function taken(tell: Tell, results: readonly ItemResult<void>[], object: string): void {
  for (const result of results)
    if (!result.ok) tell(`${object}: giving it back failed: ${explainItemError(result.error)}`);
}
