import { z } from "zod";
import { isAmong, splitAddress } from "../addresses.js";
import { resolveAddress } from "../delivery.js";
import type { Engine } from "../engine.js";
import { idInDomain } from "../ids.js";
import { search, searchQuery } from "../search-query.js";
import type { Alias } from "../state.js";
import { withoutEmpty } from "../without.js";
import { mayWriteDomain } from "./account-rules.js";
import { createEach, forEachRow, removeEachRow } from "./bulk.js";
import { method, type Interface } from "./method.js";
import { publicFolders } from "./public-folders.js";
import { RpcError } from "./rpc-error.js";
import { id } from "./schemas.js";

const aliasType = z.enum(["TypeEmailAddress", "TypePublicFolder"]);

const aliasPattern = z.object({
  domainId: id.optional(),
  name: z.string().optional(),
  deliverTo: z.string().optional(),
  deliverToId: z.string().optional(),
  type: aliasType.optional(),
  description: z.string().optional(),
});

const aliasCreate = aliasPattern.extend({
  domainId: id,
  name: z.string(),
  deliverTo: z.string(),
  type: aliasType.default("TypeEmailAddress"),
});

/** The interface Aliases. */
export const aliases: Interface = {
  get: method(z.object({ query: searchQuery, domainId: id }), ({ query, domainId }, { engine }) => {
    if (!engine.domain(domainId)) throw RpcError.missing(domainId);
    const rows = engine.state.aliases.filter((alias) => alias.domainId === domainId);
    return search(
      rows.map((alias) => aliasRow(engine, alias)),
      query,
      { quick: ["name", "deliverTo"], switches: engine.switches },
    );
  }),

  create: method(z.object({ aliases: z.array(aliasCreate) }), ({ aliases: items }, call) =>
    createEach(call.engine, items, (item) => {
      const { engine } = call;
      if (!engine.domain(item.domainId)) throw RpcError.missing(item.domainId);
      if (!mayWriteDomain(call, item.domainId)) throw RpcError.denied();
      const alias = completed(engine, {
        id: idInDomain(engine, "alias", item.domainId),
        domainId: item.domainId,
        name: item.name,
        deliverTo: item.deliverTo,
        deliverToId: item.deliverToId ?? "",
        type: item.type,
        description: item.description ?? "",
      });
      checkAlias(engine, alias);
      engine.state.aliases.push(alias);
      return alias.id;
    }),
  ),

  set: method(z.object({ aliasIds: z.array(id), pattern: aliasPattern }), ({ aliasIds, pattern: sent }, call) =>
    forEachRow(call.engine, call.engine.state.aliases, aliasIds, (alias) => {
      const pattern = withoutEmpty(sent, "domainId", "name", "deliverTo");
      if (!mayWriteDomain(call, alias.domainId)) throw RpcError.denied();
      if (pattern.domainId !== undefined && !call.engine.domain(pattern.domainId))
        throw RpcError.missing(pattern.domainId);
      if (!mayWriteDomain(call, pattern.domainId ?? alias.domainId)) throw RpcError.denied();
      const given = Object.fromEntries(Object.entries(pattern).filter(([, value]) => value !== undefined));
      const changed = completed(call.engine, { ...alias, ...given });
      checkAlias(call.engine, changed);
      Object.assign(alias, changed);
    }),
  ),

  remove: method(z.object({ aliasIds: z.array(id) }), ({ aliasIds }, call) =>
    removeEachRow(call.engine, call.engine.state.aliases, aliasIds, (alias) => {
      const { engine } = call;
      if (!mayWriteDomain(call, alias.domainId)) throw RpcError.denied();
      engine.state.aliases.splice(engine.state.aliases.indexOf(alias), 1);
    }),
  ),

  check: method(z.object({ checkString: z.string() }), ({ checkString }, { engine }) => ({
    result: resolveAddress(engine, checkString).targets.map((target) =>
      target.kind === "mailbox"
        ? engine.addressOf(target.user)
        : target.kind === "public"
          ? `#public/${target.folder}`
          : target.address,
    ),
  })),

  getTargetList: method(z.object({ query: searchQuery, domainId: id }), ({ query, domainId }, { engine }) => {
    const domain = engine.domain(domainId)?.name;
    if (domain === undefined) throw RpcError.missing(domainId);
    const inDomain = <T extends { domainId: string }>(rows: T[]) => rows.filter((row) => row.domainId === domainId);
    const rows = [
      ...inDomain(engine.state.users).map((user) => ({
        id: user.id,
        type: "TypeUser",
        name: user.loginName,
        fullName: user.fullName,
        description: user.description,
        isEnabled: user.isEnabled,
        itemSource: user.itemSource,
        emailAddress: engine.addressOf(user),
        homeServer: engine.homeServer,
      })),
      ...inDomain(engine.state.groups).map((group) => ({
        id: group.id,
        type: "TypeGroup",
        name: `[${group.name}]`,
        fullName: "",
        description: group.description,
        isEnabled: true,
        itemSource: group.itemSource,
        emailAddress: group.emailAddresses[0] === undefined ? "" : `${group.emailAddresses[0]}@${domain}`,
        homeServer: engine.homeServer,
      })),
    ];
    return search(rows, query, { quick: ["name", "fullName"], switches: engine.switches, alwaysId: true });
  }),

  getMailPublicFolderList: method(z.object({ domainId: id }), ({ domainId }, { engine }) => ({
    publicFolderList: publicFolders(engine, domainId, "mail"),
  })),
};

/** An alias as `Aliases.get` shows it. */
export function aliasRow(engine: Engine, alias: Alias) {
  return { ...alias, deliverTo: shownTarget(engine, alias), homeServer: engine.homeServer };
}

function shownTarget(engine: Engine, { type, deliverTo }: Alias): string {
  const isBare = type === "TypePublicFolder" && engine.switches.of("public-folder-target") === "bare";
  return isBare ? deliverTo.replace(/^#public\//, "") : deliverTo;
}

function completed(engine: Engine, alias: Alias): Alias {
  if (alias.type === "TypePublicFolder") return withFolder(engine, alias);
  if (engine.switches.of("deliver-to") === "as-given") return { ...alias, deliverToId: "" };
  const { local, domainName } = splitAddress(alias.deliverTo, engine.domain(alias.domainId)?.name ?? "");
  return { ...alias, deliverTo: `${local}@${domainName}`, deliverToId: "" };
}

/** Name and id of a folder that is there belong together; the name counts, and where there is none the id. */
function withFolder(engine: Engine, alias: Alias): Alias {
  const folders = publicFolders(engine, alias.domainId, "mail");
  const name = alias.deliverTo.replace(/^#public\//, "");
  const found = folders.find((each) => (name === "" ? each.id === alias.deliverToId : each.name === name));
  return { ...alias, deliverTo: alias.deliverTo || (found?.name ?? ""), deliverToId: found?.id ?? "" };
}

function checkAlias(engine: Engine, alias: Alias): void {
  const isPlain = /^[A-Za-z0-9_.*?-]+$/.test(alias.name);
  const isWritable =
    isPlain || (/^[A-Za-z0-9_.+*?-]+$/.test(alias.name) && engine.switches.of("alias-name-signs") === "with-plus");
  if (!isWritable || alias.deliverTo.trim() === "") {
    throw RpcError.failed("Alias %1 is not valid.", alias.name);
  }
  if (alias.type === "TypePublicFolder" && alias.deliverTo.split("/").includes("..")) {
    throw RpcError.failed("Folder %1 is not valid.", alias.deliverTo);
  }
  refuseTaken(engine, alias);
}

/** Refuses what the switches do not let stand beside each other. */
function refuseTaken(engine: Engine, alias: Alias): void {
  const { state, switches } = engine;
  const name = alias.name.toLowerCase();
  const target = ({ deliverTo, domainId }: Alias) => {
    const { local, domainName } = splitAddress(deliverTo, engine.domain(domainId)?.name ?? "");
    return `${local}@${domainName}`;
  };
  const namesakes = state.aliases.filter(
    (each) => each.id !== alias.id && each.domainId === alias.domainId && each.name.toLowerCase() === name,
  );
  const users = state.users.filter((user) => user.domainId === alias.domainId);
  const beside = {
    "duplicate-alias": namesakes.some((each) => target(each) === target(alias)),
    "second-alias": namesakes.some((each) => target(each) !== target(alias)),
    "alias-beside-user": users.some((user) => user.loginName.toLowerCase() === name),
    "alias-beside-address": users.some((user) => isAmong(user.emailAddresses, name)),
  };
  for (const [rule, isThere] of Object.entries(beside)) {
    if (isThere && switches.of(rule as keyof typeof beside) === "refused") {
      throw RpcError.exists(alias.name, switches.number("alias-taken-code"));
    }
  }
}
