import type { Alias } from "../kerio/methods/aliases";
import type { EmailEntity } from "../kerio/methods/server";
import { delivers } from "./delivery-address";
import type { MailServer } from "./mail-server";
import { entitiesNamed } from "./questions";
import { aliasDescription, promisedDescription } from "./steps/addresses";

/** A name of a domain, both in lower case. */
interface Name {
  domain: string;
  name: string;
}

/**
 * Aliases of a newcomer's name that give way: what a rename has left until the next bearer comes, and, where the name was
 * freed by this process, what it has left for good.
 * @throws KerioError the codes of a call
 */
export async function formerAliasesOf(server: MailServer, of: Name, isFreedHere: boolean): Promise<Alias[]> {
  return (await aliasesOf(server, of)).filter(
    ({ description }) => description === promisedDescription || (isFreedHere && description === aliasDescription),
  );
}

/**
 * Who holds the name of a newcomer, accounts of that name apart. `former` are {@link formerAliasesOf}; `taken` is everything
 * that does not give way, empty where an alias of the name leads to the name itself.
 * @throws KerioError the codes of a call
 */
export async function whoHolds(
  server: MailServer,
  of: Name,
  isFreedHere: boolean,
): Promise<{ former: Alias[]; taken: EmailEntity[] }> {
  const { domain, name } = of;
  const former = await formerAliasesOf(server, of, isFreedHere);
  const others = (await aliasesOf(server, of)).filter((alias) => !former.includes(alias));
  if (others.some((alias) => delivers(alias.deliverTo, name, domain))) return { former, taken: [] };
  const givesWay = (kind: string) => kind === "EntityAlias" && former.length > 0 && others.length === 0;
  const entities = await entitiesNamed(server, (await server.inventory.domain(domain)).id, name);
  const taken = entities.filter(
    (entity) => !givesWay(entity.kind) && (entity.kind !== "EntityUser" || entity.name.toLowerCase() !== name),
  );
  return { former, taken };
}

async function aliasesOf(server: MailServer, { domain, name }: Name): Promise<Alias[]> {
  return (await server.inventory.aliases(domain)).filter((alias) => alias.name.toLowerCase() === name);
}
