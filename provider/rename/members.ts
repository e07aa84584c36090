import type { KerioClient } from "../kerio/client";
import type { ItemResult } from "../kerio/methods/bulk";
import type { MailingListMember } from "../kerio/methods/mailing-lists";
import { setResources, type Principal, type Resource, type ResourcePattern } from "../kerio/methods/resources";

/** Whether a local user is a member of a mailing list, in that kind (Member or Moderator). */
export function isMember(members: MailingListMember[], userId: string | undefined, kind: string): boolean {
  return members.some((member) => member.hasId && member.userId === userId && member.kind === kind);
}

/** A local user as a member of a mailing list: held by id, not by address. */
export function memberOf(userId: string, kind: string): MailingListMember {
  return { hasId: true, userId, emailAddress: "", fullName: "", kind };
}

/** In what way a user may book or manages a resource by name. */
export interface ResourceRole {
  manager: boolean;
  user: boolean;
}

export function roleIn(resource: Resource, userId: string): ResourceRole {
  return {
    manager: isUser(resource.manager, userId),
    user: (resource.resourceUsers ?? []).some((principal) => isUser(principal, userId)),
  };
}

/**
 * Puts one user in another's place in a resource; leaves everybody else where they are. The row shows it afterwards, so
 * that whoever comes next does not write over it.
 */
export async function replacePrincipal(
  client: KerioClient,
  resource: Resource,
  role: ResourceRole,
  change: { from: string; to: { id: string; name: string } },
): Promise<ItemResult<void>[]> {
  const principal: Principal = { type: userPrincipal, id: change.to.id, name: change.to.name };
  const pattern: ResourcePattern = {};
  if (role.manager) pattern.manager = principal;
  if (role.user) {
    const others = (resource.resourceUsers ?? []).filter((p) => !isUser(p, change.from) && !isUser(p, change.to.id));
    pattern.resourceUsers = [...others, principal];
  }
  const results = await setResources(client, [resource.id], pattern, { itemwise: true });
  if (results.every(({ ok }) => ok)) Object.assign(resource, pattern);
  return results;
}

const userPrincipal = "UserPrincipal";

function isUser(principal: Principal | undefined, userId: string): boolean {
  return principal?.type === userPrincipal && principal.id === userId;
}
