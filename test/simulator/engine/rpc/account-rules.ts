import { splitAddress } from "../addresses.js";
import type { Engine } from "../engine.js";
import { passwordFits } from "../password-storage.js";
import type { Domain, Group, User } from "../state.js";
import type { Call } from "./method.js";
import { RpcError } from "./rpc-error.js";

const roleRank: Record<string, number> = {
  UserRole: 0,
  Auditor: 1,
  AccountAdmin: 2,
  FullAdmin: 3,
  BuiltInDomainAdmin: 2,
  BuiltInAdmin: 4,
};

/** Names of special accounts that are never listed. */
const reservedNames = ["anyone", "authuser"];

/** The height of a role; a call may not touch what stands higher than itself. */
export function rankOf(role: string): number {
  return roleRank[role] ?? 0;
}

/** The strongest role through groups; those of the account unless others are given. */
export function groupRoleOf(engine: Engine, user: User, groups: readonly Group[] = groupsOf(engine, user)): string {
  return groups.reduce((best, group) => (rankOf(group.role) > rankOf(best) ? group.role : best), "UserRole");
}

/** The role that counts: the stronger of the own one and the groups'. */
export function effectiveRoleOf(engine: Engine, user: User, groups?: readonly Group[]): string {
  const group = groupRoleOf(engine, user, groups);
  return rankOf(group) > rankOf(user.role.userRole) ? group : user.role.userRole;
}

function groupsOf(engine: Engine, user: User): Group[] {
  return engine.state.groups.filter((group) => group.memberIds.includes(user.id));
}

/** Refuses what only a stronger administrator, or anybody but the account itself, may do, and in another domain. */
export function mayTouch(call: Call, user: User, what: { self: boolean }): void {
  if (!mayWriteDomain(call, user.domainId)) throw RpcError.denied();
  if (rankOf(effectiveRoleOf(call.engine, user)) > rankOf(call.role)) {
    throw RpcError.denied(call.engine.switches.number("higher-rights-code"));
  }
  if (!what.self && call.caller?.id === user.id) throw ownAccount(call.engine);
}

/** Refuses a membership that would come or go above the caller's own rights, and one in a group that is not there. */
export function mayJoin(call: Call, user: User, wanted: readonly { id: string }[]): void {
  const { groups } = call.engine.state;
  for (const { id } of wanted) if (!groups.some((group) => group.id === id)) throw RpcError.missing(id);
  const changing = groups.filter(
    (group) => wanted.some(({ id }) => id === group.id) !== group.memberIds.includes(user.id),
  );
  if (changing.some((group) => rankOf(group.role) > rankOf(call.role))) throw RpcError.denied();
}

/** Whether what stands in this domain is the caller's business, see the switch account-admin-domain. */
export function mayWriteDomain(call: Call, domainId: string): boolean {
  const isElsewhere = call.role === "AccountAdmin" && call.caller !== undefined && call.caller.domainId !== domainId;
  return !isElsewhere || call.engine.switches.of("account-admin-domain") === "every";
}

/** What somebody is told who would remove or disable the account that the call is made with. */
export function ownAccount({ switches }: Engine): RpcError {
  return RpcError.denied(switches.number("own-account-code"));
}

/** Refuses a login name: the documented rules are no spaces, special characters or diacritics. */
export function checkLoginName({ switches }: Engine, name: string): void {
  const lower = name.toLowerCase();
  const hasPlus = lower.includes("+");
  const isSane = /^[a-z0-9_][a-z0-9_.+-]*$/.test(lower) && !lower.includes("..") && !lower.endsWith(".");
  const isWritable = isSane && (!hasPlus || switches.of("login-name-signs") === "with-plus");
  const isReserved = reservedNames.includes(lower) && switches.of("reserved-names") === "special-accounts";
  if (!isWritable || isReserved || switches.isBeyond("longest-login-name", lower.length)) {
    const message = "Login name %1 contains invalid characters or is reserved.";
    throw new RpcError(switches.number("invalid-name-code"), message, [name]);
  }
}

/**
 * Refuses extra addresses that no address can be, and those that are more than a local part, where the server takes none,
 * or none of another domain.
 */
export function checkAddresses({ switches }: Engine, addresses: readonly string[], home?: Domain): void {
  const refused = addresses.filter((address) => {
    // Blanks and these signs stand between addresses wherever several are written.
    if (/^@|[\s,;]/.test(address)) return true;
    if (!address.includes("@")) return false;
    if (switches.of("full-email-address") === "refused") return true;
    const { domainName } = splitAddress(address, "");
    const isOwn = home === undefined || domainName === home.name || home.aliasList.includes(domainName);
    return !isOwn && switches.of("foreign-email-address") === "refused";
  });
  if (refused.length === 0) return;
  throw new RpcError(
    switches.number("invalid-name-code"),
    "Address %1 contains invalid characters.",
    refused.slice(0, 1),
  );
}

/** Refuses a password that the domain's policy does not allow. */
export function checkPassword({ switches }: Engine, domain: Domain, user: User, password: string): void {
  const refused = (message: string, ...parameters: string[]) =>
    new RpcError(switches.number("password-refused-code"), message, parameters);
  const isHeld = () => domain.passwordComplexityEnabled || switches.of("password-minimum") === "always";
  if (password.length < domain.passwordMinimumLength && isHeld()) {
    throw refused("Password must be at least %1 characters long.", String(domain.passwordMinimumLength));
  }
  if (domain.passwordComplexityEnabled) {
    const classes = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((each) => each.test(password)).length;
    const lower = password.toLowerCase();
    if (classes < 3) throw refused("Password must hold characters of three kinds.");
    if (lower.includes(user.loginName.toLowerCase())) {
      throw refused("Password must not contain the user name.");
    }
    if (lower.includes(domain.name)) throw refused("Password must not contain the domain.");
    const words = user.fullName.toLowerCase().split(/[^\p{L}\p{N}]+/u);
    if (words.some((word) => word.length > 2 && lower.includes(word))) {
      throw refused("Password must not contain a part of the full name.");
    }
  }
  const known = user.passwordHistory.slice(0, domain.passwordHistoryCount);
  if (known.some((stored) => passwordFits(password, stored))) {
    throw refused("Password was used before.");
  }
}

/** How many more enabled accounts the licence and the domain's own limit allow. */
export function freeSeats(engine: Engine, domain: Domain): number {
  const licence = engine.environment.licenceSeats - engine.seatsTaken();
  const own = domain.userMaxCount > 0 ? domain.userMaxCount - engine.seatsTaken(domain.id) : Number.POSITIVE_INFINITY;
  return Math.min(licence, own);
}
