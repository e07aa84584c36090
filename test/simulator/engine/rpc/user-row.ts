import { asksFor, type SearchQuery } from "../search-query.js";
import type { Engine } from "../engine.js";
import type { Group, User } from "../state.js";
import { inUnits } from "../units.js";
import { effectiveRoleOf, groupRoleOf, mayWriteDomain, rankOf } from "./account-rules.js";
import type { Call } from "./method.js";
import { without } from "../without.js";

/** An account as `Users.get` shows it; the password never is. */
export type UserRow = ReturnType<typeof userRow>;

/**
 * The rows of a domain. Figures that need a walk through the mailbox are worked out only when asked for, and of those
 * rows alone that are looked at.
 */
export function userRows(call: Call, domainId: string, query: SearchQuery): UserRow[] {
  const { engine } = call;
  const asked = {
    sizes: asksFor(query, "consumedItems") || asksFor(query, "consumedSize"),
    password: asksFor(query, "password"),
  };
  const groupsOf = new Map<string, Group[]>();
  for (const group of engine.state.groups) {
    for (const member of group.memberIds) {
      const known = groupsOf.get(member);
      if (known) known.push(group);
      else groupsOf.set(member, [group]);
    }
  }
  return engine.state.users
    .filter((user) => user.domainId === domainId)
    .map((user) => userRow(call, user, groupsOf.get(user.id) ?? [], asked));
}

/** What of a row is looked at. */
interface Asked {
  /** Its mailbox counts as empty otherwise. */
  sizes: boolean;
  password: boolean;
}

/** The row of an account that is in these groups. */
export function userRow(call: Call, user: User, groups: Group[], asked: Asked) {
  const { engine } = call;
  const { accessPolicyId, ...shown } = without(user, "passwordStored", "passwordHistory", "contact", "mobileDevices");
  let known = asked.sizes ? undefined : { items: 0, bytes: 0 };
  const usage = () => (known ??= engine.usageOf(user));
  const effective = effectiveRoleOf(engine, user, groups);
  return {
    ...shown,
    ...(asked.password && engine.switches.of("password-shown") === "empty" && { password: "" }),
    emailAddresses: user.emailAddresses.map((address) => inForm(engine, user, address)),
    groupRole: {
      ...user.role,
      userRole: groupRoleOf(engine, user, groups),
      publicFolderRight: false,
      archiveFolderRight: false,
    },
    effectiveRole: { ...user.role, userRole: effective },
    isWritableByMe:
      rankOf(effective) <= rankOf(call.role) && call.role !== "Auditor" && mayWriteDomain(call, user.domainId),
    userGroups: groups.map(({ id, name, description, itemSource }) => ({ id, name, description, itemSource })),
    get consumedItems() {
      return usage().items;
    },
    get consumedSize() {
      return inUnits(usage().bytes);
    },
    accessPolicy: {
      id: accessPolicyId,
      name: engine.state.policies.find((each) => each.id === accessPolicyId)?.name ?? "",
    },
    homeServer: engine.homeServer,
    migration: { enabled: false, id: "", name: "" },
  };
}

function inForm(engine: Engine, user: User, local: string): string {
  return engine.switches.of("email-addresses") === "full"
    ? `${local}@${engine.domain(user.domainId)?.name ?? ""}`
    : local;
}
