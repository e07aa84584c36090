import { inWaves, planRenames, type Links, type PlannedRename } from "../../../provider/rename/plan";
import type { Snapshot } from "../../../provider/rename/snapshot";
import type { UserRequest } from "../../../provider/rename/user-request";
import type { Simulator } from "../../helpers/start-simulator";
import { domain, idOf, renameRequest } from "../stage";

/** What one update asks for. */
export interface Scenario {
  /** Who becomes whom; the stage has jdoe and asmith, each with mail. */
  renames: readonly { from: string; to: string }[];
  /** Old names that get a new bearer in the same update, and so become no alias. */
  taken?: readonly string[];
}

/** The updates that die. A new one is a line here, and a choice of its points in `cases.ts`. */
export const scenarios = {
  one: { renames: [{ from: "jdoe", to: "jsmith" }] },
  pair: {
    renames: [
      { from: "jdoe", to: "jsmith" },
      { from: "asmith", to: "bsmith" },
    ],
  },
  chain: {
    renames: [
      { from: "jdoe", to: "asmith" },
      { from: "asmith", to: "bsmith" },
    ],
    taken: ["asmith"],
  },
  swap: {
    renames: [
      { from: "jdoe", to: "asmith" },
      { from: "asmith", to: "jdoe" },
    ],
    taken: ["asmith", "jdoe"],
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;
export type Order = Snapshot["order"];

/** The scenario of a name. */
export function scenarioOf(name: ScenarioName): Scenario {
  return scenarios[name];
}

/** Who becomes whom, from name to name. */
export function becomesOf(name: ScenarioName): Record<string, string> {
  return Object.fromEntries(scenarioOf(name).renames.map(({ from, to }) => [from, to]));
}

/** The requests of a scenario, bound to the ids that the accounts have now. */
export async function requestsOf(simulator: Simulator, name: ScenarioName): Promise<UserRequest[]> {
  return Promise.all(
    scenarioOf(name).renames.map(async ({ from, to }) => renameRequest(from, to, await idOf(simulator, from))),
  );
}

/** Whose turn it is in which wave, by the names they bear at the beginning; a person in two halves has two turns. */
export function wavesOf(name: ScenarioName): string[][] {
  const planned = scenarioOf(name).renames.map((rename): PlannedRename => ({ ...rename, domain, oldId: rename.from }));
  const bearers = planned.map(({ from }) => ({ id: from, domain, name: from, label: from }));
  const turns = [...planRenames(planned, bearers).roles].flatMap(([{ from }, { after, cut }]) => {
    const half: Links = { key: from };
    const last: Links = { key: `${from} then`, follows: from, after };
    return (cut ? [half, last] : [{ ...half, after }]).map((links) => ({ from, links }));
  });
  return inWaves(turns, ({ links }) => links).map((wave) => wave.map(({ from }) => from));
}

/** Address of a sample person. */
export const at = (name: string): string => `${name}@${domain}`;
