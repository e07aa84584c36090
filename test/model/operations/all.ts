import fc from "fast-check";
import { arrivals } from "./arrivals";
import { byHand } from "./by-hand";
import { exchanges } from "./exchanges";
import { mail } from "./mail";
import type { NamedOperation } from "./operation";
import { refusals } from "./refusals";
import { troubles } from "./troubles";
import { updates } from "./updates";

/** Every operation, as often as it teaches something for the time it takes. */
const weights: [number, NamedOperation][] = [
  [3, updates.hire],
  [4, updates.change],
  [2, updates.leave],
  [4, updates.rename],
  [2, updates.mixed],
  [2, exchanges.exchange],
  [4, refusals.takenName],
  [2, arrivals.stranger],
  [2, arrivals.adopt],
  [2, arrivals.leave],
  [2, arrivals.comeBack],
  [7, byHand.change],
  [2, byHand.alias],
  [4, byHand.refresh],
  [1, byHand.aliasGone],
  [1, byHand.accountGone],
  [1, byHand.restart],
  [4, troubles.fault],
  [3, troubles.hostFault],
  [1, troubles.killedService],
  [1, troubles.cut],
  [5, troubles.pluginDies],
  [2, troubles.engineDies],
  [12, mail.toPerson],
  [4, mail.toGroup],
  [2, mail.toNobody],
  [6, mail.login],
];

export const operationNames = weights.map(([, { name }]) => name);

export const operations = fc.oneof(...weights.map(([weight, { arbitrary }]) => ({ weight, arbitrary })));
