import type { MailServer } from "./mail-server";
import type { KerioClient } from "../kerio/client";
import { getUserCountInfo, type Domain } from "../kerio/methods/domains";
import type { User } from "../kerio/methods/users";

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

/** The disabled accounts that renames of one update enable, by domain: the server's ids. */
export type Waking = Map<string, Set<string>>;

/** How many of them are still to be enabled: those that are done have the seat by now. */
async function stillToWake({ inventory }: MailServer, domain: string, waking: Waking): Promise<number> {
  const ids = waking.get(domain);
  if (!ids) return 0;
  return (await inventory.users(domain)).filter((user) => ids.has(user.id) && user.isEnabled === false).length;
}

async function seatsOf({ client, inventory }: MailServer, name: string): Promise<Seats> {
  const enabled = (await inventory.users(name)).filter((user) => user.isEnabled !== false).length;
  return freeSeats(client, await inventory.domain(name), enabled, await inventory.domains());
}

/**
 * Why a rename cannot enable its account: that takes a seat, beside those that other renames of the update take. Without
 * a refusal it is counted among them. Asked before anything is touched, because the server would refuse the new account
 * only when the mailbox has moved. Reads only.
 */
export async function seatToWake(
  server: MailServer,
  name: string,
  account: User,
  waking: Waking = new Map(),
): Promise<string[]> {
  const free = await seatsOf(server, name);
  const here = waking.get(name) ?? new Set();
  waking.set(name, here.add(account.id));
  let all = 0;
  for (const domain of waking.keys()) all += await stillToWake(server, domain, waking);
  const full =
    (await stillToWake(server, name, waking)) > free.domain
      ? `the limit of the domain ${name}`
      : all > free.licence
        ? "the licence of the server"
        : undefined;
  if (full === undefined) return [];
  here.delete(account.id);
  return [
    `${account.loginName}@${name} is disabled, and the program enables it: that takes a seat, and none is left under ${full}. ` +
      `Disable or remove a user in an update before, or raise the limit; or enable the account later.`,
  ];
}

/** Gives back what {@link seatToWake} has counted, of an account that is not renamed after all. */
export function letSleep(waking: Waking | undefined, domain: string, account: User | undefined): void {
  if (account) waking?.get(domain)?.delete(account.id);
}

/**
 * The warnings of the preview where all newcomers together need more seats than are free, beside the accounts that renames
 * enable. Other renames need none: each new account gets the seat of the old one. No refusal, because the same update may
 * free seats. Reads only.
 */
export async function tooFewSeats(
  server: MailServer,
  name: string,
  newcomers: Newcomers,
  waking: Waking = new Map(),
): Promise<string[]> {
  const { inventory } = server;
  const missing = async (domain: string): Promise<number> => {
    const known = new Set((await inventory.users(domain)).map((user) => user.loginName.toLowerCase()));
    return [...(newcomers.get(domain) ?? [])].filter((newcomer) => !known.has(newcomer)).length;
  };
  const free = await seatsOf(server, name);
  let [all, allWaking] = [0, 0];
  for (const each of newcomers.keys()) all += await missing(each);
  for (const each of waking.keys()) allWaking += await stillToWake(server, each, waking);
  const [here, wakingHere] = [await missing(name), await stillToWake(server, name, waking)];
  const warning = (needed: number, woken: number, seats: number, which: string): string[] => {
    if (needed === 0 || needed + woken <= seats) return [];
    const others = woken > 0 ? `, renames enable ${woken} accounts` : "";
    return [
      `${needed} new enabled users are declared${others}, and ${seats} seats are free under ${which}: the server will refuse ` +
        `the others, unless this update frees seats before.`,
    ];
  };
  return [
    ...warning(here, wakingHere, free.domain, `the limit of the domain ${name}`),
    ...warning(all, allWaking, free.licence, "the licence of the server"),
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
