import type { Engine } from "../engine.js";
import { RpcError } from "./rpc-error.js";

/** The answer of a bulk create: good items by index with their ids, bad ones by index with their errors. */
export interface BulkCreated {
  errors: object[];
  result: { inputIndex: number; id: string }[];
}

/** Creates one by one; an item that is refused does not hold up the others. `one` gives the new id. */
export function createEach<T>(items: readonly T[], one: (item: T, index: number) => string): BulkCreated {
  const answer: BulkCreated = { errors: [], result: [] };
  items.forEach((item, inputIndex) => {
    const error = attempt(() => answer.result.push({ inputIndex, id: one(item, inputIndex) }));
    if (error) answer.errors.push(error.asItemError(inputIndex));
  });
  return answer;
}

/** Does something to each item; only the failed ones are listed. */
export function forEach<T>(items: readonly T[], one: (item: T, index: number) => void): { errors: object[] } {
  const errors: object[] = [];
  items.forEach((item, index) => {
    const error = attempt(() => one(item, index));
    if (error) errors.push(error.asItemError(index));
  });
  return { errors };
}

/** As {@link forEach}, for what takes its time: one after the other. */
export async function forEachInTurn<T>(
  items: readonly T[],
  one: (item: T) => Promise<void>,
): Promise<{ errors: object[] }> {
  const errors: object[] = [];
  for (const [index, item] of items.entries()) {
    try {
      await one(item);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      errors.push(error.asItemError(index));
    }
  }
  return { errors };
}

/** Does something to the row of each id; an unknown id is an error or nothing, as the switch says. */
export function forEachRow<T extends { id: string }>(
  engine: Engine,
  rows: readonly T[],
  ids: readonly string[],
  one: (row: T, index: number) => void,
): { errors: object[] } {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return forEach(ids, (id, index) => {
    const row = byId.get(id);
    if (row) one(row, index);
    else if (engine.switches.of("unknown-id") === "error")
      throw RpcError.missing(id, engine.switches.number("unknown-id-code"));
  });
}

function attempt(run: () => void): RpcError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
}
