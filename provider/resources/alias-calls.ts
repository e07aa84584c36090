import { readFields } from "../dynamic/fields";
import type { Context, Properties, ReadResult } from "../dynamic/lifecycle";
import type { Server } from "../dynamic/servers";
import { KerioError } from "../errors";
import { listMailPublicFolders, type Alias, type AliasPattern } from "../kerio/methods/aliases";
import { aliasFields, type KnownAlias } from "./alias-fields";
import { fullTarget, isPublicFolder, sameTarget } from "./alias-target";
import { aliasRemover } from "./removers";
import { aliasCreator, aliasSetter } from "./setters";

/**
 * Milliseconds to wait for a rename of this update to begin when an alias needs its old or new name. The engine may
 * hold the rename back until this call ends, so the wait must end by itself.
 */
const patience = 20_000;

/** Makes the alias, or takes over an identical one. */
export async function createAlias(context: Context, inputs: Properties): Promise<{ id: string; outs: Properties }> {
  const alias = readAliasInputs(inputs);
  const server = context.server(alias.server);
  await afterRenames(context, server, alias);
  const rows = rowsOf(await aliasesOf(server, alias), alias.name);
  const identical = rows.find((row) => sameTarget(row.deliverTo, alias.deliverTo, alias.domain));
  if (identical) {
    context.log.info(
      `The alias ${label(alias)} existed already and delivers to ${identical.deliverTo}; it was taken over.`,
    );
    await write(server, identical, alias);
    return { id: identical.id, outs: outputsOf(inputs) };
  }
  if (rows.length > 0) throw taken(alias, rows);
  const { id: domainId } = await server.inventory.domain(alias.domain);
  const id = await aliasCreator(server).add({
    object: `alias ${label(alias)}`,
    alias: { domainId, name: alias.name, description: alias.description ?? "", ...(await targetOf(server, alias)) },
  });
  return { id, outs: outputsOf(inputs) };
}

/** Looks at the alias, by the server's id, or by name and target where another row has taken its place. */
export async function readAlias(context: Context, id: string, props: Properties): Promise<ReadResult> {
  const alias = readAliasInputs(props);
  const server = context.server(alias.server);
  const row = find(await aliasesOf(server, alias), id, alias);
  if (!row) return {};
  const outs = {
    ...props,
    name: row.name.toLowerCase(),
    deliverTo: sameTarget(row.deliverTo, alias.deliverTo, alias.domain) ? alias.deliverTo : row.deliverTo,
    description: alias.description === undefined ? undefined : (row.description ?? ""),
  };
  return { id: row.id, props: outs, inputs: outs };
}

/**
 * Writes what differs to the row.
 *
 * @param changed names of the fields that differ on the server's side; without any, no connection is opened
 */
export async function updateAlias(
  context: Context,
  id: string,
  olds: Properties,
  news: Properties,
  changed: string[],
): Promise<{ outs: Properties }> {
  if (changed.length === 0) return { outs: outputsOf(news) };
  const alias = readAliasInputs(news);
  const server = context.server(alias.server);
  await afterRenames(context, server, alias);
  const row = find(await aliasesOf(server, alias), id, readAliasInputs(olds));
  if (!row)
    throw new KerioError("NOT_FOUND", {
      object: `alias ${label(alias)}`,
      doing: "changing it",
      happened: "it is not on the server any more",
      next: "Run `pulumi refresh` to take that into the state, then `pulumi up`.",
    });
  await write(server, row, alias);
  return { outs: outputsOf(news) };
}

/** Removes the row; one that is gone is done, and one that another resource declares is left alone. */
export async function deleteAlias(context: Context, id: string, props: Properties): Promise<void> {
  const alias = readAliasInputs(props);
  const server = context.server(alias.server);
  const row = find(await aliasesOf(server, alias), id, alias);
  if (!row) return;
  if (
    context.memory.isDeclared({
      kind: "alias",
      server: server.name,
      domain: alias.domain,
      name: row.name.toLowerCase(),
    })
  ) {
    context.log.info(
      `The alias ${label(alias)} is left alone: the program declares it, under this or another resource.`,
    );
    return;
  }
  await aliasRemover(server).add({ id: row.id, object: `alias ${label(alias)}` });
}

/** An alias to the new name, or under the old one, must not come before the rename: mail would find nobody. */
async function afterRenames(context: Context, server: Server, alias: KnownAlias): Promise<void> {
  const target = fullTarget(alias.deliverTo, alias.domain);
  const names = [{ domain: alias.domain, name: alias.name }];
  const [local = "", domain = ""] = target.split("@");
  if (!isPublicFolder(target)) names.push({ domain, name: local });
  for (const { domain: where, name } of names) {
    const rename = context.memory.pendingAt({ server: server.name, domain: where, name });
    if (!rename || (await context.memory.settled({ server: server.name, domain: where, name }, patience))) continue;
    throw new KerioError("NAME_TAKEN", {
      object: `alias ${label(alias)}`,
      doing: "writing it",
      happened: `it must come after the rename of ${rename.from}@${where} to ${rename.to}, which has not been done`,
      next: "Use the user's output `address` as deliverTo, or give the alias `dependsOn: [user]`, and run `pulumi up` again.",
    });
  }
}

async function write(server: Server, row: Alias, alias: KnownAlias): Promise<void> {
  const pattern: AliasPattern = {};
  if (!sameTarget(row.deliverTo, alias.deliverTo, alias.domain)) Object.assign(pattern, await targetOf(server, alias));
  if (alias.description !== undefined && alias.description !== (row.description ?? ""))
    pattern.description = alias.description;
  if (Object.keys(pattern).length > 0)
    await aliasSetter(server).add({ id: row.id, object: `alias ${label(alias)}`, pattern });
}

/** A whole address, because what the server makes of a bare local part is not known. */
async function targetOf(
  server: Server,
  alias: KnownAlias,
): Promise<{ deliverTo: string; deliverToId: string; type: string }> {
  if (!isPublicFolder(alias.deliverTo))
    return { deliverTo: fullTarget(alias.deliverTo, alias.domain), deliverToId: "", type: "TypeEmailAddress" };
  const { id: domainId } = await server.inventory.domain(alias.domain);
  const folders = await listMailPublicFolders(server.client, domainId);
  const plain = (name: string) => name.replace(/^#public\//, "").toLowerCase();
  const folder = folders.find((one) => plain(one.name) === plain(alias.deliverTo));
  if (folder) return { deliverTo: alias.deliverTo, deliverToId: folder.id, type: "TypePublicFolder" };
  throw new KerioError("NOT_FOUND", {
    object: `public folder ${alias.deliverTo}`,
    doing: `delivering the alias ${label(alias)} into it`,
    happened: "the domain has no such public folder that takes mail",
    next: `It has: ${folders.map((one) => one.name).join(", ") || "none"}.`,
  });
}

function readAliasInputs(properties: Properties): KnownAlias {
  const object = `alias ${String(properties["name"])}@${String(properties["domain"])}`;
  const { domain, name, deliverTo, ...rest } = readFields(aliasFields, properties, object);
  if (domain !== undefined && name !== undefined && deliverTo !== undefined)
    return { ...rest, domain, name, deliverTo };
  throw new KerioError("INPUT_INVALID", {
    object,
    doing: "reading its properties",
    happened: "domain, name or deliverTo is missing",
    next: "Run `pulumi refresh`, or correct the program.",
  });
}

function outputsOf(inputs: Properties): Properties {
  return { ...inputs };
}

/** All rows of the alias's domain; where a run has stopped the service, once it is back. */
function aliasesOf(server: Server, { domain }: KnownAlias): Promise<Alias[]> {
  return server.coordinator.patiently(() => server.inventory.aliases(domain));
}

function rowsOf(rows: Alias[], name: string): Alias[] {
  return rows.filter((row) => row.name.toLowerCase() === name);
}

function find(rows: Alias[], id: string, alias: KnownAlias): Alias | undefined {
  const identical = (row: Alias) => sameTarget(row.deliverTo, alias.deliverTo, alias.domain);
  return rows.find((row) => row.id === id) ?? rowsOf(rows, alias.name).find(identical);
}

function taken(alias: KnownAlias, rows: Alias[]): KerioError {
  const targets = rows.map((row) => row.deliverTo).join(" and ");
  return new KerioError("ALREADY_EXISTS", {
    object: `alias ${label(alias)}`,
    doing: "creating it",
    happened: `an alias of this name exists and delivers to ${targets}, not to ${alias.deliverTo}`,
    next: `Declare deliverTo: "${targets}" to take it over, or remove it in the administration.`,
  });
}

function label(alias: KnownAlias): string {
  return `${alias.name}@${alias.domain}`;
}
