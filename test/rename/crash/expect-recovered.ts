import { expect } from "vitest";
import type { NextFate } from "../../../provider/rename/effects";
import { expectState, type Before } from "./expect-state";
import type { Lane } from "./lane";
import { expectNothingLeft } from "./nothing-left";
import { at, becomesOf, type ScenarioName } from "./scenarios";
import { leaveAlone, type Sent, type Told } from "./variants";

/**
 * What must be true when `recover` has ended, before anybody runs an update: each rename is done or as if it had never been
 * begun, as the table says of the point, and that is what was said before and afterwards.
 *
 * @param fates by the name of the beginning
 */
export async function expectRecovered(
  lane: Lane,
  name: ScenarioName,
  before: Before,
  { fates, told, sent }: { fates: Record<string, NextFate>; told: Told; sent: Sent[] },
): Promise<void> {
  const { seen, recovered } = told;
  const done = Object.fromEntries(Object.entries(becomesOf(name)).filter(([from]) => fates[from] === "finish"));
  // A run that has left no snapshot is let come to its end by its supervisor.
  if (recovered.length === 0) await leaveAlone(lane, before.picture.services);
  expect((await lane.simulator.control.service()).running).toBe(true);
  await expectState(lane, before, { became: done, sent });
  await expectNothingLeft(lane, recovered.length === 0 ? ["last-end"] : []);
  for (const [from, fate] of Object.entries(fates)) {
    const was = seen.find((one) => one.from === at(from));
    const is = recovered.find((one) => one.from === at(from));
    if (is) expect(is, from).toMatchObject({ result: fate === "finish" ? "finished" : "rolled-back" });
    if (was) expect([fate, "close"], `what is said beforehand of ${from}`).toContain(was.will);
    expect(was === undefined, `${from} is told of before and afterwards`).toBe(is === undefined);
  }
}
