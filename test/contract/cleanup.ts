import { ApiError, outcomeOf, type ApiClient } from "./api-client";

/** Kinds of things that are made, in the order in which they are removed. */
export const kinds = ["aliases", "mailing lists", "resources", "groups", "users", "domains"] as const;

/** A kind of thing. */
export type Kind = (typeof kinds)[number];

/** Something that was made. */
export interface Made {
  kind: Kind;
  id: string;
  name: string;
}

const methods: Record<Kind, { list: string; name: string; remove: string; params: (id: string) => object }> = {
  aliases: { list: "Aliases.get", name: "name", remove: "Aliases.remove", params: (id) => ({ aliasIds: [id] }) },
  "mailing lists": {
    list: "MailingLists.get",
    name: "name",
    remove: "MailingLists.remove",
    params: (id) => ({ mlIds: [id] }),
  },
  resources: {
    list: "Resources.get",
    name: "name",
    remove: "Resources.remove",
    params: (id) => ({ resourceIds: [id] }),
  },
  groups: {
    list: "Groups.get",
    name: "name",
    remove: "Groups.remove",
    params: (groupId) => ({ requests: [{ groupId, mode: "DSModeDeactivate" }] }),
  },
  users: { list: "Users.get", name: "loginName", remove: "Users.remove", params: (userId) => removal(userId) },
  domains: { list: "Domains.get", name: "name", remove: "Domains.remove", params: (id) => ({ domainIds: [id] }) },
};

/** What every description of ours begins with: what does not carry it is nobody's to remove. */
export const mark = "made by the contract suite of pulumi-kerio";

const goneWithinMs = 40_000;

/** Removal of an account with its mail, which nobody but these questions has sent. */
function removal(userId: string): object {
  return {
    requests: [{ userId, method: "UDeleteFolder", removeReferences: true, targetUserId: "", mode: "DSModeDeactivate" }],
  };
}

/** Everything under a prefix: ours by the mark in its description, and what only looks like it. */
export async function found(
  api: ApiClient,
  kind: Kind,
  prefix: string,
  domainId = "",
): Promise<(Made & { ours: boolean })[]> {
  const { list, name } = methods[kind];
  const query = {
    fields: ["id", name, "description"],
    conditions: [],
    combining: "Or",
    start: 0,
    limit: -1,
    orderBy: [],
  };
  const params = kind === "domains" ? { query } : { query, domainId };
  const { list: rows } = await api.call<{ list: Record<string, string>[] }>(list, params);
  return rows
    .filter((row) => String(row[name]).toLowerCase().startsWith(prefix))
    .map((row) => ({
      kind,
      id: row["id"] ?? "",
      name: row[name] ?? "",
      ours: String(row["description"]).startsWith(mark),
    }));
}

/** Removes one thing by its id and waits until it is no longer listed; nothing happens when it is gone already. */
export async function remove(api: ApiClient, made: Made, domainId: string): Promise<void> {
  const { remove: method, params } = methods[made.kind];
  let refusal = "";
  for (const end = Date.now() + goneWithinMs; ;) {
    const removed = api.call<{ errors: { code: number; message: string }[] }>(method, params(made.id));
    const { result, error = result?.errors[0] } = await outcomeOf(removed);
    refusal = error ? `${error.message} (${error.code})` : "";
    if (!(await found(api, made.kind, made.name.toLowerCase(), domainId)).some(({ id }) => id === made.id)) return;
    if (Date.now() > end) break;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new ApiError(method, 0, `${made.name} is still there after ${goneWithinMs / 1000} s. ${refusal}`.trim());
}
