import { expect } from "vitest";
import { picture } from "../picture";
import { firstRun, type Death } from "./first-run";
import { judge, lookBefore } from "./judge";
import type { Lane } from "./lane";
import { nameOf, type Point } from "./points";
import { requestsOf, scenarioOf, type Order, type ScenarioName } from "./scenarios";
import { leaveAlone, recover, sendToAll, upAgain, type Sent, type Variant } from "./variants";

/** One field of the matrix. */
export interface Case {
  scenario: ScenarioName;
  order: Order;
  point: Point;
  death: Death;
  variant: Variant;
}

/** What is printed of a field. */
export interface Row {
  point: string;
  death: string;
  scenario: string;
  variant: string;
  outcome: string;
}

/** Lets a run die, lets happen what the variant says, and judges the end. */
export async function runCase(lane: Lane, wanted: Case): Promise<Row> {
  const { scenario, order, point, death, variant } = wanted;
  const { control } = lane.simulator;
  lane.order = order;
  const requests = await requestsOf(lane.simulator, scenario);
  const before = await lookBefore(lane);
  const first = await firstRun(lane, requests, point, death);
  const said: string[] = [];
  let sent: Sent[] = [];
  if (death === "alive") expect(first.ended).toEqual(requests.map(() => "finished"));
  if (variant === "nothing") {
    const seconds = await leaveAlone(lane, before.picture.services);
    said.push(`the service by itself after ${seconds.toFixed(0)} s`);
    sent = await sendToAll(lane, scenario);
    const refused = sent.filter((mail) => mail.refused !== undefined);
    if (refused.length > 0)
      said.push(`refused meanwhile: ${refused.map(({ to }) => to.replace(/@.*/, "")).join(", ")}`);
  }
  if (variant === "recover") {
    await recover(lane);
    const { names } = await picture(lane.simulator);
    const done = scenarioOf(scenario).renames.every(({ to }) => names.includes(to));
    said.push(done ? "recover finished it" : "recover took it back");
  }
  const results = await upAgain(lane, requests);
  if (death !== "killed" && death !== "alive") {
    const woken = new Date().toISOString();
    const ended = await first.wake();
    expect(ended.filter((text) => !/LOCK_LOST|RENAME_OPEN/.test(text))).toEqual([]);
    expect(ended).toHaveLength(requests.length);
    const writes = (await control.calls()).filter((call) => call.at > woken && !isRead(call.method));
    expect(writes.map((call) => call.method)).toEqual([]);
    said.push("woken, it touched nothing");
  }
  await judge(lane, scenario, before, { requests, results, sent });
  const stops = (await control.downtimes()).length;
  said.push(`done, ${stops} stop${stops === 1 ? "" : "s"}`);
  return {
    point: nameOf(point),
    death,
    scenario: order === "article" ? `${scenario}, article` : scenario,
    variant,
    outcome: said.join("; "),
  };
}

function isRead(method: string): boolean {
  return method.startsWith("Session.") || /\.(get|find|check|generate)/.test(method);
}
