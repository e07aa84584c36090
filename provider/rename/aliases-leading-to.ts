import { codeOf } from "../errors";
import type { Alias } from "../kerio/methods/aliases";
import { leadsTo, namesOf } from "./delivery-address";
import type { MailServer } from "./mail-server";

/** An alias of a domain of the server. */
export type AliasOfDomain = Alias & { domainId: string; domain: string };

/**
 * The aliases that lead to a mailbox, under whichever name of its domain: those of the domain itself first, then those of
 * every other one that the login is shown. One list a domain, all asked for at once; another domain that keeps its list
 * from the login is passed over.
 * @throws KerioError the codes of a call
 */
export async function aliasesLeadingTo(server: MailServer, domain: string, name: string): Promise<AliasOfDomain[]> {
  const home = await server.inventory.domain(domain);
  const others = (await server.inventory.domains()).filter(({ id }) => id !== home.id);
  const found = await Promise.all(
    [home, ...others].map(async (one) => {
      const rows = await server.inventory.aliases(one.name).catch((error: unknown): Alias[] => {
        if (one.id === home.id || codeOf(error) !== "API_REFUSED") throw error;
        return [];
      });
      return rows.map((alias): AliasOfDomain => ({ ...alias, domainId: one.id, domain: one.name }));
    }),
  );
  return found.flat().filter((alias) => leadsTo(alias, name, namesOf(home)));
}
