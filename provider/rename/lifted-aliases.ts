import { createAliases, listAliases, type Alias, type NewAlias } from "../kerio/methods/aliases";
import type { ItemResult } from "../kerio/methods/bulk";
import { explainItemError } from "./item-errors";
import type { Problems } from "./problems";
import { seeAccounts, type Renaming, type RunContext } from "./run-context";
import { writeDown } from "./save-results";
import { resultKey, type RenameRecord } from "./snapshot";

/** An alias as a snapshot holds it. */
type Kept = RenameRecord["aliases"][number];

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
 * Writes down that the aliases of a new name are about to be lifted: from then on one that is missing is made again in a
 * roll-back; until then an administrator has taken it.
 */
export async function noteLifted({ host, snapshot }: RunContext, { record }: Renaming): Promise<void> {
  const { results } = snapshot;
  const key = resultKey(record);
  if (yieldingAliases(record).length === 0 || results[key]?.lifted === true) return;
  const result = { ...results[key], lifted: true };
  // Known here only once it was heard to be written down: until then nothing is lifted.
  await writeDown({ host, snapshot: { ...snapshot, results: { ...results, [key]: result } } });
  results[key] = result;
}

/** Whether the aliases of the new name may have been lifted. */
export function isLifted({ snapshot }: RunContext, { record }: Renaming): boolean {
  return snapshot.results[resultKey(record)]?.lifted === true;
}

/**
 * Makes lifted aliases again, as they were, of people whose new account goes. A server that refuses an alias beside an
 * account takes it once that is gone.
 *
 * @param problems is told what the server refuses; without it that is left to the next attempt
 */
export async function restoreLifted(run: RunContext, back: readonly Renaming[], problems?: Problems): Promise<void> {
  for (const [renaming, missing] of await missingLifted(run, back)) {
    const results = await makeAgain(run, renaming.record, missing);
    results.forEach((result, index) => {
      const name = missing[index]?.name ?? "";
      if (!result.ok)
        problems?.tell(renaming, `alias ${name}: making it again failed: ${explainItemError(result.error)}`);
    });
  }
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

/** The lifted aliases that are not there, by person. A stranger's account of the name takes its own mail. */
export async function missingLifted(run: RunContext, back: readonly Renaming[]): Promise<Map<Renaming, Kept[]>> {
  const lifted = back.filter((renaming) => isLifted(run, renaming));
  const found = new Map<Renaming, Kept[]>();
  const accounts = await seeAccounts(run, lifted);
  for (const domainId of new Set(lifted.map(({ record }) => record.domainId))) {
    const rows = await listAliases(run.server.client, { domainId });
    for (const renaming of lifted.filter(({ record }) => record.domainId === domainId)) {
      // One that is there by its id and leads elsewhere by now was not lifted, but changed by an administrator.
      const isThere = (kept: Kept) => rows.some((row) => row.id === kept.id || isSameAlias(row, kept));
      const missing = yieldingAliases(renaming.record).filter((kept) => !isThere(kept));
      if (missing.length > 0 && !accounts.get(renaming)?.stranger) found.set(renaming, missing);
    }
  }
  return found;
}
