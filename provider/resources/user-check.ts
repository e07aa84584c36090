import { checkFields } from "../dynamic/fields";
import { refusal } from "../dynamic/failures";
import type { Checked, Context, Failure, Properties } from "../dynamic/lifecycle";
import type { MarkedRename, NameChange } from "../dynamic/memory";
import { localPart } from "../rename/delivery-address";
import type { Findings } from "../rename/user-request";
import { hasUnknown } from "../dynamic/unknowns";
import { without } from "../dynamic/without";
import { isAliasInTheWay } from "./alias-bearers";
import { checkValues } from "./user-check-values";
import { addressOf } from "./user-convert";
import { userFields } from "./user-fields";
import { warnOfMissingNames } from "./user-missing-names";

/** What `check` itself writes, anew each time. */
const writtenHere = ["renamedFromId", "previousNames", "address", "photoHash"];

/** The identity of a user whose inputs are known. */
interface Identity {
  server: string;
  domain: string;
  name: string;
  logicalName: string;
}

/**
 * The answer of `check`: all failures of the resource at once, inputs normalised, and the known outputs written into
 * them, so that previews show true values.
 *
 * It is called with the old inputs first; when another name makes the engine replace, it is called again without
 * them. The second call fills in from what account the new one is made.
 */
export async function checkUser(context: Context, olds: Properties, news: Properties): Promise<Checked> {
  const { inputs: checked, failures: found, wrong } = checkFields(userFields, without(news, ...writtenHere));
  const inputs: Record<string, unknown> = { ...checked };
  const identity = ["server", "domain", "name"].some((part) => wrong.has(part)) ? undefined : identityOf(inputs);
  const failures = [...found, ...checkValues(inputs, wrong), ...(identity ? checkPlace(identity, olds) : [])];
  if (failures.length > 0 || !identity) return { inputs, failures };
  inputs["address"] = addressOf(identity.name, identity.domain);

  const { server, domain, name, logicalName } = identity;
  const isNew = typeof olds["name"] !== "string";
  const isRename = isNew && context.memory.isMarked({ server, domain, to: name, logicalName });
  const holder = context.memory.declare({ kind: "user", server, domain, name }, logicalName, isNew && !isRename);
  if (holder !== undefined)
    failures.push(
      refusal(
        `name: ${addressOf(name, domain)} is claimed by two resources, "${holder}" and "${logicalName}". Remove one of them.`,
      ),
    );
  // The second check of a rename cannot tell what the account has already.
  if (!isRename) failures.push(...checkShared(context, identity, olds, inputs));
  if (failures.length > 0) return { inputs, failures };

  failures.push(...(await (isNew ? checkNew(context, identity, inputs) : checkKnown(context, identity, olds, inputs))));
  // The new half of a rename has been asked about with the old inputs.
  if (failures.length === 0 && !(isNew && inputs["renamedFromId"] !== undefined))
    await warnOfMissingNames(context, inputs, olds["name"] === name ? olds : undefined);
  return { inputs, failures };
}

function identityOf(inputs: Properties): Identity | undefined {
  const { server = "", domain, name, logicalName = "" } = inputs;
  for (const part of [server, domain, name]) if (typeof part !== "string" || hasUnknown(part)) return undefined;
  return { server: String(server), domain: String(domain), name: String(name), logicalName: String(logicalName) };
}

/** An account stays where it was made. */
function checkPlace({ server, domain }: Identity, olds: Properties): Failure[] {
  if (typeof olds["name"] !== "string") return [];
  const failures: Failure[] = [];
  const oldServer = typeof olds["server"] === "string" ? olds["server"] : "";
  if (typeof olds["domain"] === "string" && olds["domain"] !== domain)
    failures.push(refusal(moved("domain", olds["domain"], domain)));
  if (oldServer !== server) failures.push(refusal(moved("server", oldServer, server)));
  return failures;
}

/** One address leads to one person. */
function checkShared(context: Context, identity: Identity, olds: Properties, inputs: Properties): Failure[] {
  const { name, domain } = identity;
  const before = new Set(extraNames(olds, domain));
  const extra = new Map(extraNames(inputs, domain).map((one) => [one, !before.has(one)]));
  const from = olds["name"] ?? inputs["renamedFrom"];
  const left = leavesAlias(inputs) && typeof from === "string" && from !== name ? from : undefined;
  const own = [name, olds["name"] !== name] as const;
  const shared = context.memory.addresses.enter({ ...identity, own, extra, ...(left !== undefined && { left }) });
  return shared.map(({ name: one, role, holder }) =>
    refusal(
      role === "left"
        ? `keepOldAddress: the rename leaves an alias ${addressOf(one, domain)}, which the resource "${holder}" of this program ` +
            "has as an extra address. Take it away there, or say keepOldAddress: false."
        : `${role === "extra" ? "emailAddresses" : "name"}: ${addressOf(one, domain)} is taken by the user of the resource ` +
            `"${holder}" of this program, as its name, as an extra address, or as the alias that its rename leaves. Take it ` +
            "away from one of them.",
    ),
  );
}

/** Whether a rename is known to leave an alias under the old name. */
function leavesAlias({ keepOldAddress }: Properties): boolean {
  return keepOldAddress !== false && !hasUnknown(keepOldAddress);
}

function extraNames({ emailAddresses }: Properties, domain: string): string[] {
  const known = Array.isArray(emailAddresses) ? emailAddresses.filter((one) => typeof one === "string") : [];
  return known.filter((one) => !hasUnknown(one)).map((one) => localPart(one, domain));
}

/** A resource that the engine knows: the same account, or one whose name the program has changed. */
async function checkKnown(
  context: Context,
  { server, domain, name, logicalName }: Identity,
  olds: Properties,
  inputs: Record<string, unknown>,
): Promise<Failure[]> {
  const oldName = String(olds["name"]);
  if (oldName === name) {
    const rival = context.memory.declare({ kind: "bearer", server, domain, name }, logicalName);
    if (rival !== undefined) return [refusal(claimedTwice(name, domain, rival, logicalName))];
    // Where the account came from was settled when it was made; the program's word no longer changes it.
    for (const key of ["renamedFrom", "renamedFromId", "previousNames"] as const)
      if (olds[key] === undefined) delete inputs[key];
      else inputs[key] = olds[key];
    return [];
  }
  if (context.memory.isDeclared({ kind: "alias", server, domain, name }))
    return [refusal(aliasOfProgram(name, domain))];
  const change: NameChange = { server, domain, from: oldName, to: name, logicalName };
  const rival = context.memory.declare({ kind: "bearer", server, domain, name: oldName }, logicalName);
  if (rival !== undefined) return [refusal(claimedTwice(oldName, domain, rival, logicalName))];
  const refused = await askRename(context, change, inputs, true);
  if (refused.length === 0) context.memory.announce(change);
  return refused;
}

/** A resource that the engine does not know, or the new half of a replacement. */
async function checkNew(
  context: Context,
  { server, domain, name, logicalName }: Identity,
  inputs: Record<string, unknown>,
): Promise<Failure[]> {
  const marked = context.memory.take({ server, domain, to: name, logicalName });
  if (marked) {
    fillRename(inputs, marked);
    const adopter = context.memory.holders.madeForOther({ server, logicalName }, marked.oldId);
    return adopter === undefined ? [] : [refusal(adoptedAndRenamed(marked, adopter))];
  }
  const isNamed = typeof inputs["renamedFrom"] === "string";
  if (await isAliasInTheWay(context, { server, domain, name }, isNamed)) return [refusal(aliasOfProgram(name, domain))];
  if (typeof inputs["renamedFrom"] === "string") {
    const from = inputs["renamedFrom"];
    if (from === name) return [refusal("renamedFrom: it is the name itself; leave it out.")];
    const rival = context.memory.declare({ kind: "bearer", server, domain, name: from }, logicalName);
    if (rival !== undefined) return [refusal(claimedTwice(from, domain, rival, logicalName))];
    inputs["previousNames"] = [from];
    const change: NameChange = { server, domain, from, to: name, logicalName, leavesAlias: leavesAlias(inputs) };
    const adopter = context.memory.ownerOf({ kind: "adopter", server, domain, name: from });
    if (adopter !== undefined) return [refusal(adoptedAndRenamed(change, adopter))];
    // Also one that is refused: its account is nobody's to remove meanwhile.
    context.memory.expect(change);
    const refused = await askRename(context, change, inputs);
    if (refused.length === 0) context.server(server).coordinator.announce({ domain, from, to: name });
    return refused;
  }
  const { coordinator } = context.server(server);
  const adopt = inputs["adopt"] === true;
  const adoptMailbox = inputs["adoptMailbox"] === true;
  const enabled = inputs["enabled"] !== false;
  const renamer = adopt ? context.memory.namedRename({ server, domain, name }) : undefined;
  if (renamer) return [refusal(adoptedAndRenamed(renamer, logicalName))];
  if (adopt) context.memory.declare({ kind: "adopter", server, domain, name }, logicalName);
  return tell(context, await coordinator.checkNewcomer({ domain, name, adopt, adoptMailbox, enabled }));
}

function fillRename(inputs: Record<string, unknown>, marked: MarkedRename): void {
  inputs["renamedFrom"] = marked.from;
  inputs["renamedFromId"] = marked.oldId;
  inputs["previousNames"] = marked.previousNames;
}

/** @param isKnown whether the engine's state has the account; else the program names it by hand */
async function askRename(
  context: Context,
  change: NameChange,
  inputs: Properties,
  isKnown = false,
): Promise<Failure[]> {
  const { domain, from, to } = change;
  const known = context.memory.pendingAt({ server: change.server, domain, name: from });
  const password = typeof inputs["password"] === "string" ? inputs["password"] : undefined;
  const findings = await context.server(change.server).coordinator.checkRename({
    domain,
    from,
    to,
    isKnown,
    keepOldAddress: inputs["keepOldAddress"] !== false,
    // Whether they contradict the alias that stays is not known before that is.
    ...(!hasUnknown(inputs["keepOldAddress"]) && { emailAddresses: textsIn(inputs["emailAddresses"]) }),
    hasPassword: inputs["password"] !== undefined,
    ...(inputs["enabled"] === true && { enables: true }),
    ...(known?.to === to && known.oldId !== undefined && { fromId: known.oldId }),
    ...(password !== undefined && !hasUnknown([password]) ? { password } : {}),
  });
  const failures = tell(context, findings);
  if (failures.length === 0 && context.memory.once(`${change.server} ${findings.explanation}`))
    context.log.info(findings.explanation);
  if (failures.length === 0 && findings.together !== "" && context.memory.once(`${change.server} ${findings.together}`))
    context.log.info(findings.together);
  return failures;
}

function textsIn(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((one): one is string => typeof one === "string") : [];
}

/** Warnings are said once; refusals become failures. */
function tell(context: Context, findings: Findings): Failure[] {
  for (const warning of findings.warnings) if (context.memory.once(warning)) context.log.warn(warning);
  return findings.refusals.map(refusal);
}

/** An account is one resource's: it manages it, or renames it, and no other renames it too. */
function claimedTwice(from: string, domain: string, ...resources: [string, string]): string {
  return (
    `renamedFrom: the account ${addressOf(from, domain)} is claimed by two resources, "${resources.join('" and "')}". ` +
    `Remove renamedFrom from the one that is not to have it, or the other resource.`
  );
}

function aliasOfProgram(name: string, domain: string): string {
  return `name: ${addressOf(name, domain)} is taken by the alias that this program has under it. Give one of them another name.`;
}

/** One resource takes an account over, and another one renames it. */
function adoptedAndRenamed({ from, domain, logicalName }: NameChange, adopter: string): string {
  return (
    `name: the account ${addressOf(from, domain)} is renamed by "${logicalName}" and taken over by "${adopter}" (adopt: true). ` +
    `Leave adopt out of "${adopter}" if it is a new account that gets the name after the rename; otherwise let ` +
    `"${logicalName}" keep its own.`
  );
}

function moved(what: "domain" | "server", from: string, to: string): string {
  const shown = (value: string) => (value === "" ? "the stack's own" : value);
  return (
    `${what}: it cannot be changed from ${shown(from)} to ${shown(to)}. An account lives in one place, and its mail does ` +
    `not move by itself. Move it by hand as the vendor describes, or declare a new user and remove this one.`
  );
}
