/** Whether an alias delivers into a public folder, which the server writes as `#public/Info`. */
export function isPublicFolder(deliverTo: string): boolean {
  return deliverTo.startsWith("#");
}

/** The target as a whole address; a bare local part belongs to the alias's own domain. Lower case, as mail and folders are. */
export function fullTarget(deliverTo: string, domain: string): string {
  const lower = deliverTo.toLowerCase();
  return isPublicFolder(lower) || lower.includes("@") ? lower : `${lower}@${domain}`;
}

/** Whether two targets are the same: the server may hold a local part or a whole address for one of its users. */
export function sameTarget(a: string, b: string, domain: string): boolean {
  return fullTarget(a, domain) === fullTarget(b, domain);
}
