import { z } from "zod";
import { keptAddress } from "../addresses.js";
import { newGroup } from "../defaults.js";
import type { Engine } from "../engine.js";
import { idInDomain } from "../ids.js";
import { search, searchQuery } from "../search-query.js";
import type { Group } from "../state.js";
import { checkAddresses, mayWriteDomain, rankOf } from "./account-rules.js";
import { createEach, forEach, forEachRow, removeEachRow } from "./bulk.js";
import { method, partly, type Call, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id } from "./schemas.js";
import { without, withoutEmpty } from "../without.js";

const groupPattern = z.object({
  domainId: id.optional(),
  name: z.string().optional(),
  emailAddresses: z.array(z.string()).optional(),
  role: z.enum(["UserRole", "Auditor", "AccountAdmin", "FullAdmin"]).optional(),
  hasDomainRestriction: z.boolean().optional(),
  description: z.string().optional(),
  publishInGal: z.boolean().optional(),
});

const keptOfGroups = "`publishInGal` is kept and shown, without effect: there is no list of all addresses";

/** The interface Groups. Members are read with `Users.get` and the condition `userGroups`. */
export const groups: Interface = {
  get: method(z.object({ query: searchQuery, domainId: id }), ({ query, domainId }, { engine }) => {
    if (!engine.domain(domainId)) throw RpcError.missing(domainId);
    const rows = engine.state.groups
      .filter((group) => group.domainId === domainId)
      .map((group) => groupRow(engine, group));
    return search(rows, query, {
      quick: ["name", "description"],
      switches: engine.switches,
    });
  }),

  create: partly(
    keptOfGroups,
    method(
      z.object({ groups: z.array(groupPattern.extend({ domainId: id, name: z.string() })) }),
      ({ groups: items }, call) =>
        createEach(call.engine, items, (item) => {
          const { engine } = call;
          if (!engine.domain(item.domainId)) throw RpcError.missing(item.domainId);
          const group = { ...newGroup(item.domainId, item.name), id: idInDomain(engine, "group", item.domainId) };
          change(call, group, item);
          engine.state.groups.push(group);
          return group.id;
        }),
    ),
  ),

  set: partly(
    keptOfGroups,
    method(z.object({ groupIds: z.array(id), pattern: groupPattern }), ({ groupIds, pattern }, call) =>
      forEachRow(call.engine, call.engine.state.groups, groupIds, (group) =>
        change(call, group, withoutEmpty(pattern, "name")),
      ),
    ),
  ),

  remove: method(
    z.object({ requests: z.array(z.object({ groupId: id, mode: z.string().optional() })) }),
    ({ requests }, call) =>
      removeEachRow(
        call.engine,
        call.engine.state.groups,
        requests.map((request) => request.groupId),
        ({ id: groupId }) => {
          const { engine } = call;
          const group = existing(call, groupId);
          engine.state.groups.splice(engine.state.groups.indexOf(group), 1);
        },
      ),
  ),

  addMemberList: method(z.object({ groupId: id, userList: z.array(id) }), ({ groupId, userList }, call) => {
    const group = existing(call, groupId);
    const members = new Set(group.memberIds);
    const answer = forEach(call.engine, userList, (userId) => {
      if (!call.engine.user(userId)) throw RpcError.missing(userId);
      members.add(userId);
    });
    group.memberIds = [...members];
    return answer;
  }),

  removeMemberList: method(z.object({ groupId: id, userIds: z.array(id) }), ({ groupId, userIds }, call) => {
    const group = existing(call, groupId);
    const members = new Set(group.memberIds);
    const answer = forEach(call.engine, userIds, (userId) => {
      if (!members.delete(userId)) throw RpcError.missing(userId);
    });
    group.memberIds = [...members];
    return answer;
  }),

  activate: partly(
    "no group comes from a directory service: there is nothing to activate",
    method(z.object({ groupIdList: z.array(id) }), ({ groupIdList }, { engine }) =>
      forEachRow(engine, engine.state.groups, groupIdList, () => {}),
    ),
  ),
};

function existing(call: Call, groupId: string): Group {
  const group = call.engine.state.groups.find((each) => each.id === groupId);
  if (!group) throw RpcError.missing(groupId);
  if (rankOf(group.role) > rankOf(call.role) || !mayWriteDomain(call, group.domainId)) throw RpcError.denied();
  return group;
}

function change(call: Call, group: Group, pattern: z.infer<typeof groupPattern>): void {
  const highest = Math.max(rankOf(group.role), rankOf(pattern.role ?? "UserRole"));
  if (highest > rankOf(call.role)) throw RpcError.denied();
  if (!mayWriteDomain(call, group.domainId)) throw RpcError.denied();
  if (pattern.name !== undefined) checkName(call.engine, group, pattern.name);
  if (pattern.emailAddresses) checkAddresses(call.engine, pattern.emailAddresses);
  const { emailAddresses, ...plain } = without(pattern, "domainId");
  Object.assign(group, Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)));
  if (emailAddresses) group.emailAddresses = emailAddresses.flatMap((each) => keptAddress(call.engine, each) || []);
}

function checkName(engine: Engine, { id: own, domainId }: Group, name: string): void {
  const lower = name.toLowerCase();
  if (lower === "") throw RpcError.failed("Group name is empty.");
  const others = engine.state.groups.filter((each) => each.domainId === domainId && each.id !== own);
  if (others.some((each) => each.name.toLowerCase() === lower)) throw RpcError.exists(name);
}

/** A group as `Groups.get` shows it. */
export function groupRow(engine: Engine, group: Group) {
  const shown = without(group, "memberIds");
  const domain = engine.domain(group.domainId)?.name ?? "";
  const full = () => engine.switches.of("email-addresses") === "full";
  return { ...shown, emailAddresses: group.emailAddresses.map((local) => (full() ? `${local}@${domain}` : local)) };
}
