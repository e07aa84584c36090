import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import { afterAll, describe, expect, it } from "vitest";
import { effects } from "../../../provider/rename/effects";
import { stepsOf } from "../../../provider/rename/run";
import { provider } from "../stage";
import { allCases } from "./cases";
import { crashTable } from "./crash-table";
import { Lanes } from "./lane";
import { allPoints, nameOf, pointsOf } from "./points";
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

  it.each(orders)(
    "name every write of a rename, and none that is not made: %s",
    { timeout: 120_000 },
    async (order) => {
      await lanes.use(async (lane) => {
        lane.order = order;
        const seen = new Map<string, Set<string>>();
        const written = new Set<string>();
        let step = "";
        let verbs: string[] = [];
        const note = async (next: string) => {
          const calls = (await lane.simulator.control.calls()).filter((call) => !isRead(call.method));
          for (const { method, at } of calls.filter((call) => !written.has(`${call.at} ${call.method}`))) {
            written.add(`${at} ${method}`);
            if (step !== "") seen.set(step, (seen.get(step) ?? new Set()).add(method));
          }
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
        for (const [name, { writes }] of Object.entries(effects)) {
          if (name === "sweep-strays") continue;
          const wanted = writes.filter((write) => !write.startsWith("host "));
          expect([name, ...(seen.get(name) ?? [])]).toEqual([name, ...wanted]);
        }
        const host = Object.values(effects).flatMap(({ writes }) =>
          writes.filter((write) => /^host (?!snap|salv)/.test(write)),
        );
        expect(verbs.map((verb) => `host ${verb}`)).toEqual(host);
      });
    },
  );
});

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
