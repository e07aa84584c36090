import { listAliases } from "../../kerio/methods/aliases";
import { findEntityByEmail } from "../../kerio/methods/server";
import { delivers } from "../delivery-address";
import { oldAddress, type Renaming, type RunContext } from "../run-context";
import { hasNextBearer, hasOtherBearer, wantsAlias } from "./addresses";

/**
 * Asks the server who takes the old addresses now, one call a domain; anything but the new accounts is reported, unless
 * the program gives the name to somebody else, who is there.
 */
export async function verifyDelivery(run: RunContext, renamings: Renaming[]): Promise<void> {
  const { client } = run.server;
  const concerned: Renaming[] = [];
  for (const renaming of renamings.filter((one) => wantsAlias(run, one)))
    if (!hasNextBearer(run, renaming.record) || !(await hasOtherBearer(run, renaming.record))) concerned.push(renaming);
  for (const domainId of new Set(concerned.map((renaming) => renaming.record.domainId))) {
    const here = concerned.filter((renaming) => renaming.record.domainId === domainId);
    const addresses = here.map((renaming) => renaming.record.from);
    const entities = await findEntityByEmail(client, { addresses, domainId });
    const aliases = await listAliases(client, { domainId });
    for (const renaming of here) {
      const { from, to, domain } = renaming.record;
      const others = entities.filter(
        (entity) => !entity.isPattern && entity.kind !== "EntityAlias" && entity.name.toLowerCase() === from,
      );
      const leads = aliases.some((row) => row.name.toLowerCase() === from && delivers(row.deliverTo, to, domain));
      if (leads && others.length === 0) continue;
      renaming.incomplete.push(
        `the server does not deliver mail for ${oldAddress(renaming.record)} to the new account alone`,
      );
    }
  }
}
