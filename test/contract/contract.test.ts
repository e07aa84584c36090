import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { Contract } from "./contract";
import { ownServer } from "./own-server";
import { areas } from "./probes/areas";

/** What a server with every switch at its default gives no occasion to ask. */
const noOccasion = ["alias-taken-code"];

/** Limits at which the question for them is quick. */
const switches = { "silent-connection-seconds": "2", "largest-request-bytes": "131072" };

describe("the contract of the stand-in", () => {
  let simulator: Simulator;
  let contract: Contract;
  beforeAll(async () => {
    simulator = await startSimulator({ switches });
    contract = await Contract.open(ownServer(simulator.info), { beyond: true });
  });
  afterAll(() => simulator?.stop());

  for (const [area, probes] of Object.entries(areas)) {
    describe(area, () => {
      it.each(probes.map((probe, index) => ({ probe, index, question: probe.question })))(
        "$question",
        async ({ probe, index }) => {
          const { verdict, seen, value } = await contract.ask(area, index, probe);
          const chosen = "settles" in probe ? (switches as Record<string, string>)[probe.settles] : undefined;
          const settled = chosen === undefined ? "as expected" : "switch";
          const isAsked = !("settles" in probe) || !noOccasion.includes(probe.settles);
          expect({ verdict, seen, value }).toMatchObject({ verdict: isAsked ? settled : "not asked" });
          if (chosen !== undefined) expect(value).toBe(chosen);
        },
      );
    });
  }

  it("is over with nothing left", async () => {
    expect(await contract.close()).toEqual({ removed: [], foreign: [] });
    const truth = await simulator.control.truth();
    expect(truth.accounts.map((each) => each.name)).toEqual([]);
    expect(truth.domains).toHaveLength(1);
    expect([truth.aliases, truth.groups, truth.mailingLists, truth.resources]).toEqual([[], [], [], []]);
    expect(await simulator.control.directories("example.com")).toEqual([]);
  });
});
