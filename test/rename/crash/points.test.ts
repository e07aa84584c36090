import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import { afterAll, describe, expect, it } from "vitest";
import { effects } from "../../../provider/rename/effects";
import { stepsOf } from "../../../provider/rename/run";
import { provider } from "../stage";
import { allCases } from "./cases";
import { crashTable } from "./crash-table";
import { Lanes, type Lane } from "./lane";
import { allPoints, effectsOf, nameOf, pointsOf } from "./points";
import { requestsOf } from "./scenarios";
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

  it("are each met by every variant, and in the second order at least once", () => {
    const met = new Set(
      allCases().flatMap((one) =>
        "point" in one ? [`${one.scenario} ${one.order} ${one.variant} ${nameOf(one.point)}`] : [],
      ),
    );
    for (const point of allPoints("accountFirst")) {
      for (const variant of variants) expect(met).toContain(`one accountFirst ${variant} ${nameOf(point)}`);
    }
    for (const point of allPoints("article")) {
      expect(variants.some((variant) => met.has(`one article ${variant} ${nameOf(point)}`))).toBe(true);
    }
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

/** Renames once, and notes what each step calls; answers the verbs that the supervisor was given. */
async function writesOf(lane: Lane, seen: Map<string, Set<string>>): Promise<string[]> {
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
      if (name === "clear-marks") verbs = commandsOf(lane.stateDirectory);
    },
    after: () => note(""),
  };
  const plugin = provider(lane.settings(), { hooks });
  const [request] = await requestsOf(lane.simulator, "one");
  if (request) await plugin.coordinator.create(request);
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
