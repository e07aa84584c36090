import { AsyncLocalStorage } from "node:async_hooks";

/** What holds back the writes of a process that may no longer write: it has slept, say, and another one has taken over. */
export interface Fence {
  /** Asked before each attempt of a write. Throws when it may not be sent. */
  pass(): Promise<void>;
  /**
   * Milliseconds since 1970 until which this process surely may write. It moves on while it is heard of; a write that has
   * not left by then is not sent, and one without an answer is broken off, so that it cannot arrive much later.
   */
  until(): number;
}

const fences = new AsyncLocalStorage<Fence>();

/** Does the work behind the fence. What runs beside the work is not concerned. */
export function fenced<T>(fence: Fence, work: () => Promise<T>): Promise<T> {
  return fences.run(fence, work);
}

/** Throws what the fence around the caller throws; answers the fence, or undefined where there is none. */
export async function passFence(): Promise<Fence | undefined> {
  const fence = fences.getStore();
  await fence?.pass();
  return fence;
}
