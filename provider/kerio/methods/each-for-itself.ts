import { codeOf, KerioError, messageOf } from "../../errors";
import type { ItemError, ItemResult } from "./bulk";

/** How the refusal of a whole call is taken. */
export interface RefusalOptions<T> {
  /**
   * Whether it is answered as the refusal of its items. Default false: where no item is taken, it is thrown, because a
   * caller that does not look at each item would take it for a success.
   */
  itemwise?: boolean;
  /** What is seen to be done of the items after all, at their places; asked before any of them is asked for again. */
  seen?: () => Promise<(T | undefined)[]>;
}

/**
 * Asks for several things in one call. Where the server refuses it as a whole, for one of them or for one too many, each
 * is asked for alone, in order: one item's refusal is not the others', and the first get what is free.
 *
 * @throws KerioError of the call about all of them, or of the first that is not answered with a refusal: its outcome is
 *   `unknown` where one before it was done
 */
export async function eachForItself<I, T>(
  items: readonly I[],
  ask: (items: readonly I[]) => Promise<ItemResult<T>[]>,
  { itemwise = false, seen }: RefusalOptions<T> = {},
): Promise<ItemResult<T>[]> {
  try {
    return await ask(items);
  } catch (error) {
    if (codeOf(error) !== "API_REFUSED") throw error;
    const results = items.length > 1 ? await oneByOne(items, ask, await seen?.()) : [refusal<T>(error)];
    if (!itemwise && results.every(({ ok }) => !ok)) throw error;
    return results;
  }
}

async function oneByOne<I, T>(
  items: readonly I[],
  ask: (items: readonly I[]) => Promise<ItemResult<T>[]>,
  done: readonly (T | undefined)[] = [],
): Promise<ItemResult<T>[]> {
  const results: ItemResult<T>[] = [];
  for (const [index, item] of items.entries()) {
    const value = done[index];
    if (value !== undefined) {
      results.push({ ok: true, value });
      continue;
    }
    try {
      results.push(...(await ask([item])));
    } catch (error) {
      if (codeOf(error) !== "API_REFUSED") throw results.some(({ ok }) => ok) ? halfDone(error) : error;
      results.push(refusal(error));
    }
  }
  return results;
}

/** The error is about one item; of those before it some are done, and whoever asked for all of them has to look. */
function halfDone(error: unknown): unknown {
  if (!(error instanceof KerioError)) return error;
  return new KerioError(error.code, { ...error.facts, outcome: "unknown", cause: error });
}

function refusal<T>(error: unknown): ItemResult<T> {
  return { ok: false, error: itemErrorOf(error) };
}

/** The refusal of a whole call, as that of the one item which it was about. */
export function itemErrorOf(error: unknown): ItemError {
  const { apiCode = 0, apiMessage } = error instanceof KerioError ? error.facts : {};
  return { code: apiCode, message: apiMessage ?? messageOf(error) };
}
