import type { Holder } from "../dynamic/holders";
import type { Properties } from "../dynamic/lifecycle";

/** Who holds what a resource's inputs or outputs are about. */
export function holderIn({ server, logicalName }: Properties): Holder {
  return {
    server: typeof server === "string" ? server : "",
    logicalName: typeof logicalName === "string" ? logicalName : "",
  };
}
