/**
 * A copy of a pattern without those of the members that are empty: a client that writes every member of a structure means
 * "as it is" where empty cannot be.
 */
export function withoutEmpty<T extends object>(pattern: T, ...members: (keyof T)[]): T {
  const copy = { ...pattern };
  for (const member of members) if (copy[member] === "") delete copy[member];
  return copy;
}

/** A copy of a row that lacks some of its members. */
export function without<T extends object, K extends keyof T>(row: T, ...members: K[]): Omit<T, K> {
  const copy = { ...row };
  for (const member of members) delete copy[member];
  return copy;
}
