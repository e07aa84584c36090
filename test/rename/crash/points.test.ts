import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import { afterAll, describe, expect, it } from "vitest";
import { closesCircle, effects, type Effect } from "../../../provider/rename/effects";
import { stepsOf } from "../../../provider/rename/run";
import { provider } from "../stage";
import { allCases } from "./cases";
import { crashTable } from "./crash-table";
import { Lanes, type Lane } from "./lane";
import {
  allPoints,
  chainPoints,
  effectsOf,
  heldPoints,
  hookOf,
  isOneByOne,
  nameOf,
  pointsUntilOrdersMeet,
  rollBackPoints,
  pointsOf,
  type Point,
} from "./points";
import { requestsOf, type ScenarioName } from "./scenarios";
import { refuseBefore } from "./trigger";
import { variants } from "./variants";

const lanes = new Lanes();
afterAll(() => lanes.close());
const orders = ["accountFirst", "article"] as const;

describe("the crash points", () => {
  it.each(orders)("of every step that writes are there, in the order %s", (order) => {
    const silent = stepsOf(order).filter((step) => pointsOf(step.name).length === 0);
    expect(silent.map((step) => step.name)).toEqual(["see-adoption"]);
    const named = new Set<string>(allPoints(order).map((point) => point.step));
    for (const step of stepsOf(order)) if (!silent.includes(step)) expect(named).toContain(step.name);
  });

  it("at which what becomes of a rename turns are writes of their steps", () => {
    const all: [string, Effect][] = Object.entries(effects);
    for (const [step, { writes, next }] of all)
      if (next.turnsWith !== undefined) expect(writes, step).toContain(next.turnsWith);
    expect(effects[closesCircle.step].writes).toContain(closesCircle.write);
  });

  it("are each met by every variant, and in the second order at least once until it has done the same", () => {
    const met = new Set(
      allCases().flatMap((one) =>
        "point" in one ? [`${one.scenario} ${one.order} ${one.variant} ${nameOf(one.point)}`] : [],
      ),
    );
    for (const point of allPoints("accountFirst")) {
      for (const variant of variants) expect(met).toContain(`one accountFirst ${variant} ${nameOf(point)}`);
    }
    for (const point of rollBackPoints())
      for (const variant of variants) expect(met).toContain(`one accountFirst ${variant} ${nameOf(point)}`);
    const steps = new Set(pointsUntilOrdersMeet().map(({ step }) => step));
    expect([...steps]).toEqual([
      "move-mailboxes",
      "hold-services",
      "create-accounts",
      "record-accounts",
      "write-contacts",
    ]);
    for (const point of pointsUntilOrdersMeet()) {
      expect(variants.some((variant) => met.has(`one article ${variant} ${nameOf(point)}`))).toBe(true);
    }
  });

  it("of a chain and of a swap are met: by every variant where nothing else comes there", () => {
    const cases = allCases().flatMap((one) => ("point" in one ? [one] : []));
    const met = (scenario: ScenarioName, point: Point) =>
      cases.filter((one) => one.scenario === scenario && nameOf(one.point) === nameOf(point));
    const variantsOf = (scenario: ScenarioName, point: Point) => met(scenario, point).map(({ variant }) => variant);
    const all = { chain: chainPoints("accountFirst", "chain"), swap: chainPoints("accountFirst", "swap") };
    const parked = all.chain.filter(({ step }) => step === "place-mailboxes");
    expect(parked.map(nameOf)).toEqual([
      "before place-mailboxes 2",
      "place-mailboxes 2: host stop unheard",
      "place-mailboxes 2: host move unheard",
      "place-mailboxes 2: host start unheard",
      "after place-mailboxes 2",
    ]);
    for (const point of parked) expect(variantsOf("chain", point)).toEqual(variants);
    const kept = all.swap.filter((point) => point.at === "unheard" && point.write === "host keep");
    expect(kept.map(nameOf)).toEqual(["remove-old: host keep unheard"]);
    for (const point of kept) expect(variantsOf("swap", point)).toEqual(variants);
    const lost = heldPoints("accountFirst", "chain").filter(({ at }) => at === "unheard");
    // Behind the last write of a step the server is as before the next step, and there the swap dies.
    const within = lost.filter((point, index) => {
      const next = lost[index + 1];
      return next !== undefined && hookOf(next) === hookOf(point);
    });
    expect(within.map(nameOf)).toContain("repoint 2: Resources.set unheard");
    for (const point of within) expect(met("chain", point), nameOf(point)).not.toEqual([]);
    const between = heldPoints("accountFirst", "swap").filter(({ at }) => at === "before");
    for (const { step } of between)
      expect(
        between.filter((point) => point.step === step && met("swap", point).length > 0),
        `before ${step}, of any wave`,
      ).not.toEqual([]);
  });

  it.each(["chain", "swap"] as const)("name every write of a %s", { timeout: 180_000 }, async (name) => {
    const seen = new Map<string, Set<string>>();
    const points = chainPoints("accountFirst", name).filter((point) => !isOneByOne(point));
    let verbs: string[] = [];
    await lanes.use(async (lane) => {
      verbs = await writesOf(lane, seen, name);
    });
    const unheard = points.flatMap((point) => (point.at === "unheard" ? [{ hook: hookOf(point), ...point }] : []));
    const wanted = new Set(unheard.filter(({ step }) => step !== "sweep-strays").map(({ hook }) => hook));
    for (const hook of wanted) {
      const writes = unheard
        .filter((one) => one.hook === hook && !one.write.startsWith("host "))
        .map((one) => one.write);
      expect([hook, ...[...(seen.get(hook) ?? [])].sort()]).toEqual([hook, ...writes.sort()]);
    }
    expect([...seen.keys()].filter((hook) => !wanted.has(hook))).toEqual([]);
    expect(verbs.filter((verb) => verb !== "named")).toEqual(
      unheard.filter(({ write }) => write.startsWith("host ")).map(({ write }) => write.slice(5)),
    );
  });

  it("name every write of a rename, and none that is not made", { timeout: 180_000 }, async () => {
    const seen = new Map<string, Set<string>>();
    let verbs: string[] = [];
    await lanes.use(async (lane) => {
      verbs = await writesOf(lane, seen);
    });
    await lanes.use(async (lane) => {
      lane.order = "article";
      await lane.simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
      await writesOf(lane, seen);
    });
    const plain = new Set<string>(effectsOf("accountFirst"));
    const played = Object.entries(effects).filter(([name]) => plain.has(name));
    for (const [name, { writes }] of played) {
      if (name === "sweep-strays") continue;
      const wanted = writes.filter((write) => !write.startsWith("host ")).sort();
      expect([name, ...[...(seen.get(name) ?? [])].sort()]).toEqual([name, ...wanted]);
    }
    const all = played.flatMap(([, effect]): readonly string[] => effect.writes);
    expect(verbs.map((verb) => `host ${verb}`)).toEqual(all.filter((write) => /^host (?!snap|salv)/.test(write)));
  });
});

it("the points of a roll-back name every write of it", { timeout: 180_000 }, async () => {
  const seen = new Map<string, Set<string>>();
  const refused = (step: string) => refuseBefore(step, { at: "before", step: "roll-back" });
  for (const isOneByOne of [false, true]) {
    const run = lanes.use(async (lane) => {
      if (isOneByOne) await lane.simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
      await writesOf(lane, seen, "one", refused);
    });
    await expect(run).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
  }
  const calls = rollBackPoints().flatMap((point) => (point.at === "unheard" ? [point.write] : []));
  const wanted = calls.filter((write) => !write.startsWith("host ")).sort();
  expect([...(seen.get("roll-back") ?? [])].sort()).toEqual(wanted);
});

/** Renames once, and notes what each step calls; answers the verbs that the supervisor was given. */
async function writesOf(
  lane: Lane,
  seen: Map<string, Set<string>>,
  scenario: ScenarioName = "one",
  before: (step: string) => void = () => {},
): Promise<string[]> {
  let known = 0;
  let step = "";
  let verbs: string[] = [];
  const note = async (next: string) => {
    const calls = await lane.simulator.control.calls();
    for (const { method } of calls.slice(known)) {
      if (step !== "" && !isRead(method)) seen.set(step, (seen.get(step) ?? new Set()).add(method));
    }
    known = calls.length;
    step = next;
  };
  const hooks = {
    before: async (name: string) => {
      await note(name);
      before(name);
      if (name === "clear-marks") verbs = commandsOf(lane.stateDirectory);
    },
    after: () => note(""),
  };
  const plugin = provider(lane.settings(), { hooks });
  const requests = await requestsOf(lane.simulator, scenario);
  await Promise.all(requests.map((request) => plugin.coordinator.create(request)));
  await plugin.close();
  return verbs;
}

it("the table in the docs is what the steps say", async () => {
  const page = resolve(__dirname, "../../../docs/crash-table.md");
  const options = await resolveConfig(page);
  await expect(await format(crashTable(), { ...options, parser: "markdown" })).toMatchFileSnapshot(page);
});

function isRead(method: string): boolean {
  return method.startsWith("Session.") || /\.(get|find|check|generate)/.test(method);
}

/** The verbs that the supervisor has been given, in their order. */
function commandsOf(state: string): string[] {
  const [run = ""] = readdirSync(join(state, "runs"));
  const directory = join(state, "runs", run);
  return readdirSync(directory)
    .filter((name) => /^command\.\d+$/.test(name))
    .sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)))
    .map((name) => readFileSync(join(directory, name), "utf8").split("\n", 1)[0] ?? "");
}
