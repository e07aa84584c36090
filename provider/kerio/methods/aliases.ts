import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { changeAll, createAll, type BulkOptions, type ItemResult } from "./bulk";
import { eachForItself } from "./each-for-itself";
import { listAll, type Search } from "./list";
import { entity } from "./structs";

const row = z.object({
  id: z.string().min(1),
  domainId: z.string().optional(),
  /** The local part; may hold `*` and `?`. Several rows may bear the same name. */
  name: z.string(),
  /** An address or a local part; a public folder as `#public/Info`, whatever form the server answers. */
  deliverTo: z.string().default(""),
  /** The id of the public folder; empty for an address. */
  deliverToId: z.string().optional(),
  /** TypeEmailAddress or TypePublicFolder. */
  type: z.string().optional(),
  description: z.string().optional(),
  homeServer: entity.optional(),
});

/** A folder's bare name would read as a local part; in which form the server answers it is not known. */
const alias = row.transform((one) => {
  const isBare = one.type === "TypePublicFolder" && !one.deliverTo.startsWith("#");
  return isBare ? { ...one, deliverTo: `#public/${one.deliverTo}` } : one;
});

/** One row of the alias table. */
export type Alias = z.output<typeof alias>;

/** What of an alias may be written. */
export type AliasPattern = Partial<Omit<Alias, "id" | "homeServer">>;

/** A new alias. */
export type NewAlias = AliasPattern & { domainId: string; name: string; deliverTo: string };

/** `Aliases.get`: the aliases of a domain. Safe. */
export async function listAliases(
  client: KerioClient,
  { domainId, fields, ...search }: Search & { domainId: string },
  options?: CallOptions,
): Promise<Alias[]> {
  return listAll(client, {
    method: "Aliases.get",
    item: alias,
    search: { ...search, fields: fields && [...new Set(["id", "name", "deliverTo", ...fields])] },
    params: { domainId },
    doing: "listing aliases",
    options,
  });
}

/**
 * `Aliases.create`. Not safe: the server may let identical rows through. Where it refuses the whole call for one of
 * several, rows that are there after all count as made, and each of the others is asked for alone.
 */
export async function createAliases(
  client: KerioClient,
  aliases: readonly NewAlias[],
  options?: BulkOptions,
): Promise<ItemResult<string>[]> {
  // The type is always said: what it is when left out is not known.
  const rows = aliases.map((row) => ({ type: "TypeEmailAddress", ...row }));
  const { itemwise, ...rest } = options ?? {};
  const params = (some: readonly NewAlias[]) => ({ aliases: some });
  const ask = (items: readonly NewAlias[]): Promise<ItemResult<string>[]> =>
    createAll(client, { method: "Aliases.create", params, items, doing: "creating aliases", options: rest });
  return eachForItself(rows, ask, { itemwise, seen: () => idsOf(client, rows) });
}

/** The ids of rows that are there, at the places of the new ones that are like them. */
async function idsOf(client: KerioClient, rows: readonly NewAlias[]): Promise<(string | undefined)[]> {
  const there: Alias[] = [];
  for (const domainId of new Set(rows.map((row) => row.domainId))) {
    const fields = ["domainId", "type"];
    there.push(...(await listAliases(client, { domainId, fields })).map((row) => ({ ...row, domainId })));
  }
  const keyOf = ({ domainId, name, deliverTo }: AliasPattern) =>
    JSON.stringify([domainId, name?.toLowerCase(), deliverTo?.toLowerCase()]);
  const ids = new Map(there.map((row) => [keyOf(row), row.id]));
  return rows.map((row) => ids.get(keyOf(row)));
}

/** `Aliases.set`: gives all those aliases the same values. Not safe. */
export async function setAliases(
  client: KerioClient,
  aliasIds: readonly string[],
  pattern: AliasPattern,
  options?: BulkOptions,
): Promise<ItemResult<void>[]> {
  const params = (ids: readonly string[]) => ({ aliasIds: ids, pattern });
  return changeAll(client, { method: "Aliases.set", params, items: aliasIds, doing: "changing aliases", options });
}

/** `Aliases.remove`. Not safe. */
export async function removeAliases(
  client: KerioClient,
  aliasIds: readonly string[],
  options?: BulkOptions,
): Promise<ItemResult<void>[]> {
  const params = (ids: readonly string[]) => ({ aliasIds: ids });
  return changeAll(client, { method: "Aliases.remove", params, items: aliasIds, doing: "removing aliases", options });
}

/** `Aliases.getMailPublicFolderList`: the public folders an alias can deliver to. Safe. */
export async function listMailPublicFolders(
  client: KerioClient,
  domainId: string,
  options?: CallOptions,
): Promise<{ id: string; name: string }[]> {
  const { publicFolderList } = await client.call({
    method: "Aliases.getMailPublicFolderList",
    params: { domainId },
    reply: z.object({ publicFolderList: z.array(z.object({ id: z.string(), name: z.string() })) }),
    safe: true,
    doing: "listing public folders",
    object: `server ${client.settings.url}`,
    ...options,
  });
  return publicFolderList;
}
