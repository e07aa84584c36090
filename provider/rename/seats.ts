import type { KerioClient } from "../kerio/client";
import { getUserCountInfo, type Domain } from "../kerio/methods/domains";

/** How many more users may be enabled; `Infinity` where there is no limit, or the server does not tell it. */
export interface Seats {
  /** Under the domain's own limit. */
  domain: number;
  /** Under the licence of the whole server. */
  licence: number;
}

/**
 * The free seats of a domain. The server tells one of the two limits only, the narrower one: the domain's own is counted
 * here, and the licence is asked of the other domains where this one hides it. Reads only.
 *
 * @param enabledUsers number of enabled accounts of the domain
 */
export async function freeSeats(
  client: KerioClient,
  domain: Domain,
  enabledUsers: number,
  domains: readonly Domain[],
): Promise<Seats> {
  const max = domain.userMaxCount ?? 0;
  const own = max > 0 ? Math.max(0, max - enabledUsers) : Infinity;
  const others = domains.filter((other) => other.id !== domain.id);
  let licence = Infinity;
  for (const { id } of [domain, ...others]) {
    const { currentUsers, allowedUsers } = await getUserCountInfo(client, id);
    if (allowedUsers.limitType === "DomainLimit") continue;
    const limit = allowedUsers.limit ?? allowedUsers.allowedUsers;
    licence = allowedUsers.isUnlimited || limit <= 0 ? Infinity : Math.max(0, limit - currentUsers);
    break;
  }
  return { domain: own, licence };
}
