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
  { who: "the plugin alone", when: "during the window", next: "up", stops: 2 },
  { who: "the plugin alone", when: "during the swap", next: "up", stops: 2 },
  { who: "pulumi alone", when: "during the window", next: "up", stops: 1 },
  { who: "pulumi alone", when: "during the swap", next: "up", stops: 1 },
  { who: "nobody, by one Ctrl-C,", when: "during the swap", next: "refresh, then up", stops: 1 },
  { who: "pulumi, by two Ctrl-Cs,", when: "during the window", next: "up --refresh", stops: 2 },
];

test.each(cases)("$who dies $when; $next finishes the rename, each effect once", (death) => survive(simulator, death));
