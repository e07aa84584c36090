import { afterEach, beforeEach, test } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { survive, type Death } from "./deaths";
import { startQuickHost } from "./stage";

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startQuickHost();
});
afterEach(() => simulator?.stop());

/**
 * Stops of the service: without the plugin the host puts itself back; in the window it starts the service, and the next
 * run may stop it once more; in the swap it restarts it, which opens the services that were held. Without `pulumi` the
 * plugin goes on to the end, unheard.
 */
const cases: Death[] = [
  { who: "the plugin alone", when: "during the window", nexts: ["up"], stops: 2 },
  { who: "the plugin alone", when: "during the swap", nexts: ["preview --refresh, then up"], stops: 2 },
  { who: "pulumi alone", when: "during the window", nexts: ["up"], stops: 1, meets: 1 },
  { who: "pulumi alone", when: "during the swap", nexts: ["refresh, then up"], stops: 1, meets: 1 },
  {
    who: "pulumi alone",
    when: "in the window, with a slow swap to come,",
    nexts: ["preview --refresh, then up --refresh"],
    stops: 1,
    meets: 2,
  },
  {
    who: "nobody, by one Ctrl-C,",
    when: "during the swap",
    nexts: ["refresh, then up", "preview --refresh, then up"],
    stops: 1,
  },
  { who: "pulumi, by two Ctrl-Cs,", when: "during the window", nexts: ["up --refresh"], stops: 2 },
  { who: "pulumi, by two Ctrl-Cs,", when: "during the swap", nexts: ["refresh, then up"], stops: 2 },
];

test.each(cases)("$who dies $when; $nexts finishes the rename, each effect once", (death) => survive(simulator, death));
