import type { Engine } from "./engine.js";

/** Milliseconds between two saves where the engine saves now and then, see the switch config-save. */
export const savePause = 1000;

/** From now on writes the configuration files now and then, while the switch says so. */
export function keepSaved(engine: Engine): void {
  setInterval(() => {
    if (engine.switches.of("config-save") === "now-and-then") engine.save();
  }, savePause).unref();
}
