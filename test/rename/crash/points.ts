import { effects, type Effect, type EffectName } from "../../../provider/rename/effects";
import { stagesOf, stepsOf } from "../../../provider/rename/run";
import { scenarioOf, wavesOf, type Order, type ScenarioName } from "./scenarios";

/**
 * Where a run ends: around a step, or when one of its writes is done and the answer has not been heard. In a chain of
 * names a step comes once a wave, counted from 0, and `who` is one whose turn it is, by the name of the beginning.
 */
export type Point = { step: EffectName; wave?: number; who?: string } & (
  { at: "before" | "after" } | { at: "unheard"; write: string }
);

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
export function pointsOf(step: EffectName, { inChains = false } = {}): Point[] {
  const effect: Effect = effects[step];
  const writes = [...(inChains ? (effect.chained ?? []) : []), ...effect.writes];
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
  return [...new Set(effectsOf(order))].flatMap((step) => pointsOf(step));
}

/** The points of a run that cannot be carried out, and takes back what it has done. */
export function rollBackPoints(): Point[] {
  return pointsOf("roll-back");
}

/** The points of the second order until it has done what the first has done: from there on it is the same run. */
export function pointsUntilOrdersMeet(): Point[] {
  const [first, second] = [effectsOf("accountFirst"), effectsOf("article")];
  const differing = second.filter((step, index) => step !== first[index]);
  return allPoints("article").filter(({ step }) => differing.includes(step));
}

/** Every point of a run whose renames wait for each other. */
export function chainPoints(order: Order, name: ScenarioName): Point[] {
  const waves = wavesOf(name);
  const { taken = [] } = scenarioOf(name);
  const all = { step: "write-snapshot", wave: "all" } as const;
  const ending = ["release-services", "clear-marks", "set-passwords"] as const;
  const stages = stagesOf(order, waves.length).map(({ step, wave }) => ({ step: step.name, wave }));
  const points = [all, ...stages, ...ending.map((step) => ({ ...all, step }))].flatMap(({ step, wave }) =>
    pointsOf(step, { inChains: true }).map((point): Point =>
      wave === "all" ? point : { ...point, wave, who: waves[wave]?.[0] },
    ),
  );
  return points.filter((point) => {
    const { who, wave = 0 } = point;
    if (who === undefined) return true;
    const isHalf = waves.filter((turns) => turns.includes(who)).length > 1;
    const isSecond = isHalf && waves.findIndex((turns) => turns.includes(who)) < wave;
    // Nobody knows the temporary name that the second half begins with, so that nothing comes under it.
    if (point.step === "sweep-strays") return !isSecond;
    if (point.at !== "unheard") return true;
    // A name that is taken becomes no alias, and only who leaves a circle under another name has a mailbox to keep.
    if (point.write === "Aliases.create") return !taken.includes(who);
    return point.write !== "host keep" || (isHalf && !isSecond);
  });
}

/**
 * Those of them that a run of any two renames does not have alike: from the window on until the services are released.
 * A card is written to an account that is hidden yet, whoever waits.
 */
export function heldPoints(order: Order, name: ScenarioName): Point[] {
  const points = chainPoints(order, name);
  const [from, until] = [
    points.findIndex(({ step }) => step === "move-mailboxes"),
    points.findIndex(({ step }) => step === "clear-marks"),
  ];
  return points.slice(from, until).filter((point) => point.step !== "write-contacts" && !isOneByOne(point));
}

/** What the hooks around a point's step are called with: in a chain of names each step comes once a wave. */
export function hookOf({ step, wave = 0 }: Pick<Point, "step" | "wave">): string {
  return wave === 0 ? step : `${step} ${wave + 1}`;
}

/** Whether a run comes to that point only on a server that refuses `Batch.run`: otherwise nothing is left to do there. */
export function isOneByOne(point: Point): boolean {
  const write = point.at === "unheard" ? point.write : "";
  if (point.step === "roll-back") return write === "Users.set";
  // Two waves have the steps that only a chain of names has.
  const steps = stagesOf("accountFirst", 2).map(({ step }) => step);
  return write === "Aliases.set" || steps.some((step) => step.name === point.step && step.doneAtOnce === true);
}

/** The point as a test names it. */
export function nameOf(point: Point): string {
  return point.at === "unheard" ? `${hookOf(point)}: ${point.write} unheard` : `${point.at} ${hookOf(point)}`;
}
