import { z } from "zod";
import { newId } from "../ids.js";
import type { Engine } from "../engine.js";
import type { AccessPolicy, AccessRule } from "../state.js";
import { createEach, forEachRow } from "./bulk.js";
import { method, partly, type Interface } from "./method.js";
import { changed } from "./pattern.js";
import { RpcError } from "./rpc-error.js";
import { id, nothing } from "./schemas.js";

/** What is missing: the names of the members are those of clients, no public source lists them. */
const gap = "kept: nobody is shut out by a rule, and no public source gives the members";

const group = z.object({ name: z.string() });
const rule = z.looseObject({ groupId: id.optional() });

/** The interface AccessPolicy: sets of rules ("groups") that accounts point at, and the rules in them. */
export const accessPolicy: Interface = {
  getGroupList: method(nothing, (_, { engine }) => ({ groups: structuredClone(engine.state.policies) })),

  createGroupList: partly(
    gap,
    method(z.object({ groups: z.array(group) }), ({ groups }, { engine }) =>
      createEach(engine, groups, ({ name }) => {
        const policy = { id: newId("accesspolicygroup"), name: freeName(engine, name), isDefault: false };
        engine.state.policies.push(policy);
        return policy.id;
      }),
    ),
  ),

  setGroupList: partly(
    gap,
    method(z.object({ groupIds: z.array(id), pattern: group.partial() }), ({ groupIds, pattern }, { engine }) =>
      forEachRow(engine, engine.state.policies, groupIds, (policy) => {
        if (pattern.name !== undefined) policy.name = freeName(engine, pattern.name, policy);
      }),
    ),
  ),

  removeGroupList: partly(
    gap,
    method(z.object({ groupIds: z.array(id) }), ({ groupIds }, { engine }) =>
      forEachRow(engine, engine.state.policies, groupIds, (policy) => removePolicy(engine, policy)),
    ),
  ),

  get: partly(
    gap,
    method(nothing, (_, { engine }) => ({ rules: engine.state.accessRules.map(rowOf) })),
  ),

  create: partly(
    gap,
    method(z.object({ rules: z.array(rule) }), ({ rules }, { engine }) =>
      createEach(engine, rules, (given) => {
        const made = { id: newId("accesspolicyrule"), groupId: "", settings: {} };
        change(engine, made, { groupId: "", ...given });
        engine.state.accessRules.push(made);
        return made.id;
      }),
    ),
  ),

  set: partly(
    gap,
    method(z.object({ ruleIds: z.array(id), pattern: rule }), ({ ruleIds, pattern }, { engine }) =>
      forEachRow(engine, engine.state.accessRules, ruleIds, (found) => change(engine, found, pattern)),
    ),
  ),

  remove: partly(
    gap,
    method(z.object({ ruleIds: z.array(id) }), ({ ruleIds }, { engine }) =>
      forEachRow(engine, engine.state.accessRules, ruleIds, (found) => {
        engine.state.accessRules = engine.state.accessRules.filter((each) => each !== found);
      }),
    ),
  ),
};

function rowOf({ settings, ...rule }: AccessRule): object {
  return structuredClone({ ...settings, ...rule });
}

function change(engine: Engine, found: AccessRule, { groupId, ...given }: z.infer<typeof rule>): void {
  if (groupId !== undefined && !engine.state.policies.some((policy) => policy.id === groupId)) {
    throw RpcError.missing(groupId);
  }
  found.groupId = groupId ?? found.groupId;
  found.settings = changed(found.settings, { ...given, id: undefined });
}

function freeName(engine: Engine, name: string, own?: AccessPolicy): string {
  const lower = name.trim().toLowerCase();
  if (lower === "") throw RpcError.failed("The name of a policy is empty.");
  const taken = engine.state.policies.some((each) => each !== own && each.name.toLowerCase() === lower);
  if (taken) throw RpcError.exists(name);
  return name.trim();
}

/** Accounts of a policy that goes have the default one from then on, which cannot go itself. */
function removePolicy(engine: Engine, policy: AccessPolicy): void {
  const { state } = engine;
  if (policy.isDefault) throw RpcError.failed("Policy %1 cannot be removed.", policy.name);
  const rest = state.policies.find((each) => each.isDefault)?.id ?? "";
  for (const user of state.users) if (user.accessPolicyId === policy.id) user.accessPolicyId = rest;
  state.accessRules = state.accessRules.filter((each) => each.groupId !== policy.id);
  state.policies = state.policies.filter((each) => each !== policy);
}
