import type { Alias } from "../kerio/methods/aliases";
import type { User } from "../kerio/methods/users";
import { aliasesLeadingTo } from "./aliases-leading-to";
import { readerEntry } from "./archive-readers";
import type { MailServer } from "./mail-server";
import { roleIn } from "./members";
import type { RenameRecord } from "./snapshot";

/**
 * What else names an account, by its id or as text: mailing lists, their archives, resources of its domain, and aliases of
 * every domain.
 */
export async function references(
  server: MailServer,
  account: User,
  domain: string,
  from: string,
): Promise<Pick<RenameRecord, "lists" | "archives" | "resources" | "aliases" | "aliasesElsewhere">> {
  const allLists = await server.inventory.mailingLists();
  const archives = allLists.flatMap(({ list }) => {
    const reader = readerEntry(list, account.id);
    return reader ? [{ id: list.id, domainId: list.domainId ?? account.domainId ?? "", reader }] : [];
  });
  const lists = allLists.flatMap(({ list, members }) =>
    members
      .filter((member) => member.hasId && member.userId === account.id)
      .map((member) => ({ id: list.id, name: list.name, kind: member.kind })),
  );
  const resources = (await server.inventory.resources(domain)).flatMap((resource) => {
    const role = roleIn(resource, account.id);
    return role.manager || role.user ? [{ id: resource.id, name: resource.name, ...role }] : [];
  });
  const home = await server.inventory.domain(domain);
  const leading = await aliasesLeadingTo(server, domain, from);
  const aliases = leading.filter((alias) => alias.domainId === home.id).map(keptAlias);
  const elsewhere = leading.filter((alias) => alias.domainId !== home.id);
  const aliasesElsewhere = elsewhere.map((alias) => ({
    ...keptAlias(alias),
    domainId: alias.domainId,
    domain: alias.domain,
  }));
  return { lists, archives, resources, aliases, ...(aliasesElsewhere.length > 0 && { aliasesElsewhere }) };
}

/** An alias as a snapshot holds it. */
export function keptAlias({
  id,
  name,
  deliverTo,
  deliverToId,
  type,
  description,
}: Alias): RenameRecord["aliases"][number] {
  return { id, name, deliverTo, deliverToId, type, description };
}
