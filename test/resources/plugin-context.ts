import { Memory } from "../../provider/dynamic/memory";
import type { Context } from "../../provider/dynamic/lifecycle";
import type { RunHooks } from "../../provider/rename/run-context";
import { provider, settingsOf } from "../rename/stage";
import type { Simulator } from "../helpers/start-simulator";

/** What a plugin process hands to the steps of a resource's life, without the process. */
export interface PluginContext {
  context: Context;
  lines: string[];
  close(): Promise<void>;
}

/** A plugin process that has just been started, on one server. */
export function pluginContext(
  simulator: Simulator,
  change: Parameters<typeof settingsOf>[1] = {},
  hooks?: RunHooks,
): PluginContext {
  const memory = new Memory();
  const isInState = (userId: string) => memory.hasHeardOf(userId);
  const made = provider(settingsOf(simulator, change), { isInState, ...(hooks && { hooks }) });
  const server = { ...made.server, name: "", coordinator: made.coordinator };
  return { context: { memory, log: made.server.log, server: () => server }, lines: made.lines, close: made.close };
}
