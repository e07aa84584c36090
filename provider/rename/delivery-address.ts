/** Whether an alias target or a forwarding address names the mailbox `name@domain`; a bare local part does, too. */
export function delivers(target: string, name: string, domain: string): boolean {
  const wanted = target.trim().toLowerCase();
  return wanted === name.toLowerCase() || wanted === `${name}@${domain}`.toLowerCase();
}
