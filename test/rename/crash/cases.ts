import type { Death } from "./first-run";
import { allPoints, type Point } from "./points";
import type { Case } from "./run-case";
import { scenarios, type Order, type ScenarioName } from "./scenarios";
import { troubles, type TroubleName } from "./troubles";
import { variants, type Variant } from "./variants";

const deaths: readonly Death[] = ["killed", "cut off", "asleep", "black-holed"];

/** Each point meets each variant with another death, and each variant meets every death. */
function deathOf(point: Point, index: number, variant: Variant): Death {
  if (point.at === "unheard" && variant === "up") return point.write.startsWith("host ") ? "cut off" : "alive";
  return deaths[(index + variants.indexOf(variant)) % deaths.length] ?? "killed";
}

type OwnCase = Extract<Case, { point: Point }>;

/** Every point in every variant. */
function full(scenario: ScenarioName, order: Order): OwnCase[] {
  return allPoints(order).flatMap((point, index) =>
    variants.map((variant) => ({ scenario, order, point, variant, death: deathOf(point, index, variant) })),
  );
}

/** Every point once, the variants in turn. */
function inTurn(scenario: ScenarioName, order: Order, shift: number): OwnCase[] {
  return full(scenario, order).filter(
    ({ variant }, index) => variants.indexOf(variant) === (Math.floor(index / variants.length) + shift) % 3,
  );
}

/** Every trouble in every variant, and every second one for two people in the second order. */
function ofTheHost(): Case[] {
  const names = Object.keys(troubles) as TroubleName[];
  return names.flatMap((trouble, index): Case[] => [
    ...variants.map((variant) => ({ scenario: "one" as const, order: "accountFirst" as const, trouble, variant })),
    ...(index % 2 === 0
      ? [{ scenario: "pair" as const, order: "article" as const, trouble, variant: variants[index % 3] ?? "up" }]
      : []),
  ]);
}

/** Every case of the matrix. */
export function allCases(): Case[] {
  const several = (Object.keys(scenarios) as ScenarioName[]).filter((name) => name !== "one");
  return [
    ...full("one", "accountFirst"),
    ...inTurn("one", "article", 1),
    ...ofTheHost(),
    // What several renames share is the window; each third point keeps the time.
    ...several.flatMap((name, shift) => inTurn(name, "accountFirst", shift).filter((_, index) => index % 3 === 0)),
  ];
}
