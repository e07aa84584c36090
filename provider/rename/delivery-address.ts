/**
 * Whether an alias target or a forwarding address names the mailbox `name` of a domain, which may have several names; a
 * bare local part does, too.
 */
export function delivers(target: string, name: string, domain: string | readonly string[]): boolean {
  const wanted = target.trim().toLowerCase();
  return wanted === name.toLowerCase() || [domain].flat().some((one) => wanted === `${name}@${one}`.toLowerCase());
}

/** The same of an alias, where a bare local part means a mailbox of the alias's own domain. */
export function leadsTo(
  { deliverTo, domain }: { deliverTo: string; domain: string },
  name: string,
  home: string | readonly string[],
): boolean {
  const isAtHome = [home].flat().some((one) => one.toLowerCase() === domain.toLowerCase());
  return (isAtHome || deliverTo.includes("@")) && delivers(deliverTo, name, home);
}

/** Every name of a domain: mail to one of its aliases reaches the same mailboxes. */
export function namesOf({ name, aliasList = [] }: { name: string; aliasList?: readonly string[] }): string[] {
  return [name, ...aliasList];
}

/** The local part of an extra address of a domain; an address of another domain is returned whole. */
export function localPart(address: string, domain: string): string {
  const lower = address.toLowerCase();
  return lower.endsWith(`@${domain}`) ? lower.slice(0, -domain.length - 1) : lower;
}
