import { splitAddress } from "../addresses.js";
import type { Engine } from "../engine.js";
import { changeReferences, refersTo } from "../references-by-id.js";
import type { Alias, User } from "../state.js";

/**
 * What `removeReferences: true` takes away with an account: aliases that deliver to it and, as far as the switch
 * removed-references says, memberships in groups and lists, its right to read archives, its place as user or manager
 * of resources. Without it that stays, by id or by text, as far as the switch dangling-references says.
 */
export function loseReferences(engine: Engine, user: User, isAsked: boolean): void {
  if (!isReferredTo(engine, user)) return;
  const kept = engine.switches.of("dangling-references");
  const areAsked = isAsked && engine.switches.of("removed-references") === "everything";
  if (isAsked || kept === "gone") stripAliases(engine, user);
  if (areAsked || kept === "gone" || kept === "texts") {
    changeReferences(engine.state, (id) => (id === user.id ? undefined : id));
  } else engine.formerNames.set(user.id, { domainId: user.domainId, loginName: user.loginName.toLowerCase() });
}

/** Where references are kept by name, a new account has what its namesakes have left. */
export function takeUpReferences(engine: Engine, user: User): void {
  const name = user.loginName.toLowerCase();
  const former = [...engine.formerNames].filter(
    ([, { domainId, loginName }]) => domainId === user.domainId && loginName === name,
  );
  if (former.length === 0 || engine.switches.of("dangling-references") !== "by-name") return;
  const ids = new Set(former.map(([id]) => id));
  changeReferences(engine.state, (id) => (ids.has(id) ? user.id : id));
  for (const id of ids) engine.formerNames.delete(id);
}

function isReferredTo(engine: Engine, user: User): boolean {
  return refersTo(engine.state, user.id) || engine.state.aliases.some(leadsTo(engine, user));
}

function stripAliases(engine: Engine, user: User): void {
  const { state } = engine;
  const isTheirs = leadsTo(engine, user);
  state.aliases = state.aliases.filter((alias) => !isTheirs(alias));
}

function leadsTo(engine: Engine, user: User): (alias: Alias) => boolean {
  const names = [user.loginName, ...user.emailAddresses].map((local) => local.toLowerCase());
  return ({ type, deliverTo, domainId }) => {
    const { local, domainName } = splitAddress(deliverTo, engine.domain(domainId)?.name ?? "");
    const isTheirs = names.includes(local) && engine.domainNamed(domainName)?.id === user.domainId;
    return type === "TypeEmailAddress" && isTheirs;
  };
}
