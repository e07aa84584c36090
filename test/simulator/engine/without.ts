/** A copy of a row that lacks some of its members. */
export function without<T extends object, K extends keyof T>(row: T, ...members: K[]): Omit<T, K> {
  const copy = { ...row };
  for (const member of members) delete copy[member];
  return copy;
}
