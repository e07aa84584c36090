/** Whether an alias target or a forwarding address names the mailbox `name@domain`; a bare local part does, too. */
export function delivers(target: string, name: string, domain: string): boolean {
  const wanted = target.trim().toLowerCase();
  return wanted === name.toLowerCase() || wanted === `${name}@${domain}`.toLowerCase();
}

/** The local part of an extra address of a domain; an address of another domain is returned whole. */
export function localPart(address: string, domain: string): string {
  const lower = address.toLowerCase();
  return lower.endsWith(`@${domain}`) ? lower.slice(0, -domain.length - 1) : lower;
}
