import { expect } from "vitest";
import type { UserRequest } from "../../../provider/rename/user-request";
import { expectState, type Before } from "../crash/expect-state";
import { firstRun, wholeRun } from "../crash/first-run";
import type { Lane } from "../crash/lane";
import type { Point } from "../crash/points";
import { at, becomesOf, type ScenarioName } from "../crash/scenarios";
import { refuseBefore } from "../crash/trigger";
import { recover } from "../crash/variants";
import type { Attempt } from "./values";

type Earlier = (lane: Lane, scenario: ScenarioName, requests: UserRequest[], before: Before) => Promise<string[]>;

/**
 * What has come before the update that is judged: an attempt that was taken back, or one that died and was recovered. Each
 * answers who is as before, and so has to be begun anew.
 */
export const earlierAttempts: Readonly<Record<Attempt, Earlier>> = {
  none: () => Promise.resolve([]),
  "taken back": takenBack,
  "killed with the service stopped": killedAt({ at: "unheard", step: "move-mailboxes", write: "host move" }),
  "killed at the removal": killedAt({ at: "unheard", step: "remove-old", write: "Users.remove" }),
};

async function takenBack(
  lane: Lane,
  scenario: ScenarioName,
  requests: UserRequest[],
  before: Before,
): Promise<string[]> {
  const refuse = (step: string) => refuseBefore(step, { at: "before", step: "roll-back" });
  const ended = await wholeRun(lane, requests, { hooks: { before: refuse, after: () => {} } });
  for (const text of ended) expect(text).toMatch(/^RENAME_ROLLED_BACK/);
  await expectState(lane, before, { became: {}, sent: [] });
  return Object.keys(becomesOf(scenario));
}

/** Each person is as before, or renamed, as `recover` says. */
function killedAt(point: Point): Earlier {
  return async (lane, scenario, requests, before) => {
    await firstRun(lane, requests, point, "killed");
    const { recovered } = await recover(lane);
    const isDone = (from: string) => recovered.some((one) => one.from === at(from) && one.result === "finished");
    const became = Object.entries(becomesOf(scenario)).filter(([from]) => isDone(from));
    await expectState(lane, before, { became: Object.fromEntries(became), sent: [] });
    expect(recovered.map(({ from }) => from).sort()).toEqual(Object.keys(becomesOf(scenario)).map(at).sort());
    return Object.keys(becomesOf(scenario)).filter((from) => !isDone(from));
  };
}
