import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { snapshotsDirectory } from "../cli/command";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { layoutOf } from "../simulator/host/layout";

/** A stack's state and the snapshots on the mail host, as they were at one moment. */
export interface Left {
  /** Puts both back: the next command finds what the one before has found. */
  bringBack(): void;
}

/**
 * Keeps what an interrupted run has left, so that several next commands can be played after one death. The mail server
 * itself is not put back: to be used where its part of the rename is over, and only the result has not been heard. The
 * copies go with the stack.
 */
export function keepWhatIsLeft(stack: PulumiProject, simulator: Simulator): Left {
  const aside = mkdtempSync(join(stack.directory, "..", "left-"));
  const places = { state: stack.stateFile, snapshots: snapshotsDirectory(layoutOf(simulator.state).homeDir) };
  for (const [part, place] of Object.entries(places)) cpSync(place, join(aside, part), { recursive: true });
  return {
    bringBack: () => {
      for (const [part, place] of Object.entries(places)) {
        rmSync(place, { recursive: true });
        cpSync(join(aside, part), place, { recursive: true });
      }
    },
  };
}
