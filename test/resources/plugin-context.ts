import { afterEach } from "vitest";
import { Memory } from "../../provider/dynamic/memory";
import type { Context } from "../../provider/dynamic/lifecycle";
import type { RunHooks } from "../../provider/rename/run-context";
import { provider, settingsOf } from "../rename/stage";
import type { Simulator } from "../helpers/start-simulator";

/** What a plugin process that has just been started hands to the steps of a resource's life, without the process. */
type NextContext = (change?: Parameters<typeof settingsOf>[1], hooks?: RunHooks) => Context;

/**
 * Gives one context after the other, each on the server that is there at the time. Logs them out after each test: before
 * the server is stopped where that hook is registered earlier.
 */
export function pluginContexts(simulator: () => Simulator): NextContext {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const made of open.splice(0)) await made.close();
  });
  return (change = {}, hooks) => {
    const memory = new Memory();
    const isInState = (userId: string) => memory.hasHeardOf(userId);
    const made = provider(settingsOf(simulator(), change), { isInState, ...(hooks && { hooks }) });
    open.push(made);
    const server = { ...made.server, name: "", coordinator: made.coordinator };
    return { memory, log: made.server.log, server: () => server };
  };
}
