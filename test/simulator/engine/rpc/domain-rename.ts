import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine.js";
import type { Domain } from "../state.js";
import { checkDomainName, renamingOf, type RenameInfo } from "./domain-row.js";

/**
 * Starts the renaming of a domain. Until it is done, `renameInfo` shows both names; when it takes effect, at once or
 * with the next start, is a switch. The old name becomes another name of the domain.
 */
export function startRename(engine: Engine, domain: Domain, newName: string): void {
  checkDomainName(engine, newName, domain);
  const info: RenameInfo = { isRenamed: true, oldName: domain.name, newName: newName.toLowerCase() };
  domain.settings["renameInfo"] = info;
  if (engine.switches.of("domain-rename") === "at-once") finishRenames(engine);
}

/** Carries out the renamings that have been started: the directory of the domain moves with its name. */
export function finishRenames(engine: Engine): void {
  for (const domain of engine.state.domains) {
    const info = renamingOf(domain);
    if (!info) continue;
    const [from, to] = [join(engine.store, "mail", domain.name), join(engine.store, "mail", info.newName)];
    if (existsSync(from) && !existsSync(to)) renameSync(from, to);
    domain.aliasList = [...new Set([...domain.aliasList.filter((each) => each !== info.newName), domain.name])];
    domain.name = info.newName;
    delete domain.settings["renameInfo"];
    engine.truth.write("engine", { event: "domain renamed", from: info.oldName, to: info.newName });
  }
}
