import { closesCircle, effects, type Effect, type NextFate } from "../../../provider/rename/effects";
import { stagesOf } from "../../../provider/rename/run";
import { hookOf, type Point } from "./points";
import type { Case } from "./run-case";
import { scenarioOf, wavesOf, type Order, type ScenarioName } from "./scenarios";
import { troubles } from "./troubles";

/**
 * What the next run is to make of each rename of a case, by the name of the beginning: as the row of the table says.
 *
 * @param ended how the first run has ended, in the order of the renames
 */
export function fatesOf(wanted: Case, ended: readonly string[]): Record<string, NextFate> {
  const fateOf = (who: string, index: number): NextFate => {
    if ("point" in wanted) return fateAt(wanted.order, wanted.scenario, wanted.point, who);
    const { next, when, staysParked = false } = troubles[wanted.trouble];
    const { fate } = next;
    // A circle is closed at a removal, and there is none before the services are released; until then the mailbox goes home.
    if (isCircle(wanted.scenario) && !staysParked) return when === "released" ? "finish" : "roll-back";
    if (fate !== "as told") return fate;
    return ended[index]?.startsWith("finished") ? "finish" : "roll-back";
  };
  return Object.fromEntries(scenarioOf(wanted.scenario).renames.map(({ from }, index) => [from, fateOf(from, index)]));
}

/** What becomes of one person where a run ends at a point. */
function fateAt(order: Order, name: ScenarioName, point: Point, who: string): NextFate {
  const waves = wavesOf(name);
  const stages = ["write-snapshot", ...stagesOf(order, waves.length).map((stage) => stage.point)];
  /** How many stages a step is away, counted from the point's; what follows all stages is one more. */
  const aheadOf = (step: Pick<Point, "step" | "wave">): number => placeIn(stages, step) - placeIn(stages, point);
  const { next }: Effect = effects[point.step];
  if (isCircle(name)) {
    const ahead = aheadOf(closesCircle);
    return ahead < 0 || (ahead === 0 && isDone(point, closesCircle.write)) ? "finish" : "roll-back";
  }
  const wave = waves.findIndex((turns) => turns.includes(who));
  const moving = aheadOf(wave === 0 ? { step: "move-mailboxes" } : { step: "place-mailboxes", wave });
  // Who waits has the mailbox in parking, from where it goes home.
  if (wave > 0 && moving > 0) return effects["place-mailboxes"].next.fate;
  if ((point.wave ?? 0) > wave) return "finish";
  // In the second order, and for who has waited, an account is made behind the move: that is what counts then.
  if (moving < 0 && next.fate === "roll-back") return "finish";
  return next.turnsWith !== undefined && isDone(point, next.turnsWith) ? opposite[next.fate] : next.fate;
}

/** Whether somebody has two turns, and so changes the name twice. */
function isCircle(name: ScenarioName): boolean {
  const turns = wavesOf(name).flat();
  return new Set(turns).size < turns.length;
}

const opposite: Record<NextFate, NextFate> = { finish: "roll-back", "roll-back": "finish" };

function placeIn(stages: string[], step: Pick<Point, "step" | "wave">): number {
  const place = stages.indexOf(hookOf(step));
  return place < 0 ? stages.length : place;
}

/** Whether a run that ends at a point of a step has done one of the step's writes. */
function isDone(point: Point, write: string): boolean {
  if (point.at !== "unheard") return point.at === "after";
  const { chained = [], writes }: Effect = effects[point.step];
  const all = [...chained, ...writes];
  return all.indexOf(point.write) >= all.indexOf(write);
}
