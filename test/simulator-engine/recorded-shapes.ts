import { accountShapes } from "./recorded/accounts";
import { addressShapes } from "./recorded/addresses";
import { domainShapes } from "./recorded/domains";
import { serverShapes } from "./recorded/server";
import { settingsShapes } from "./recorded/settings";
import type { Known, RecordedShape } from "./recorded/shape";

/** The requests of all methods but those of the set-up, with ids that are there. */
export function recordedShapes(known: Known): RecordedShape[] {
  return [
    ...accountShapes(known),
    ...addressShapes(known),
    ...domainShapes(known),
    ...serverShapes(known),
    ...settingsShapes(),
  ];
}
