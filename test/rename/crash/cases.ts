import type { Death } from "./first-run";
import { effects, type Effect } from "../../../provider/rename/effects";
import {
  allPoints,
  chainPoints,
  effectsOf,
  heldPoints,
  isOneByOne,
  pointsUntilOrdersMeet,
  rollBackPoints,
  type Point,
} from "./points";
import type { Case } from "./run-case";
import type { Order, ScenarioName } from "./scenarios";
import { strikes, type StrikeName } from "./strikes";
import { troubles, unwritten, type TroubleName } from "./troubles";
import { variants, type Variant } from "./variants";

const deaths: readonly Death[] = ["killed", "cut off", "asleep", "black-holed"];

/** Each point meets each variant with another death, and each variant meets every death. */
function deathOf(point: Point, index: number, variant: Variant): Death {
  if (point.at === "unheard" && variant === "up") return point.write.startsWith("host ") ? "cut off" : "alive";
  return deaths[(index + variants.indexOf(variant)) % deaths.length] ?? "killed";
}

type OwnCase = Extract<Case, { point: Point }>;

/** Every point in every variant. */
function full(scenario: ScenarioName, order: Order, points = allPoints(order)): OwnCase[] {
  return points.flatMap((point, index) =>
    variants.map((variant) => ({ scenario, order, point, variant, death: deathOf(point, index, variant) })),
  );
}

/** Every point once, the variants in turn. */
function inTurn(scenario: ScenarioName, order: Order, shift: number, points = allPoints(order)): OwnCase[] {
  return full(scenario, order, points).filter(
    ({ variant }, index) => variants.indexOf(variant) === (Math.floor(index / variants.length) + shift) % 3,
  );
}

/** Whether only renames that depend on each other come to a point. */
function isChained({ step, ...point }: Point): boolean {
  const effect: Effect = effects[step];
  return (
    step === "place-mailboxes" ||
    step === "lift-interim" ||
    (point.at === "unheard" && effect.chained?.includes(point.write) === true)
  );
}

/** Whether an answer is lost with a mailbox placed and the service stopped. */
function isPlacing(point: Point): boolean {
  return point.step === "place-mailboxes" && point.at === "unheard" && point.write === "host move";
}

/** Whether an answer is lost with more to write in the same step, or to the removal, which nothing takes back. */
function isWithin(point: Point): boolean {
  if (point.at !== "unheard") return false;
  const { writes }: Effect = effects[point.step];
  return writes.indexOf(point.write) < writes.length - 1 || point.step === "remove-old";
}

/** Of two waves with the same steps in the same order one dies before a step, the other before the next. */
function isItsTurn({ step, wave = 0 }: Point): boolean {
  const steps: readonly string[] = effectsOf("accountFirst");
  return wave === 0 || (steps.indexOf(step) + wave) % 2 === 0;
}

/**
 * Before the window a chain is like any two renames. What follows is died in once: between two steps in the swap, which
 * takes the same steps as a chain and more, and within a step in the chain.
 */
function ofChains(): Case[] {
  const order = "accountFirst";
  const [chain, swap] = [heldPoints(order, "chain"), heldPoints(order, "swap")];
  // Where a seat is free, whoever takes a name that passes has an account that was enabled when it was made.
  const oneByOne = chainPoints(order, "chain").filter(
    (point) => point.wave === 1 && point.at !== "after" && isOneByOne(point) && point.step !== "switch-over",
  );
  return [
    ...full("chain", order, chain.filter(isChained)),
    ...inTurn(
      "chain",
      order,
      0,
      chain.filter((point) => isWithin(point) && !isChained(point)),
    ),
    ...full("chain", order, oneByOne.filter(isChained)),
    ...inTurn(
      "chain",
      order,
      1,
      oneByOne.filter((point) => point.at === "before" && !isChained(point)),
    ),
    ...full(
      "swap",
      order,
      swap.filter((point) => isChained(point) && point.step !== "place-mailboxes"),
    ),
    ...inTurn(
      "swap",
      order,
      2,
      swap.filter((point) =>
        point.step === "place-mailboxes"
          ? point.at !== "unheard" || isPlacing(point)
          : point.at === "before" && isItsTurn(point),
      ),
    ),
  ];
}

/** What strikes while two people exchange their names, in every variant; before the stop they are like any two. */
function inSwaps(): Case[] {
  const struck = (Object.keys(strikes) as StrikeName[]).filter((name) => !/^the guard|before the stop$/.test(name));
  return struck.flatMap((trouble) =>
    variants.map((variant): Case => ({ scenario: "swap", order: "accountFirst", trouble, variant })),
  );
}

/**
 * Every trouble in every variant, and every fourth one for two people in the second order. In an exchange, where a
 * mailbox waits or a person is in between, the variants take turns.
 */
function ofTheHost(): Case[] {
  const names = Object.keys(troubles) as TroubleName[];
  const swaps = inSwaps().filter((_, index) => index % variants.length === Math.floor(index / variants.length) % 3);
  const others = names.flatMap((trouble, index): Case[] => [
    ...variants.map((variant) => ({ scenario: "one" as const, order: "accountFirst" as const, trouble, variant })),
    ...(index % 4 === 0
      ? [{ scenario: "pair" as const, order: "article" as const, trouble, variant: variants[(index / 4) % 3] ?? "up" }]
      : []),
  ]);
  return [...others, ...swaps];
}

/** What a stop can meet wherever it stands; the others are troubles of the start behind it. */
const ofStops: readonly TroubleName[] = [
  "the engine refuses to stop",
  unwritten,
  "mv is not permitted",
  "the host reboots with the service stopped",
  "the supervisor is killed with the service stopped",
];

/** Troubles in a stop that comes after the window: a chain's next, or that of a roll-back. */
function ofLaterStops(): Case[] {
  const order = "accountFirst";
  return ofStops.flatMap((trouble, index): Case[] => {
    const [here, there] = index % 2 === 0 ? (["up", "nothing"] as const) : (["nothing", "up"] as const);
    return [
      { scenario: "chain", order, variant: here, trouble, later: "place-mailboxes" },
      { scenario: "one", order, variant: there, trouble, later: "roll-back" },
    ];
  });
}

/**
 * Every point of every scenario in every variant, in both orders where the scenario has two, and every trouble: some 1,600
 * cases. `npm run crash-matrix -- --all` plays them.
 */
function everyCase(): Case[] {
  const [first, second] = ["accountFirst", "article"] as const;
  const names = Object.keys(troubles) as TroubleName[];
  const met = ([scenario, order]: readonly [ScenarioName, Order]): Case[] =>
    names.flatMap((trouble) => variants.map((variant) => ({ scenario, order, trouble, variant })));
  // Where a seat is free, whoever takes a name that passes has an account that was enabled when it was made.
  const isMet = ({ step, wave = 0 }: Point): boolean => wave === 0 || step !== "switch-over";
  return [
    ...full("one", first),
    ...full("one", second),
    ...full("one", first, rollBackPoints()),
    ...full("pair", first),
    ...full("chain", first, chainPoints(first, "chain").filter(isMet)),
    ...full("swap", first, chainPoints(first, "swap").filter(isMet)),
    ...(
      [
        ["one", first],
        ["pair", second],
      ] as const
    ).flatMap(met),
    ...inSwaps(),
    ...ofLaterStops(),
  ];
}

/** The cases of the matrix: a sample of all that is played in every run of the tests, or `all` of them. */
export function allCases({ all = false } = {}): Case[] {
  if (all) return everyCase();
  return [
    ...full("one", "accountFirst"),
    ...inTurn("one", "article", 1, pointsUntilOrdersMeet()),
    ...full("one", "accountFirst", rollBackPoints()),
    ...ofTheHost(),
    ...ofLaterStops(),
    // What several renames share is the window; each seventh point keeps the time, and lets the variants take turns.
    ...inTurn("pair", "accountFirst", 0).filter((_, index) => index % 7 === 0),
    ...ofChains(),
  ];
}
