import { splitAddress } from "../addresses.js";
import { plainPrincipal } from "../defaults.js";
import type { Engine } from "../engine.js";
import type { User } from "../state.js";

/**
 * What `removeReferences: true` takes away with an account: memberships in groups and lists, its right to read archives, aliases that
 * deliver to it, its place as user or manager of resources. Without it all of that stays, by id or by text.
 */
export function stripReferences(engine: Engine, user: User): void {
  const { state } = engine;
  const domain = engine.domain(user.domainId)?.name ?? "";
  const addresses = [user.loginName, ...user.emailAddresses].map((local) => `${local.toLowerCase()}@${domain}`);
  for (const group of state.groups) group.memberIds = group.memberIds.filter((id) => id !== user.id);
  for (const list of state.lists) {
    list.members = list.members.filter((member) => !(member.hasId && member.userId === user.id));
    list.archive.archiveReaderList = list.archive.archiveReaderList.filter((reader) => reader.readerId !== user.id);
  }
  state.aliases = state.aliases.filter((alias) => {
    const home = engine.domain(alias.domainId)?.name ?? "";
    const { local, domainName } = splitAddress(alias.deliverTo, home);
    return alias.type !== "TypeEmailAddress" || !addresses.includes(`${local}@${domainName}`);
  });
  for (const resource of state.resources) {
    resource.resourceUsers = resource.resourceUsers.filter((each) => each.id !== user.id);
    if (resource.manager.id === user.id) resource.manager = plainPrincipal("NonePrincipal");
  }
}
