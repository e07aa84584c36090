import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { CallLine } from "../../simulator/host/control-types";
import { isInterim } from "../../../provider/rename/interim-aliases";
import type { UserRequest, UserResult } from "../../../provider/rename/user-request";
import { expectState, type Before } from "./expect-state";
import type { Lane } from "./lane";
import { expectNothingLeft } from "./nothing-left";
import { becomesOf, scenarioOf, type ScenarioName } from "./scenarios";
import type { Sent } from "./variants";

/** What a case has asked for, and what came of it. */
interface Told {
  requests: UserRequest[];
  results: UserResult[];
  sent: Sent[];
  /** Calls that the server had answered before anything was asked for. Default 0: its record begins with the case. */
  callsBefore?: number;
  /** Who was made beside the renames. */
  newcomers?: string[];
  /** The renames that had to be taken back before they were done, by the name of the beginning. */
  begunAnew: readonly string[];
  /** Whose removal the server forgot in between, by the name of the beginning. */
  forgotten?: readonly string[];
  /** How often an account may have been asked for until it was made. */
  mostTried?: number;
  /** How often a name that somebody takes may have been given to its former bearer meanwhile. */
  mostAsked?: number;
}

/** Everything that must be true once the renames are done, by the truth of the server and of its disk. */
export async function judge(lane: Lane, name: ScenarioName, before: Before, told: Told): Promise<void> {
  const { sent, newcomers = [] } = told;
  const after = await expectState(lane, before, { became: becomesOf(name), sent, newcomers });
  for (const [index, { to }] of scenarioOf(name).renames.entries()) {
    expect(told.results[index]?.userId).toBe(after.account(to).id);
    const login = await lane.simulator.control.login(to, told.results[index]?.initialPassword ?? "");
    expect(login).toMatchObject({ ok: true, userId: after.account(to).id });
  }
  await expectOnce(lane, name, told);
  await expectNothingLeft(lane);
}

/** No effect has happened twice: what was made and taken back again is counted off. */
async function expectOnce(
  lane: Lane,
  name: ScenarioName,
  { requests, callsBefore = 0, begunAnew, forgotten = [], mostTried = 1, mostAsked = 1 }: Told,
): Promise<void> {
  const since = (await lane.simulator.control.calls()).slice(callsBefore);
  const calls = since.filter((call) => call.code === 0).flatMap(commandsIn);
  const removals = lines(join(lane.simulator.state, "truth/removals.jsonl")).map(({ userId }) => String(userId));
  for (const [index, { from, to }] of scenarioOf(name).renames.entries()) {
    const oldId = requests[index]?.renamedFrom?.userId ?? "";
    expect(removals.filter((id) => id === oldId).length, `removals of ${from}`).toBe(forgotten.includes(from) ? 2 : 1);
    const named = (method: string, key: string, field: string, value: string) =>
      calls
        .filter((call) => call.method === method)
        .flatMap((call) => call.params[key] as Record<string, unknown>[])
        // An interim alias comes and goes; that none is left is seen above.
        .filter((item) => item[field] === value && (key !== "aliases" || !isInterim(item))).length;
    // Where it was taken back the account had been made, or it was too early for that.
    const made = named("Users.create", "users", "loginName", to);
    expect(made, `calls that made ${to}`).toBeGreaterThan(0);
    expect(made, `calls that made ${to}`).toBeLessThanOrEqual(begunAnew.includes(from) ? 2 * mostTried : mostTried);
    // A name that somebody takes leads to its former bearer until then, where that somebody was taken back meanwhile.
    const most = forgotten.includes(from) ? mostAsked + 1 : mostAsked;
    const isKept = !scenarioOf(name).taken?.includes(from);
    const led = named("Aliases.create", "aliases", "name", from);
    expect(led, `calls that let ${from} lead to ${to}`).toBeLessThanOrEqual(isKept ? most : 1);
    if (isKept) expect(led, `calls that let ${from} lead to ${to}`).toBeGreaterThan(0);
  }
}

/** The calls of a call. */
function commandsIn(call: CallLine): Pick<CallLine, "method" | "params">[] {
  const list = call.method === "Batch.run" ? call.params.commandList : [call];
  return list as Pick<CallLine, "method" | "params">[];
}

function lines(file: string): Record<string, unknown>[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return text.map((line) => JSON.parse(line) as Record<string, unknown>);
}
