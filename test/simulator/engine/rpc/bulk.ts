import type { Engine } from "../engine.js";
import { inOnePiece } from "./in-one-piece.js";
import { RpcError } from "./rpc-error.js";

/** The answer of a bulk create: good items by index with their ids, bad ones by index with their errors. */
export interface BulkCreated {
  errors: object[];
  result: { inputIndex: number; id: string }[];
}

/**
 * Creates one by one; `one` gives the new id. An item that is refused does not hold up the others, or refuses the whole
 * call, see the switch bulk-refusals.
 */
export function createEach<T>(
  engine: Engine,
  items: readonly T[],
  one: (item: T, index: number) => string,
): BulkCreated {
  const answer: BulkCreated = { errors: [], result: [] };
  answer.errors = refusalsOf(engine, items, (item, inputIndex) =>
    answer.result.push({ inputIndex, id: one(item, inputIndex) }),
  );
  return answer;
}

/** Does something to each item, as {@link createEach} does; only the failed ones are listed. */
export function forEach<T>(
  engine: Engine,
  items: readonly T[],
  one: (item: T, index: number) => void,
): { errors: object[] } {
  return { errors: refusalsOf(engine, items, one) };
}

/** One after the other, for what takes its time: a refusal is always that of its item. */
export async function forEachInTurn<T>(
  engine: Engine,
  items: readonly T[],
  one: (item: T) => Promise<void>,
): Promise<{ errors: object[] }> {
  const errors: object[] = [];
  for (const [index, item] of items.entries()) {
    try {
      await one(item);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      errors.push(error.asItemError(index, engine.switches));
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
  return throughRows(engine, new Map(rows.map((row) => [row.id, row])), ids, one);
}

/** Removes the row of each id, as {@link forEachRow} does: an id that comes twice is unknown the second time. */
export function removeEachRow<T extends { id: string }>(
  engine: Engine,
  rows: readonly T[],
  ids: readonly string[],
  one: (row: T, index: number) => void,
): { errors: object[] } {
  const left = new Map(rows.map((row) => [row.id, row]));
  return throughRows(engine, left, ids, (row, index) => {
    one(row, index);
    left.delete(row.id);
  });
}

function throughRows<T>(
  engine: Engine,
  byId: ReadonlyMap<string, T>,
  ids: readonly string[],
  one: (row: T, index: number) => void,
): { errors: object[] } {
  return forEach(engine, ids, (id, index) => {
    const row = byId.get(id);
    if (row) one(row, index);
    else if (engine.switches.of("unknown-id") === "error")
      throw RpcError.missing(id, engine.switches.number("unknown-id-code"));
  });
}

/** The refusals by item; throws the first instead where the whole call is refused for it. */
function refusalsOf<T>(engine: Engine, items: readonly T[], one: (item: T, index: number) => void): object[] {
  const isOfCall = (error: RpcError) =>
    ["call", error.isOfMissing ? "ids" : "names"].includes(engine.switches.of("bulk-refusals"));
  const errors: object[] = [];
  const each = () =>
    items.forEach((item, index) => {
      const error = attempt(() => one(item, index));
      // Where the refusal of a seat stands has a switch of its own.
      if (error && !error.isOfSeats && isOfCall(error)) throw error;
      if (error) errors.push(error.asItemError(index, engine.switches));
    });
  if (engine.switches.peek("bulk-refusals") === "items") each();
  else inOnePiece(engine, each);
  return errors;
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
