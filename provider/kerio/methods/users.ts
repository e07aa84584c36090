import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { changeAll, createAll, type BulkOptions, type ItemResult } from "./bulk";
import { listAll, serverOf, type Search } from "./list";
import { user, type NewUser, type User, type UserPattern } from "./user-struct";

export { getPersonalContacts, setPersonalContact, type PersonalContact } from "./personal-contacts";
export { writableFields, type NewUser, type User, type UserPattern } from "./user-struct";

/**
 * `Users.get`: the users of a domain. Safe. `id` and `loginName` are always among the fields. Without `fields` all of them
 * come, says the definition; from a server that keeps some back they are asked for by name.
 */
export async function listUsers(
  client: KerioClient,
  { domainId, fields, ...search }: Search & { domainId: string },
  options?: CallOptions,
): Promise<User[]> {
  const list = (named: readonly string[] | undefined) =>
    listAll(client, {
      method: "Users.get",
      item: user,
      search: { ...search, fields: named && [...new Set(["id", "loginName", ...named])] },
      params: { domainId },
      doing: "listing users",
      options,
    });
  const users = await list(fields);
  return fields || users.every(isWhole) ? users : list(Object.keys(user.shape));
}

/** Whether a row holds what every version has and no change of an account can do without. */
function isWhole({ isEnabled, emailAddresses, userGroups, role }: User): boolean {
  return [isEnabled, emailAddresses, userGroups, role].every((member) => member !== undefined);
}

/** `Users.create`: one new id, or one refusal, per user; the refusal of the whole call is thrown. Not safe. */
export async function createUsers(
  client: KerioClient,
  users: readonly NewUser[],
  options?: CallOptions,
): Promise<ItemResult<string>[]> {
  const params = (some: readonly NewUser[]) => ({ users: some });
  return createAll(client, { method: "Users.create", params, items: users, doing: "creating users", options });
}

/** `Users.set`: gives all those users the same values. Not safe. */
export async function setUsers(
  client: KerioClient,
  userIds: readonly string[],
  pattern: UserPattern,
  options?: BulkOptions,
): Promise<ItemResult<void>[]> {
  const params = (ids: readonly string[]) => ({ userIds: ids, pattern });
  return changeAll(client, { method: "Users.set", params, items: userIds, doing: "changing users", options });
}

/** How one account is removed. */
export interface RemovalRequest {
  userId: string;
  /**
   * `UDeleteUser`: the account goes, its mail stays. `UDeleteFolder`: the mail goes too. `UMoveFolder`: the mail goes
   * into a folder of the target's mailbox.
   */
  method: "UDeleteUser" | "UDeleteFolder" | "UMoveFolder";
  /** Whether aliases, memberships and rights that name the account go too. */
  removeReferences: boolean;
  /** Only with `UMoveFolder`. */
  targetUserId?: string;
  /**
   * For accounts of a directory service: whether the directory's own entry is deleted. Default `DSModeDeactivate`,
   * because nobody who removes a mail account has asked for that.
   */
  mode?: "DSModeDeactivate" | "DSModeDelete";
}

/** `Users.remove`. Not safe. The removal may take a while to show in lists. */
export async function removeUsers(
  client: KerioClient,
  removals: readonly RemovalRequest[],
  options?: BulkOptions,
): Promise<ItemResult<void>[]> {
  const items = removals.map(({ targetUserId = "", mode = "DSModeDeactivate", ...removal }) => ({
    ...removal,
    targetUserId,
    mode,
  }));
  const params = (requests: readonly RemovalRequest[]) => ({ requests });
  return changeAll(client, { method: "Users.remove", params, items, doing: "removing users", options });
}

/** `Users.checkMailboxIntegrity`: starts a check and repair of the folders; does not wait for it. Not safe. */
export async function checkMailboxIntegrity(
  client: KerioClient,
  userIds: readonly string[],
  options?: CallOptions,
): Promise<void> {
  await client.call({
    method: "Users.checkMailboxIntegrity",
    params: { userIds },
    reply: z.object({}),
    doing: "starting the check of mailboxes",
    object: serverOf(client),
    ...options,
  });
}
