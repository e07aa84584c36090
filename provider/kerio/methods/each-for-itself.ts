import type { ItemResult } from "../kerio/methods/bulk";
import { itemErrorOf } from "./item-errors";

/**
 * Asks for several things in one call. Where one too many makes the server refuse the whole call, each asks for itself: the
 * first get what is free.
 */
export async function eachForItself<I, T>(
  items: readonly I[],
  ask: (items: readonly I[]) => Promise<ItemResult<T>[]>,
  isRefusal: (error: unknown) => boolean,
): Promise<ItemResult<T>[]> {
  try {
    return await ask(items);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (items.length < 2) return items.map(() => ({ ok: false, error: itemErrorOf(error) }));
  }
  const results: ItemResult<T>[] = [];
  for (const item of items) {
    try {
      results.push(...(await ask([item])));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      results.push({ ok: false, error: itemErrorOf(error) });
    }
  }
  return results;
}
