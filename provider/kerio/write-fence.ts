import { AsyncLocalStorage } from "node:async_hooks";

const fences = new AsyncLocalStorage<() => Promise<void>>();

/**
 * Does the work with a look before each of its writes to the Administration API, which throws when this process may no
 * longer write: it has slept, say, and another one has taken over. What runs beside the work is not concerned.
 */
export function fenced<T>(look: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  return fences.run(look, work);
}

/** Throws what the fence around the caller throws; passes where there is none. */
export async function passFence(): Promise<void> {
  await fences.getStore()?.();
}
