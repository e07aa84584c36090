import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { changeAll, type BulkOptions, type ItemResult } from "./bulk";
import { listAll, type Search } from "./list";
import { listUsers, type User } from "./users";

const group = z.object({
  id: z.string().min(1),
  domainId: z.string().optional(),
  name: z.string(),
  emailAddresses: z.array(z.string()).optional(),
  /** UserRole, Auditor, AccountAdmin or FullAdmin. */
  role: z.string().optional(),
  hasDomainRestriction: z.boolean().optional(),
  description: z.string().optional(),
  /** DSInternalSource or DSLDAPSource. */
  itemSource: z.string().optional(),
  publishInGal: z.boolean().optional(),
});

/** A group of users. */
export type Group = z.output<typeof group>;

/** `Groups.get`: the groups of a domain. Safe. */
export async function listGroups(
  client: KerioClient,
  { domainId, ...search }: Search & { domainId: string },
  options?: CallOptions,
): Promise<Group[]> {
  const call = { method: "Groups.get", item: group, search, params: { domainId }, doing: "listing groups" };
  return listAll(client, { ...call, options });
}

/**
 * The members of a group, asked for as users of that group. Safe. What a server does with a condition that it does not
 * know is open: who is not in the group is left out here too.
 */
export async function listGroupMembers(
  client: KerioClient,
  { groupId, domainId, fields }: { groupId: string; domainId: string; fields?: readonly string[] },
  options?: CallOptions,
): Promise<User[]> {
  const conditions = [{ fieldName: "userGroups", comparator: "Eq" as const, value: groupId }];
  const search = { domainId, fields: fields && [...fields, "userGroups"], conditions };
  const users = await listUsers(client, search, { doing: "listing the members of a group", ...options });
  return users.filter(({ userGroups = [] }) => userGroups.some(({ id }) => id === groupId));
}

/** `Groups.addMemberList`. Not safe, though adding a member twice has no further effect where the server allows it. */
export async function addGroupMembers(
  client: KerioClient,
  groupId: string,
  userIds: readonly string[],
  options?: BulkOptions,
): Promise<ItemResult<void>[]> {
  const params = (userList: readonly string[]) => ({ groupId, userList });
  const call = { method: "Groups.addMemberList", params, items: userIds, doing: "adding members to a group" };
  return changeAll(client, { ...call, options });
}

/** `Groups.removeMemberList`. Not safe. */
export async function removeGroupMembers(
  client: KerioClient,
  groupId: string,
  userIds: readonly string[],
  options?: BulkOptions,
): Promise<ItemResult<void>[]> {
  const params = (ids: readonly string[]) => ({ groupId, userIds: ids });
  const call = { method: "Groups.removeMemberList", params, items: userIds };
  return changeAll(client, { ...call, doing: "removing members from a group", options });
}
