import { setTimeout as sleep } from "node:timers/promises";
import type { RunHooks } from "../../../provider/rename/run-context";
import { harm } from "./harm";
import type { Lane } from "./lane";
import type { Moment, Trouble } from "./trouble";

/** The steps that stop the service: the window, and where a later one can be. */
export type Stop = "move-mailboxes" | "place-mailboxes" | "roll-back";

/** The moments that come when a step is done. */
const atEnd: Readonly<Record<string, Moment>> = { "hold-services": "held", "release-services": "released" };

/** The hooks that bring a trouble about in a stop of the service, and whether it has begun. */
export function bringAbout(
  lane: Lane,
  { when, begin }: Trouble,
  stop: Stop = "move-mailboxes",
): { hooks: RunHooks; begun(): Promise<boolean> } {
  // In a chain of names a step comes once a wave.
  const isHere = (step: string): boolean => step.split(" ", 1)[0] === stop;
  let beginning: Promise<unknown> | undefined;
  let isOver = false;
  const watch = async (what: "stopped" | "moved"): Promise<void> => {
    while (!isOver && !beginning) {
      if (harm.hasReached(lane, what)) beginning = begin(lane);
      await sleep(5);
    }
  };
  const hooks: RunHooks = {
    before: async (step) => {
      if (!isHere(step) || beginning) return;
      if (when === "before") await (beginning = begin(lane));
      else if (when === "stopped" || when === "moved") void watch(when);
    },
    after: async (step) => {
      if (isHere(step)) isOver = true;
      if (atEnd[step] === when) await (beginning ??= begin(lane));
    },
  };
  return {
    hooks,
    begun: async () => {
      isOver = true;
      await beginning;
      return beginning !== undefined;
    },
  };
}
