import type { Engine } from "./engine.js";
import { globFits } from "./glob.js";
import type { Alias, Domain, Group, MailingList, Resource, User } from "./state.js";

/** What answers to a local part, in each of the stores that may hold it. */
export interface Bearers {
  users: User[];
  /** Those of the users who take mail for the name. */
  takers: User[];
  aliases: Alias[];
  patterns: Alias[];
  /** Those of the patterns that take mail for the name. */
  catchers: Alias[];
  groups: Group[];
  lists: MailingList[];
  resources: Resource[];
}

/** Everything in a domain that answers to a local part; letter case does not count. */
export function bearersOf(engine: Engine, domain: Domain, localPart: string): Bearers {
  const name = localPart.toLowerCase();
  const here = <T extends { domainId: string }>(rows: T[]) => rows.filter((row) => row.domainId === domain.id);
  const aliases = here(engine.state.aliases);
  const isPattern = (alias: Alias) => /[*?]/.test(alias.name);
  const patterns = aliases.filter((alias) => isPattern(alias) && fits(alias.name, name));
  // The alias of all names takes what nobody else does.
  const narrower = patterns.filter((alias) => alias.name !== "*");
  const named = here(engine.state.users).filter((user) => user.loginName.toLowerCase() === name);
  const addressed = here(engine.state.users).filter(
    (user) => !named.includes(user) && isAmong(user.emailAddresses, name),
  );
  return {
    users: [...named, ...addressed],
    get takers() {
      return takersOf(engine, named, addressed);
    },
    aliases: aliases.filter((alias) => !isPattern(alias) && alias.name.toLowerCase() === name),
    patterns,
    catchers: narrower.length > 0 ? narrower : patterns,
    groups: here(engine.state.groups).filter((group) => isAmong(group.emailAddresses, name)),
    lists: here(engine.state.lists).filter((list) => list.name.toLowerCase() === name),
    resources: here(engine.state.resources).filter((resource) => resource.name.toLowerCase() === name),
  };
}

/** Of those who log in with a name and those who have it among their addresses, who takes its mail. */
function takersOf({ switches }: Engine, named: User[], addressed: User[]): User[] {
  if (named.length === 0 || addressed.length === 0) return [...named, ...addressed];
  return switches.of("name-or-address") === "name" ? named : addressed;
}

/** Local part and domain of an address; a bare name belongs to the domain given. */
export function splitAddress(address: string, domainName: string): { local: string; domainName: string } {
  const at = address.lastIndexOf("@");
  return at < 0
    ? { local: address.toLowerCase(), domainName: domainName.toLowerCase() }
    : { local: address.slice(0, at).toLowerCase(), domainName: address.slice(at + 1).toLowerCase() };
}

/** The local part of an address given with or without this domain. */
export function localPart(address: string): string {
  return splitAddress(address, "").local;
}

/** The local part of an extra address in the letters that are kept of it, see the switch email-address-case. */
export function keptAddress({ switches }: Engine, address: string): string {
  const lower = localPart(address);
  const given = address.slice(0, lower.length);
  return given === lower || switches.of("email-address-case") === "lower" ? lower : given;
}

/** Whether a name in small letters is among extra addresses, in whatever letters they are kept. */
export function isAmong(addresses: readonly string[], name: string): boolean {
  return addresses.some((address) => address.toLowerCase() === name);
}

/** Whether a pattern with `*` (any run) and `?` (one character) covers the name. */
export function fits(pattern: string, name: string): boolean {
  return globFits(pattern.toLowerCase(), name.toLowerCase());
}
