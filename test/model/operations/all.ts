import fc from "fast-check";
import { arrivals } from "./arrivals";
import { byHand } from "./by-hand";
import { exchanges } from "./exchanges";
import { mail } from "./mail";
import type { NamedOperation } from "./operation";
import { refusals } from "./refusals";
import { troubles } from "./troubles";
import { updates } from "./updates";

/**
 * Every operation, as often as it teaches something for the time it takes: what needs no window costs a tenth of a
 * second, an undisturbed rename some seconds, and one that dies a quarter of a minute.
 */
const weights: [number, NamedOperation][] = [
  [70, mail.toPerson],
  [20, mail.toGroup],
  [6, mail.toNobody],
  [45, mail.login],
  [60, byHand.change],
  [20, byHand.alias],
  [8, byHand.refresh],
  [2, byHand.restart],
  [14, refusals.takenName],
  [5, arrivals.stranger],

  [3, updates.hire],
  [5, updates.change],
  [2, updates.leave],
  [2, arrivals.adopt],
  [2, arrivals.leave],
  [2, arrivals.comeBack],
  [2, byHand.aliasGone],
  [2, byHand.accountGone],

  [2, updates.rename],
  [2, updates.mixed],
  [2, exchanges.chain],
  [2, exchanges.swap],
  [2, exchanges.circle],
  [3, troubles.fault],
  [3, troubles.hostFault],
  [2, troubles.killedService],
  [2, troubles.cut],
  [4, troubles.pluginDies],
  [2, troubles.engineDies],
];

/** What must have happened in a run that is long enough: every operation, and what some of them only bring about at times. */
export const expected = [
  ...weights.map(([, { name }]) => name),
  "fault",
  "host fault",
  "cut",
  "death of the plugin",
  "death of the engine",
  "recovery by recover",
];

export const operations = fc.oneof(...weights.map(([weight, { arbitrary }]) => ({ weight, arbitrary })));
