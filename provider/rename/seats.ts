import type { MailServer } from "./mail-server";
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

/** The names of the new users that a program wants enabled, by domain. */
export type Newcomers = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The warnings of the preview where all newcomers together need more seats than are free. Renames need none: each new
 * account gets the seat of the old one. No refusal, because the same update may free seats. Reads only.
 */
export async function tooFewSeats(server: MailServer, name: string, newcomers: Newcomers): Promise<string[]> {
  const { client, inventory } = server;
  const missing = async (domain: string): Promise<number> => {
    const known = new Set((await inventory.users(domain)).map((user) => user.loginName.toLowerCase()));
    return [...(newcomers.get(domain) ?? [])].filter((newcomer) => !known.has(newcomer)).length;
  };
  const domain = await inventory.domain(name);
  const enabled = (await inventory.users(name)).filter((user) => user.isEnabled !== false).length;
  const free = await freeSeats(client, domain, enabled, await inventory.domains());
  let all = 0;
  for (const each of newcomers.keys()) all += await missing(each);
  const here = await missing(name);
  const warning = (needed: number, seats: number, which: string) =>
    `${needed} new enabled users are declared, and ${seats} seats are free under ${which}: the server will refuse the ` +
    `others, unless this update frees seats before.`;
  return [
    ...(here > free.domain ? [warning(here, free.domain, `the limit of the domain ${name}`)] : []),
    ...(all > free.licence ? [warning(all, free.licence, "the licence of the server")] : []),
  ];
}

/** What a refused newcomer is told: which limit is reached. Nothing where the server shows a free seat after all. */
export async function seatsInUse(server: MailServer, name: string): Promise<string> {
  const { currentUsers, allowedUsers } = await getUserCountInfo(
    server.client,
    (await server.inventory.domain(name)).id,
  );
  const limit = allowedUsers.limit ?? allowedUsers.allowedUsers;
  if (allowedUsers.isUnlimited || limit <= 0 || currentUsers < limit) return "";
  const which = allowedUsers.limitType === "DomainLimit" ? `the domain ${name}` : "the licence";
  return `; ${currentUsers} of ${limit} users of ${which} are in use`;
}
