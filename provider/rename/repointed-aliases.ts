import { codeOf, messageOf } from "../errors";
import type { KerioClient } from "../kerio/client";
import { listAliases, type Alias } from "../kerio/methods/aliases";
import { listDomains } from "../kerio/methods/domains";
import type { RenameRecord } from "./snapshot";

/** An alias of a snapshot that follows the person. */
export interface Repointed {
  id: string;
  name: string;
  /** What a person calls it: in the person's own domain by its name alone. */
  label: string;
  /** Where it led at the beginning. */
  deliverTo: string;
  domainId: string;
  domain: string;
}

/** The aliases of all domains that follow the person of a rename. */
export function repointedAliases({ aliases, aliasesElsewhere = [], domainId, domain }: RenameRecord): Repointed[] {
  return [
    ...aliases.map((alias) => ({ ...alias, label: `alias ${alias.name}`, domainId, domain })),
    ...aliasesElsewhere.map((alias) => ({ ...alias, label: `alias ${alias.name}@${alias.domain}` })),
  ];
}

/** What domains hold, by their ids. */
export interface SeenAliases {
  rows: Map<string, Alias[]>;
  /** Why the list of another domain than the person's was refused, although the domain is there. */
  refused: Map<string, string>;
  /** The same of those that somebody has removed meanwhile: their aliases went with them. */
  gone: Map<string, string>;
}

/**
 * Lists the aliases of domains, each once, and all asked for at once.
 * @param home the ids of the domains whose accounts are renamed
 * @param elsewhere the ids of others
 */
export async function seeAliases(
  client: KerioClient,
  home: readonly string[],
  elsewhere: readonly string[],
): Promise<SeenAliases> {
  const rows = new Map<string, Alias[]>();
  const [refused, gone] = [new Map<string, string>(), new Map<string, string>()];
  const list = async (domainId: string): Promise<void> => {
    try {
      rows.set(domainId, await listAliases(client, { domainId }));
    } catch (error) {
      if (home.includes(domainId) || codeOf(error) !== "API_REFUSED") throw error;
      refused.set(domainId, messageOf(error));
    }
  };
  await Promise.all([...new Set([...home, ...elsewhere])].map(list));
  if (refused.size > 0) {
    const there = new Set((await listDomains(client)).map(({ id }) => id));
    for (const [domainId, reason] of refused) {
      if (there.has(domainId)) continue;
      refused.delete(domainId);
      gone.set(domainId, reason);
    }
  }
  return { rows, refused, gone };
}
