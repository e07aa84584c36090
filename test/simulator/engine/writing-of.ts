import type { Engine } from "./engine.js";
import type { Writing } from "./state-storage.js";

/** How the engine writes its configuration files, see the switches references-on-disk and file-modes. */
export function writingOf(engine: Engine): Writing {
  const { switches } = engine;
  const nameOf = (id: string): string => {
    if (switches.of("references-on-disk") === "ids") return id;
    const account = engine.user(id) ?? engine.formerNames.get(id);
    return account ? `${account.loginName}@${engine.domain(account.domainId)?.name ?? ""}` : id;
  };
  return {
    nameOf,
    ...(switches.of("file-modes") === "open" && { mode: engine.modes.file }),
  };
}
