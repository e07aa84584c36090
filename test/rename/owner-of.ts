import type { TrueAccount } from "../simulator/host/control-types";

/**
 * Whose an account is, by the name that person bore at the beginning: by the id it began with, by the name the person is
 * to get, or by the mark of a temporary one.
 *
 * @param renames from name to name
 * @param ids the accounts of the beginning, by name
 */
export function ownerOf(
  account: TrueAccount,
  renames: Readonly<Record<string, string>>,
  ids: Readonly<Record<string, string>>,
): string | undefined {
  const original = Object.keys(ids).find((name) => ids[name] === account.id);
  const marked = /\] (\S+) is being renamed/.exec(account.description)?.[1];
  return original ?? marked ?? Object.keys(renames).find((name) => renames[name] === account.name);
}
