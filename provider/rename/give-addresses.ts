import { setUsers, type User } from "../kerio/methods/users";
import { localPart } from "./delivery-address";
import { explainItemError } from "./item-errors";
import type { MailServer } from "./mail-server";

/**
 * Gives an account extra addresses, all of them in one call. Where the server refuses that, each is asked for alone: what
 * somebody else bears by now must not keep mail for the others from arriving.
 *
 * @param wanted local parts, in the order in which the account is to have them
 * @returns why each one was refused, by local part
 * @throws KerioError the codes of a call, but no refusal
 */
export async function giveAddresses(
  { client }: MailServer,
  user: User,
  wanted: readonly string[],
  domain: string,
): Promise<Map<string, string>> {
  const refusalOf = async (emailAddresses: readonly string[]): Promise<string | undefined> => {
    const [result] = await setUsers(client, [user.id], { emailAddresses: [...emailAddresses] }, { itemwise: true });
    return result?.ok === false ? explainItemError(result.error) : undefined;
  };
  const refused = new Map<string, string>();
  const whole = await refusalOf(wanted);
  if (whole === undefined) return refused;
  const [only] = wanted;
  if (wanted.length === 1 && only !== undefined) return refused.set(only, whole);
  const has = new Set((user.emailAddresses ?? []).map((address) => localPart(address, domain)));
  const kept = wanted.filter((address) => has.has(address));
  for (const address of wanted.filter((one) => !has.has(one))) {
    const reason = await refusalOf([...kept, address]);
    if (reason === undefined) kept.push(address);
    else refused.set(address, reason);
  }
  return refused;
}
