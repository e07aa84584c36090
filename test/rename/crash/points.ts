import { effects, type EffectName } from "../../../provider/rename/effects";
import { stepsOf } from "../../../provider/rename/run";
import type { Order } from "./scenarios";

/** Where a run ends: around a step, or when one of its writes is done and the answer has not been heard. */
export type Point = { at: "before" | "after"; step: EffectName } | { at: "unheard"; step: EffectName; write: string };

/** What a run writes, in its order: the steps themselves, and what stands around them. */
export function effectsOf(order: Order): EffectName[] {
  return [
    "write-snapshot",
    ...stepsOf(order).map((step) => step.name),
    "release-services",
    "clear-marks",
    "set-passwords",
  ];
}

/** The points of one step. A snapshot that was handed over is there or not: that is before, or after. */
export function pointsOf(step: EffectName): Point[] {
  const writes: readonly string[] = effects[step].writes;
  if (writes.length === 0) return [];
  const unheard = writes.filter((write) => write !== "host snapshot" && write !== "host salvage");
  return [
    { at: "before", step },
    ...unheard.map((write): Point => ({ at: "unheard", step, write })),
    { at: "after", step },
  ];
}

/** Every point of a run. */
export function allPoints(order: Order): Point[] {
  return [...new Set(effectsOf(order))].flatMap(pointsOf);
}

/** Whether a run comes to that point only on a server that refuses `Batch.run`: otherwise nothing is left to do there. */
export function isOneByOne(point: Point): boolean {
  const isAliases = point.at === "unheard" && point.write === "Aliases.set";
  return isAliases || stepsOf("accountFirst").some((step) => step.name === point.step && step.doneAtOnce === true);
}

/** The point as a test names it. */
export function nameOf(point: Point): string {
  return point.at === "unheard" ? `${point.step}: ${point.write} unheard` : `${point.at} ${point.step}`;
}
