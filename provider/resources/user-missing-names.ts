import type { Context, Properties } from "../dynamic/lifecycle";
import type { Memory } from "../dynamic/memory";
import { isSame } from "../dynamic/fields";
import { hasUnknown } from "../dynamic/unknowns";
import { missingNames, type Named } from "../rename/lookups";
import { userFields } from "./user-fields";

/** The processes that could not look: nobody waits for the same answer again. */
const lost = new WeakSet<Memory>();

/**
 * Warns of groups and an access policy that the server does not have. Asks about what an update would write alone, and is
 * no reason to fail: something of the same update may make them, and where nobody can be asked, the update tells.
 *
 * @param before the inputs of the account as it is; none where it is to be made, or renamed
 */
export async function warnOfMissingNames(context: Context, inputs: Properties, before: Properties = {}): Promise<void> {
  const named = namesIn(inputs, before);
  if (named.groups === undefined && named.accessPolicy === undefined) return;
  if (lost.has(context.memory)) return;
  const warning = await ask(context, inputs, named).catch(() => void lost.add(context.memory));
  if (warning !== undefined && context.memory.once(warning)) context.log.warn(warning);
}

// Settings that are wrong throw before there is a promise.
async function ask(context: Context, { server }: Properties, named: Named): Promise<string | undefined> {
  return missingNames(context.server(server as string | undefined), named);
}

function namesIn(inputs: Properties, before: Properties): Named {
  const { groups, accessPolicy } = inputs;
  const isNew = (name: "groups" | "accessPolicy") => !isSame(userFields[name], before[name], inputs[name]);
  return {
    domain: String(inputs["domain"]),
    name: String(inputs["name"]),
    ...(Array.isArray(groups) && groups.length > 0 && isNew("groups") && { groups: groups.map(known) }),
    ...(known(accessPolicy) !== undefined && isNew("accessPolicy") && { accessPolicy: known(accessPolicy) }),
  };
}

function known(name: unknown): string | undefined {
  return typeof name === "string" && !hasUnknown(name) ? name : undefined;
}
