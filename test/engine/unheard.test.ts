import { afterEach, beforeEach, test } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { survive, type Death } from "./deaths";
import type { Next } from "./go-on";
import { startQuickHost } from "./stage";

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startQuickHost();
});
afterEach(() => simulator?.stop());

const nexts: Next[] = ["up", "up --refresh", "refresh, then up", "preview --refresh, then up"];

/** The server's part is over, and the engine knows nothing of it: each next command hears of it, once. */
const cases: Death[] = [
  { who: "pulumi alone", when: "during the swap", nexts, stops: 1, afterOrphan: true },
  { who: "both", when: "with all done and nothing written down", nexts: nexts.toReversed(), stops: 1 },
];

test.each(cases)("$who dies $when; $nexts each take the renamed account over", (death) => survive(simulator, death));
