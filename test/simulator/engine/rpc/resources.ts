import { z } from "zod";
import { newResource, plainPrincipal } from "../defaults.js";
import type { Engine } from "../engine.js";
import { idInDomain } from "../ids.js";
import { search, searchQuery } from "../search-query.js";
import type { Principal, Resource } from "../state.js";
import { mayWriteDomain } from "./account-rules.js";
import { createEach, forEachRow, removeEachRow } from "./bulk.js";
import { method, partly, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id } from "./schemas.js";

const principal = z.object({
  type: z.enum([
    "AuthDomainPrincipal",
    "AuthUserPrincipal",
    "AnyonePrincipal",
    "UserPrincipal",
    "GroupPrincipal",
    "NonePrincipal",
  ]),
  id: z.string().default(""),
});

const resourcePattern = z.object({
  domainId: id.optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  type: z.enum(["Room", "Equipment"]).optional(),
  isEnabled: z.boolean().optional(),
  resourceUsers: z.array(principal).optional(),
  manager: principal.optional(),
});

const unbooked = "mail to a resource is taken and written down: nothing is booked, and nobody is answered";

/** The interface Resources. Users and managers are held by id; a reference to a removed account stays as it was. */
export const resources: Interface = {
  get: method(z.object({ query: searchQuery, domainId: id }), ({ query, domainId }, { engine }) => {
    if (!engine.domain(domainId)) throw RpcError.missing(domainId);
    const rows = engine.state.resources
      .filter((resource) => resource.domainId === domainId)
      .map((resource) => resourceRow(engine, resource));
    return search(rows, query, {
      quick: ["name", "description"],
      switches: engine.switches,
    });
  }),

  create: partly(
    unbooked,
    method(
      z.object({ resources: z.array(resourcePattern.extend({ domainId: id, name: z.string() })) }),
      ({ resources: items }, call) =>
        createEach(call.engine, items, (item) => {
          const { engine } = call;
          if (!engine.domain(item.domainId)) throw RpcError.missing(item.domainId);
          if (!mayWriteDomain(call, item.domainId)) throw RpcError.denied();
          if (!/^[A-Za-z0-9_.+-]+$/.test(item.name)) throw RpcError.failed("Resource name %1 is not valid.", item.name);
          const lower = item.name.toLowerCase();
          if (
            engine.state.resources.some((each) => each.domainId === item.domainId && each.name.toLowerCase() === lower)
          ) {
            throw RpcError.exists(item.name);
          }
          const resourceId = idInDomain(engine, "resource", item.domainId);
          const resource = { ...newResource(item.domainId, item.name), id: resourceId };
          change(engine, resource, item);
          engine.state.resources.push(resource);
          return resource.id;
        }),
    ),
  ),

  set: method(z.object({ resourceIds: z.array(id), pattern: resourcePattern }), ({ resourceIds, pattern }, call) =>
    forEachRow(call.engine, call.engine.state.resources, resourceIds, (resource) => {
      if (!mayWriteDomain(call, resource.domainId)) throw RpcError.denied();
      if (pattern.name && pattern.name !== resource.name) {
        throw RpcError.failed("Resource %1 cannot be renamed.", resource.name);
      }
      change(call.engine, resource, pattern);
    }),
  ),

  remove: method(z.object({ resourceIds: z.array(id) }), ({ resourceIds }, call) =>
    removeEachRow(call.engine, call.engine.state.resources, resourceIds, (resource) => {
      const { engine } = call;
      if (!mayWriteDomain(call, resource.domainId)) throw RpcError.denied();
      engine.state.resources.splice(engine.state.resources.indexOf(resource), 1);
    }),
  ),

  getPrincipalList: method(z.object({ query: searchQuery, domainId: id }), ({ query, domainId }, { engine }) => {
    if (!engine.domain(domainId)) throw RpcError.missing(domainId);
    const rows = [
      plainPrincipal("AuthDomainPrincipal"),
      plainPrincipal("AuthUserPrincipal"),
      plainPrincipal("AnyonePrincipal"),
      ...engine.state.users
        .filter((user) => user.domainId === domainId)
        .map((user) => principalOf(engine, { type: "UserPrincipal", id: user.id })),
      ...engine.state.groups
        .filter((group) => group.domainId === domainId)
        .map((group) => principalOf(engine, { type: "GroupPrincipal", id: group.id })),
    ];
    return search(
      rows.map((row) => ({ ...row, homeServer: engine.homeServer })),
      query,
      { quick: ["name", "fullName"], switches: engine.switches, alwaysId: true },
    );
  }),
};

/** A resource as `Resources.get` shows it. */
export function resourceRow(engine: Engine, resource: Resource) {
  const { homeServer } = engine;
  return structuredClone({
    ...resource,
    resourceUsers: resource.resourceUsers.map((each) => ({ ...each, homeServer })),
    manager: { ...resource.manager, homeServer },
    address: engine.resourceAddress(resource),
    homeServer,
  });
}

function change(engine: Engine, resource: Resource, pattern: z.infer<typeof resourcePattern>): void {
  const users = pattern.resourceUsers?.map((each) => known(engine, resource, each));
  const manager = pattern.manager ? known(engine, resource, pattern.manager) : undefined;
  resource.description = pattern.description ?? resource.description;
  resource.type = pattern.type ?? resource.type;
  resource.isEnabled = pattern.isEnabled ?? resource.isEnabled;
  resource.resourceUsers = users ?? resource.resourceUsers;
  resource.manager = manager ?? resource.manager;
}

// A principal that stands in the resource already may be sent back, also when its account is gone.
function known(engine: Engine, resource: Resource, given: z.infer<typeof principal>): Principal {
  const held = [...resource.resourceUsers, resource.manager].find(
    (each) => each.type === given.type && each.id === given.id && given.id !== "",
  );
  return held ?? principalOf(engine, given);
}

function principalOf(engine: Engine, given: z.infer<typeof principal>): Principal {
  const plain = plainPrincipal(given.type);
  if (given.type !== "UserPrincipal" && given.type !== "GroupPrincipal") return plain;
  const user = given.type === "UserPrincipal" ? engine.user(given.id) : undefined;
  const group = given.type === "GroupPrincipal" ? engine.state.groups.find((each) => each.id === given.id) : undefined;
  const found = user ?? group;
  if (!found) throw RpcError.missing(given.id);
  return {
    ...plain,
    id: given.id,
    name: user?.loginName ?? group?.name ?? "",
    domainName: engine.domain(found.domainId)?.name ?? "",
    fullName: user?.fullName ?? "",
    description: found.description,
    isEnabled: user?.isEnabled ?? true,
    itemSource: found.itemSource,
  };
}
