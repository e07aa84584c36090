import { createAliases, listAliases, type Alias, type NewAlias } from "../kerio/methods/aliases";
import type { ItemResult } from "../kerio/methods/bulk";
import { isInterim } from "./interim-aliases";
import { explainItemError } from "./item-errors";
import type { Problems } from "./problems";
import { seeAccounts, type Renaming, type RunContext } from "./run-context";
import { writeDown } from "./save-results";
import { resultKey, type RenameRecord } from "./snapshot";

/** An alias as a snapshot holds it. */
export type Kept = RenameRecord["aliases"][number];

/**
 * The aliases of the snapshot that a server which lets no user stand beside an alias wants to be gone before the new
 * account: those of the new name that lead to the person, whom an earlier rename may have left one, and those that the
 * program gives away. None where an account bears the name: what stands beside that is in nobody's way.
 */
export function yieldingAliases({ after, aliases, inTheWay = [], to }: RenameRecord): Kept[] {
  if (after !== undefined) return [];
  const own = aliases.filter((alias) => !inTheWay.some((other) => other.id === alias.id));
  return [...own, ...inTheWay].filter(({ name }) => name.toLowerCase() === to);
}

/** Whether a row of the server bears the name and leads where an alias does: it may have been made again under another id. */
export function isSameAlias(row: Alias, { name, deliverTo }: Pick<Alias, "name" | "deliverTo">): boolean {
  return row.name.toLowerCase() === name.toLowerCase() && row.deliverTo.toLowerCase() === deliverTo.toLowerCase();
}

/**
 * Writes down which aliases of a new name are about to be lifted: from then on one of them that is missing is made again in
 * a roll-back; what was missing before, an administrator has taken.
 *
 * @param rows the rows of the server that are to go
 */
export async function noteLifted(
  { host, snapshot }: RunContext,
  { record }: Renaming,
  rows: readonly Alias[],
): Promise<void> {
  const { results } = snapshot;
  const key = resultKey(record);
  const known = results[key]?.lifted ?? [];
  const going = yieldingAliases(record).filter((kept) => rows.some((row) => isSameAlias(row, kept)));
  const unknown = going.map((kept) => kept.id).filter((id) => !known.includes(id));
  if (unknown.length === 0) return;
  const result = { ...results[key], lifted: [...known, ...unknown] };
  // Known here only once it was heard to be written down: until then nothing is lifted.
  await writeDown({ host, snapshot: { ...snapshot, results: { ...results, [key]: result } } });
  results[key] = result;
}

/**
 * The rows of a domain that are lifted aliases made again under another id. Beside the new account, which a roll-back that
 * died may have left there, each would lead its mail away.
 */
export function madeAgain(run: RunContext, renaming: Renaming, rows: readonly Alias[]): Alias[] {
  const lifted = liftedAliases(run, renaming);
  return rows.filter(
    (row) => lifted.some((kept) => isSameAlias(row, kept)) && !lifted.some((kept) => kept.id === row.id),
  );
}

/** Whether aliases of the new name may have been lifted. */
export function isLifted(run: RunContext, renaming: Renaming): boolean {
  return liftedAliases(run, renaming).length > 0;
}

function liftedAliases({ snapshot }: RunContext, { record }: Renaming): Kept[] {
  const { lifted = [] } = snapshot.results[resultKey(record)] ?? {};
  return yieldingAliases(record).filter((kept) => lifted.includes(kept.id));
}

/**
 * Makes lifted aliases again, as they were, of people whose new account goes. A server that refuses an alias beside an
 * account takes it once that is gone.
 *
 * @param problems is told what the server refuses; without it that is left to the next attempt
 * @returns what the server refuses although the account was seen to be gone
 */
export async function restoreLifted(
  run: RunContext,
  back: readonly Renaming[],
  problems?: Problems,
): Promise<Set<Kept>> {
  const refused = new Set<Kept>();
  const missing = await missingLifted(run, back);
  const accounts = await seeAccounts(run, [...back]);
  for (const [renaming, { aliases, isTaken }] of missing) {
    if (isTaken) {
      for (const { name } of aliases) problems?.tell(renaming, takenMeanwhile(name));
      continue;
    }
    const results = await makeAgain(run, renaming.record, aliases);
    for (const [index, kept] of aliases.entries()) {
      const result = results[index];
      if (result?.ok !== false) continue;
      // Beside the account it may be refused for that alone, and taken a moment later.
      if (accounts.get(renaming)?.fresh === undefined) refused.add(kept);
      problems?.tell(renaming, `alias ${kept.name}: making it again failed: ${explainItemError(result.error)}`);
    }
  }
  return refused;
}

function takenMeanwhile(name: string): string {
  return `alias ${name}: it had to go for the new account, and is not made again: somebody else has given the name away since`;
}

/** Makes aliases anew that were removed from the name of a rename; what the server refuses is told of each. */
export function makeAgain(
  run: RunContext,
  { domainId }: RenameRecord,
  aliases: readonly Kept[],
): Promise<ItemResult<string>[]> {
  const rows = aliases.map(({ name, deliverTo, deliverToId, type, description }): NewAlias => ({
    domainId,
    name,
    deliverTo,
    ...(deliverToId && { deliverToId }),
    ...(type && { type }),
    ...(description && { description }),
  }));
  return createAliases(run.server.client, rows, { itemwise: true });
}

/** Whether somebody else has made an alias of the name meanwhile: a second one would double its mail, or take it away. */
export function isLedElsewhere({ snapshot }: RunContext, { record }: Renaming, rows: readonly Alias[]): boolean {
  const yielding = yieldingAliases(record);
  const isOurs = (row: Alias) =>
    isInterim(row, snapshot) || yielding.some((kept) => row.id === kept.id || isSameAlias(row, kept));
  return rows.some((row) => row.name.toLowerCase() === record.to && !isOurs(row));
}

/** Aliases that were lifted for somebody's new account and are not there. */
export interface Missing {
  aliases: Kept[];
  /** Whether an account or an alias of somebody else has the name by now, so that they are not to be made again. */
  isTaken: boolean;
}

/** The lifted aliases that are not there, by person. */
export async function missingLifted(run: RunContext, back: readonly Renaming[]): Promise<Map<Renaming, Missing>> {
  const lifted = back.filter((renaming) => isLifted(run, renaming));
  const found = new Map<Renaming, Missing>();
  const accounts = await seeAccounts(run, lifted);
  for (const domainId of new Set(lifted.map(({ record }) => record.domainId))) {
    const rows = await listAliases(run.server.client, { domainId });
    for (const renaming of lifted.filter(({ record }) => record.domainId === domainId)) {
      // One that is there by its id and leads elsewhere by now was not lifted, but changed by an administrator.
      const isThere = (kept: Kept) => rows.some((row) => row.id === kept.id || isSameAlias(row, kept));
      const aliases = liftedAliases(run, renaming).filter((kept) => !isThere(kept));
      const isTaken = accounts.get(renaming)?.stranger !== undefined || isLedElsewhere(run, renaming, rows);
      if (aliases.length > 0) found.set(renaming, { aliases, isTaken });
    }
  }
  return found;
}
