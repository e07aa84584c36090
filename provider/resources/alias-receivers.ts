import type { Context } from "../dynamic/lifecycle";
import type { Server } from "../dynamic/servers";
import { KerioError } from "../errors";
import type { Alias } from "../kerio/methods/aliases";
import { findEntityByEmail } from "../kerio/methods/server";
import type { KnownAlias } from "./alias-fields";
import { fullTarget, isPublicFolder } from "./alias-target";

/**
 * Milliseconds to wait for a rename of this update to begin, or for a user to be made, when an alias needs the name. The
 * engine may hold that back until this call ends, so the wait must end by itself.
 */
const patience = 20_000;

/** An alias to the new name, or under the old one, must not come before the rename: mail would find nobody. */
export async function afterRenames(context: Context, server: Server, alias: KnownAlias): Promise<void> {
  const target = targetOf(alias, alias.deliverTo);
  const own = { domain: alias.domain, name: alias.name };
  for (const { domain, name } of target ? [own, target] : [own]) {
    const rename = context.memory.pendingAt({ server: server.name, domain, name });
    if (!rename || (await context.memory.settled({ server: server.name, domain, name }, patience))) continue;
    throw new KerioError("NAME_TAKEN", {
      object: `alias ${alias.name}@${alias.domain}`,
      doing: "writing it",
      happened: `it must come after the rename of ${rename.from}@${domain} to ${rename.to}, which has not been done`,
      next: "Use the user's output `address` as deliverTo, or give the alias `dependsOn: [user]`, and run `pulumi up` again.",
    });
  }
}

/** Warns of a new alias to an address that nobody bears or is about to: the server takes it, and returns the mail. */
export async function warnOfNobody(context: Context, server: Server, alias: KnownAlias): Promise<void> {
  // A warning is worth no failure; what is amiss shows when the alias is written.
  const isBorne = () => isAnswered(server, alias, alias.deliverTo).catch(() => true);
  if (await isBorne()) return;
  await untilAllHaveCome(context, server, alias);
  if (isPromised(context, server, alias) || (await isBorne())) return;
  const warning =
    `The alias ${alias.name}@${alias.domain} delivers to ${fullTarget(alias.deliverTo, alias.domain)}, which nobody on the ` +
    "server bears: its mail is returned until somebody does.";
  if (context.memory.once(warning)) context.log.warn(warning);
}

/**
 * Nobody's mail is returned because an alias is changed too early: its new target must be there where the present one is.
 *
 * @throws KerioError `NOT_FOUND` when it is not, and nothing that the engine has begun makes it; the codes of a call
 */
export async function refuseNobody(context: Context, server: Server, alias: KnownAlias, row: Alias): Promise<void> {
  const isBorne = (target: string) => isAnswered(server, alias, target, row.id);
  if ((await isBorne(alias.deliverTo)) || !(await isBorne(row.deliverTo))) return;
  await untilAllHaveCome(context, server, alias);
  const until = Date.now() + patience;
  while (!(await isBorne(alias.deliverTo))) {
    if (!isPromised(context, server, alias) || Date.now() >= until) throw nobody(alias, row);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function nobody(alias: KnownAlias, row: Alias): KerioError {
  return new KerioError("NOT_FOUND", {
    object: `alias ${alias.name}@${alias.domain}`,
    doing: `delivering it to ${fullTarget(alias.deliverTo, alias.domain)}`,
    happened: `nobody on the server bears that address, and its mail, which ${row.deliverTo} gets, would be returned`,
    next:
      "Let the alias depend on the user who is to bear it, and not the user on the alias: use the user's output `address` as " +
      "deliverTo, or give the alias `dependsOn: [user]`. Then run `pulumi up` again.",
  });
}

/** The engine may look a moment later at whoever is to bear the target; a rename that takes it is waited for. */
async function untilAllHaveCome(context: Context, server: Server, alias: KnownAlias): Promise<void> {
  await server.coordinator.untilAllHaveCome(() => isPromised(context, server, alias));
  await afterRenames(context, server, alias);
}

/** Whether the program has somebody of the target's name, or gives it to somebody. */
function isPromised({ memory }: Context, server: Server, alias: KnownAlias): boolean {
  const target = targetOf(alias, alias.deliverTo);
  const name = target && { server: server.name, ...target };
  return (
    name !== undefined &&
    (memory.pendingAt(name) !== undefined || ["user", "alias"].some((kind) => memory.isDeclared({ kind, ...name })))
  );
}

/**
 * Whether a target takes mail as far as this server can tell: what lies elsewhere, it cannot.
 *
 * @param aliasId the alias itself, which is no answer: it may be a wildcard
 */
async function isAnswered(server: Server, alias: KnownAlias, deliverTo: string, aliasId = ""): Promise<boolean> {
  const target = targetOf(alias, deliverTo);
  const domain = target && (await server.inventory.domains()).find((one) => one.name.toLowerCase() === target.domain);
  if (!domain || domain.forwardingOptions?.isEnabled) return true;
  if (await server.inventory.userByName(target.domain, target.name)) return true;
  const updatedEntity = { kind: "EntityAlias", id: aliasId };
  const found = await findEntityByEmail(server.client, {
    addresses: [target.name],
    domainId: domain.id,
    updatedEntity,
  });
  return found.length > 0;
}

/** The name that a target is, in its domain; none where it is a public folder. */
function targetOf({ domain }: KnownAlias, deliverTo: string): { domain: string; name: string } | undefined {
  if (isPublicFolder(deliverTo)) return undefined;
  const [name = "", where = domain] = fullTarget(deliverTo, domain).split("@");
  return { domain: where, name };
}
