import { plainPrincipal } from "./defaults.js";
import type { State } from "./state.js";

type Referring = Pick<State, "groups" | "lists" | "resources">;

/** Whether a group, list, archive or resource holds the id of an account. */
export function refersTo({ groups, lists, resources }: Referring, id: string): boolean {
  return (
    groups.some(({ memberIds }) => memberIds.includes(id)) ||
    lists.some(({ members }) => members.some(({ hasId, userId }) => hasId && userId === id)) ||
    lists.some(({ archive }) =>
      archive.archiveReaderList.some(({ kind, readerId }) => kind === "TrusteeUser" && readerId === id),
    ) ||
    resources.some(({ resourceUsers, manager }) =>
      [...resourceUsers, manager].some((principal) => principal.type === "UserPrincipal" && principal.id === id),
    )
  );
}

/**
 * Puts other ids in the place of those of accounts in groups, lists, archives and resources. Where there is none, the
 * reference goes. The rows are changed, and nothing within them: a shallow copy of a row keeps what it had.
 */
export function changeReferences(
  { groups, lists, resources }: Referring,
  now: (id: string) => string | undefined,
): void {
  for (const group of groups) {
    const ids = group.memberIds.map(now).filter((id) => id !== undefined);
    group.memberIds = [...new Set(ids)];
  }
  for (const list of lists) {
    list.members = list.members.flatMap((member) => {
      const userId = member.hasId ? now(member.userId) : member.userId;
      return userId === undefined ? [] : [{ ...member, userId }];
    });
    const archiveReaderList = list.archive.archiveReaderList.flatMap((reader) => {
      const readerId = reader.kind === "TrusteeUser" ? now(reader.readerId) : reader.readerId;
      return readerId === undefined ? [] : [{ ...reader, readerId }];
    });
    list.archive = { ...list.archive, archiveReaderList };
  }
  for (const resource of resources) {
    const changed = [...resource.resourceUsers, resource.manager].map((principal) => {
      const id = principal.type === "UserPrincipal" ? now(principal.id) : principal.id;
      return id === undefined ? undefined : { ...principal, id };
    });
    resource.manager = changed.pop() ?? plainPrincipal("NonePrincipal");
    resource.resourceUsers = changed.filter((principal) => principal !== undefined);
  }
}
