import type { Domain } from "../kerio/methods/domains";
import type { MailServer } from "./mail-server";
import { resultKey, type RenameRecord, type Snapshot } from "./snapshot";

/** What a snapshot on the mail host is to the server that is asked. */
export type Whereabouts =
  /** Its renames can be looked at; those of a domain that is gone are over. */
  | "here"
  /** All its domains are gone, and nobody is left to rename. */
  | "lost"
  /** A domain has another name now: nothing in it can be found under the old one. */
  | "renamed"
  /** Its domains are gone, and others bear their names: the server or the domain was made anew. */
  | "replaced"
  /** It is of another store, and none of its domains is known here: another mail server's. */
  | "elsewhere";

/**
 * Tells snapshots of this server from those of another one on the same mail host. The store and the ids of the domains tell,
 * because one server is reached by many URLs. Reads only.
 */
export async function whereaboutsOf(
  server: MailServer,
  snapshots: readonly Snapshot[],
): Promise<Map<Snapshot, Whereabouts>> {
  const found = new Map<Snapshot, Whereabouts>();
  if (snapshots.length === 0) return found;
  const [storePath, domains] = [await server.inventory.storePath(), await server.inventory.domains()];
  for (const snapshot of snapshots) {
    const where = whereaboutsIn(domains, storePath, snapshot);
    const isSure = (where !== "lost" && where !== "replaced") || !(await isBlind(server));
    found.set(snapshot, isSure ? where : "here");
  }
  return found;
}

/** The renames of a snapshot that is here whose domains are gone, each by itself: names depend on none of another domain. */
export async function whatIsGone(server: MailServer, snapshot: Snapshot): Promise<RenameRecord[]> {
  if (snapshot.storePath !== (await server.inventory.storePath())) return [];
  const ids = new Set((await server.inventory.domains()).map(({ id }) => id));
  const gone = living(snapshot).filter(({ domainId }) => !ids.has(domainId));
  return gone.length === 0 || (await isBlind(server)) ? [] : gone;
}

/** What the domain of a rename is called now, where that is another name. */
export function nameNow(domains: readonly Domain[], { domain, domainId }: RenameRecord): string | undefined {
  const name = domains.find(({ id }) => id === domainId)?.name;
  return name?.toLowerCase() === domain.toLowerCase() ? undefined : name;
}

/** The renames that did not end with their domain. */
export function living({ renames, results }: Snapshot): RenameRecord[] {
  return renames.filter((record) => results[resultKey(record)]?.domainGone !== true);
}

function whereaboutsIn(domains: readonly Domain[], storePath: string, snapshot: Snapshot): Whereabouts {
  const records = living(snapshot);
  if (snapshot.renames.length === 0) return "here";
  const isThere = ({ domainId }: RenameRecord) => domains.some(({ id }) => id === domainId);
  // A store that was moved keeps the ids; what was found in it is held against the server by whoever goes on.
  if (snapshot.storePath !== storePath) return records.some(isThere) ? "here" : "elsewhere";
  if (records.some((record) => nameNow(domains, record) !== undefined)) return "renamed";
  if (records.some(isThere)) return "here";
  return records.some((record) => isNameIn(domains, record)) ? "replaced" : "lost";
}

/** Where a domain of that name has another id, it was made anew, or the whole server was. */
function isNameIn(domains: readonly Domain[], record: RenameRecord): boolean {
  return domains.some(({ name }) => name.toLowerCase() === record.domain.toLowerCase());
}

/** The administrator of one domain may be shown no other. */
async function isBlind({ inventory }: MailServer): Promise<boolean> {
  return (await inventory.me()).effectiveRole?.userRole === "BuiltInDomainAdmin";
}
