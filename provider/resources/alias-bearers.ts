import type { Context } from "../dynamic/lifecycle";
import type { Memory } from "../dynamic/memory";
import { codeOf } from "../errors";
import { localPart } from "../rename/delivery-address";
import { sameTarget } from "./alias-target";

/** A new alias whose identity and target are known. */
interface Wanted {
  server: string;
  domain: string;
  name: string;
  deliverTo: string;
}

/** The processes that could not look: nobody waits for the same answer again. */
const lost = new WeakSet<Memory>();

/**
 * Warns, once, of a new alias under the address of a user or a group: mail for them goes where the alias leads, where the
 * server asks aliases first, as the manual of version 6.7 shows. Without the server's answer nothing is said: the update
 * will need it.
 *
 * @throws KerioError `AUTH_REFUSED`: another attempt may lock the account
 */
export async function warnOfBearer(
  context: Context,
  { server: serverName, domain, name, deliverTo }: Wanted,
): Promise<void> {
  if (lost.has(context.memory)) return;
  const address = `${name}@${domain}`;
  let bearer: string | undefined;
  try {
    const { inventory, coordinator } = context.server(serverName);
    if (coordinator.isSource(domain, name)) return;
    const bears = (addresses: readonly string[] = []) => addresses.some((one) => localPart(one, domain) === name);
    const user = (await inventory.users(domain)).find(
      (one) => one.loginName.toLowerCase() === name || bears(one.emailAddresses),
    );
    const group = user ? undefined : (await inventory.groups(domain)).find((one) => bears(one.emailAddresses));
    bearer = user ? `the user ${user.loginName}` : group && `the group ${group.name}`;
  } catch (error) {
    if (codeOf(error) === "AUTH_REFUSED") throw error;
    lost.add(context.memory);
    return;
  }
  const warning =
    `${address} is the address of ${bearer}. With an alias of that name, mail for it goes to ${deliverTo} alone, as long as ` +
    `both are there. To have somebody's mail sent on, use the user's forwarding. Where this update renames or removes ` +
    `${bearer}, nothing is amiss.`;
  if (bearer !== undefined && context.memory.once(warning)) context.log.warn(warning);
}

/**
 * Why the program cannot have an alias of that name, or undefined: it gives the name to a user, too. Beside a user whom the
 * server has already it may stand.
 *
 * @param isNew whether the alias is
 * @throws KerioError `AUTH_REFUSED`: another attempt may lock the account
 */
export async function claimedByUser(
  context: Context,
  { server, domain, name }: Omit<Wanted, "deliverTo">,
  isNew: boolean,
): Promise<string | undefined> {
  const claim = { server, domain, name };
  if (!context.memory.isDeclared({ kind: "user", ...claim })) return undefined;
  const isMoving = context.memory.pendingAt(claim) !== undefined;
  if (!isMoving && !(isNew && (await isMissing(context, claim)))) return undefined;
  return (
    `name: ${name}@${domain} becomes the address of a user of this program in the same update, and an alias of that name ` +
    "would stand in the way of the user's mail. Remove the alias, or give one of them another name."
  );
}

/**
 * Whether the program has an alias of the name that a user is to get. Beside a user whom the server has already, and who is
 * taken over, it may stand.
 *
 * @param isMoving whether the user comes to that name by a rename
 * @throws KerioError `AUTH_REFUSED`: another attempt may lock the account
 */
export async function isAliasInTheWay(
  context: Context,
  claim: Omit<Wanted, "deliverTo">,
  isMoving: boolean,
): Promise<boolean> {
  if (!context.memory.isDeclared({ kind: "alias", ...claim })) return false;
  return isMoving || context.memory.pendingAt(claim) !== undefined || isMissing(context, claim);
}

/**
 * Why the program cannot have an alias of that name, or undefined: a rename of this update leaves one that leads to somebody
 * else.
 */
export function leftByRename(context: Context, { deliverTo, ...own }: Wanted): string | undefined {
  const rename = context.memory.pendingAt(own);
  if (!rename?.leavesAlias || rename.from !== own.name || sameTarget(deliverTo, rename.to, own.domain))
    return undefined;
  return (
    `name: the rename of ${own.name}@${own.domain} to ${rename.to} leaves an alias of that name, so that mail to the old ` +
    `address still arrives. If this alias is to have the name, say keepOldAddress: false in "${rename.logicalName}", or ` +
    `let the alias deliver to ${rename.to}@${own.domain}.`
  );
}

async function isMissing(context: Context, { server, domain, name }: Omit<Wanted, "deliverTo">): Promise<boolean> {
  if (lost.has(context.memory)) return false;
  try {
    return (await context.server(server).inventory.userByName(domain, name)) === undefined;
  } catch (error) {
    if (codeOf(error) === "AUTH_REFUSED") throw error;
    lost.add(context.memory);
    return false;
  }
}
