import type { Engine } from "../engine.js";
import type { State } from "../state.js";

/** What waits for the end of the bulk call that an engine is doing; an engine without an entry is doing none. */
const waiting = new WeakMap<Engine, (() => void)[]>();

/**
 * Does a bulk call as a whole or not at all: where it throws, the state is as it was, row for row, and what
 * {@link forGood} was to do is left undone.
 */
export function inOnePiece<T>(engine: Engine, run: () => T): T {
  const takeBack = remember(engine.state);
  const later: (() => void)[] = [];
  waiting.set(engine, later);
  let answer: T;
  try {
    answer = run();
  } catch (error) {
    takeBack();
    throw error;
  } finally {
    waiting.delete(engine);
  }
  for (const act of later) act();
  return answer;
}

/** Does what is not taken back, on the disk for instance: at once, or when the whole of {@link inOnePiece} is done. */
export function forGood(engine: Engine, act: () => void): void {
  const later = waiting.get(engine);
  if (later) later.push(act);
  else act();
}

/** Sessions and programs that read hold rows by identity, so each row gets its own values back. */
function remember(state: State): () => void {
  const lists = Object.entries(state).map(([name, value]: [string, object]) => {
    const isList = Array.isArray(value);
    const rows = isList ? [...(value as object[])] : [value];
    return { name, value, isList, rows, values: structuredClone(rows) };
  });
  return () => {
    for (const { name, value, isList, rows, values } of lists) {
      if (isList) (value as object[]).splice(0, Infinity, ...rows);
      rows.forEach((row, index) => {
        for (const member of Object.keys(row)) Reflect.deleteProperty(row, member);
        Object.assign(row, values[index]);
      });
      Reflect.set(state, name, value);
    }
  };
}
