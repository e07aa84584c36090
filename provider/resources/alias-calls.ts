import { readFields } from "../dynamic/fields";
import { Unfinished, type Context, type Properties, type ReadResult } from "../dynamic/lifecycle";
import type { Server } from "../dynamic/servers";
import { KerioError, messageOf } from "../errors";
import { listMailPublicFolders, type Alias, type AliasPattern } from "../kerio/methods/aliases";
import { aliasDescription } from "../rename/steps/addresses";
import { aliasFields, type KnownAlias } from "./alias-fields";
import type { Holder } from "../dynamic/holders";
import { holderIn } from "./holder-in";
import { afterRenames, refuseNobody, warnOfNobody } from "./alias-receivers";
import { fullTarget, isPublicFolder, sameTarget } from "./alias-target";
import { aliasRemover } from "./removers";
import { sameText } from "./same-text";
import { aliasCreator, aliasSetter } from "./setters";

/** Makes the alias, or takes over an identical one. */
export async function createAlias(context: Context, inputs: Properties): Promise<{ id: string; outs: Properties }> {
  const alias = readAliasInputs(inputs);
  const server = context.server(alias.server);
  await afterRenames(context, server, alias);
  // What was made although its answer was lost is identical.
  const id = await server.coordinator.patiently(() => makeOrTakeOver(context, server, alias));
  context.memory.holders.make(id, holderIn(inputs));
  const outs = outputsOf(inputs);
  const missing = await server.coordinator
    .patiently(() => missingOf(server, id, alias))
    .catch((error: unknown) => {
      context.log.warn(`The alias ${label(alias)} was made, and could not be looked at: ${messageOf(error)}`);
      return undefined;
    });
  // It is there: forgotten, it would be in the way of the next update.
  if (missing) throw new Unfinished(id, outs, [messageOf(missing)]);
  return { id, outs };
}

async function makeOrTakeOver(context: Context, server: Server, alias: KnownAlias): Promise<string> {
  await warnOfNobody(context, server, alias);
  const rows = rowsOf(await aliasesOf(server, alias), alias.name);
  const identical = rows.find((row) => sameTarget(row.deliverTo, alias.deliverTo, alias.domain));
  if (identical) {
    context.log.info(
      `The alias ${label(alias)} existed already and delivers to ${identical.deliverTo}; it was taken over.`,
    );
    await write(server, identical, alias);
    return identical.id;
  }
  if (rows.length > 0) throw taken(alias, rows);
  const { id: domainId } = await server.inventory.domain(alias.domain);
  return aliasCreator(server).add({
    object: `alias ${label(alias)}`,
    alias: { domainId, name: alias.name, description: alias.description ?? "", ...(await targetOf(server, alias)) },
  });
}

/** Looks at the alias, by the server's id, or by name and target where another row has taken its place. */
export async function readAlias(context: Context, id: string, props: Properties): Promise<ReadResult> {
  const alias = readStored(props);
  const server = context.server(alias.server);
  const row = find(await server.coordinator.patiently(() => aliasesOf(server, alias)), id, alias);
  if (!row) return {};
  const outs = {
    ...props,
    name: row.name.toLowerCase(),
    deliverTo: sameTarget(row.deliverTo, alias.deliverTo, alias.domain) ? alias.deliverTo : row.deliverTo,
    description: seenDescription(alias, row),
  };
  return { id: row.id, props: outs, inputs: outs };
}

function seenDescription({ description }: KnownAlias, row: Alias): string | undefined {
  const seen = row.description ?? "";
  return description === undefined || sameText(description, seen) ? description : seen;
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
  const row = await server.coordinator.patiently(() => change(context, server, id, readStored(olds), alias));
  const missing = await server.coordinator.patiently(() => missingOf(server, row, alias));
  if (missing) throw missing;
  return { outs: outputsOf(news) };
}

async function change(
  context: Context,
  server: Server,
  id: string,
  stored: KnownAlias,
  alias: KnownAlias,
): Promise<string> {
  const look = async () => find(await aliasesOf(server, alias), id, stored);
  let row = await look();
  if (row && !sameTarget(row.deliverTo, alias.deliverTo, alias.domain)) {
    await refuseNobody(context, server, alias, row);
    // A rename may have been waited for meanwhile.
    row = await look();
  }
  if (!row)
    throw new KerioError("NOT_FOUND", {
      object: `alias ${label(alias)}`,
      doing: "changing it",
      happened: "it is not on the server any more",
      next: "Run `pulumi refresh` to take that into the state, then `pulumi up`.",
    });
  await write(server, row, alias);
  return row.id;
}

/** Removes the row; one that is gone is done, and one that another resource declares is left alone. */
export async function deleteAlias(context: Context, id: string, props: Properties): Promise<void> {
  const alias = readStored(props);
  const server = context.server(alias.server);
  const holder = holderIn(props);
  context.memory.holders.release(id, holder);
  await server.coordinator.patiently(() => remove(context, server, { id, holder }, alias));
}

async function remove(
  context: Context,
  server: Server,
  { id, holder }: { id: string; holder: Holder },
  alias: KnownAlias,
): Promise<void> {
  const row = find(await aliasesOf(server, alias), id, alias);
  if (!row) return;
  const { domain } = alias;
  if (context.memory.isDeclared({ kind: "alias", server: server.name, domain, name: row.name.toLowerCase() })) {
    context.log.info(
      `The alias ${label(alias)} is left alone: the program declares it, under this or another resource.`,
    );
    return;
  }
  const other = context.memory.holders.otherThan(holder, row.id);
  if (other !== undefined) {
    context.log.warn(
      `The alias ${label(alias)} is left alone: the resource "${other}" holds one of that id, by another name of the server. ` +
        "Where that is another server, which was restored from this one's backup, remove it in the administration.",
    );
    return;
  }
  await aliasRemover(server).add({ id: row.id, object: `alias ${label(alias)}` });
  if ((await aliasesOf(server, alias)).some((one) => one.id === row.id))
    throw notSeen(alias, "removing it", "the server answered yes, and it is there all the same");
}

async function write(server: Server, row: Alias, alias: KnownAlias): Promise<void> {
  const pattern: AliasPattern = {};
  if (!sameTarget(row.deliverTo, alias.deliverTo, alias.domain)) Object.assign(pattern, await targetOf(server, alias));
  if (alias.description !== undefined && !sameText(alias.description, row.description ?? ""))
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
  const own = `#public/${folder?.name.replace(/^#public\//, "")}`;
  if (folder) return { deliverTo: own, deliverToId: folder.id, type: "TypePublicFolder" };
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
  throw incomplete(properties);
}

/** What the state holds. What a refresh has taken from the server need not be what a program may declare. */
function readStored(properties: Properties): KnownAlias {
  const texts = Object.entries(properties).filter(([, value]) => typeof value === "string");
  const { server, domain, name, deliverTo, description } = Object.fromEntries(texts) as Record<
    string,
    string | undefined
  >;
  if (domain === undefined || name === undefined || deliverTo === undefined) throw incomplete(properties);
  return {
    domain,
    name,
    deliverTo,
    ...(server !== undefined && { server }),
    ...(description !== undefined && { description }),
  };
}

function incomplete({ domain, name }: Properties): KerioError {
  return new KerioError("INPUT_INVALID", {
    object: `alias ${String(name)}@${String(domain)}`,
    doing: "reading its properties",
    happened: "domain, name or deliverTo is missing",
    next: "Run `pulumi refresh`, or correct the program.",
  });
}

function outputsOf(inputs: Properties): Properties {
  return { ...inputs };
}

/** All rows of the alias's domain. */
function aliasesOf(server: Server, { domain }: KnownAlias): Promise<Alias[]> {
  return server.inventory.aliases(domain);
}

function rowsOf(rows: Alias[], name: string): Alias[] {
  return rows.filter((row) => row.name.toLowerCase() === name);
}

function find(rows: Alias[], id: string, alias: KnownAlias): Alias | undefined {
  const identical = (row: Alias) => sameTarget(row.deliverTo, alias.deliverTo, alias.domain);
  return rows.find((row) => row.id === id) ?? rowsOf(rows, alias.name).find(identical);
}

/** What was not seen on the server was not done. */
async function missingOf(server: Server, id: string, alias: KnownAlias): Promise<KerioError | undefined> {
  const row = (await aliasesOf(server, alias)).find((one) => one.id === id);
  const { description = row?.description ?? "" } = alias;
  const isThere = row !== undefined && sameTarget(row.deliverTo, alias.deliverTo, alias.domain);
  if (isThere && sameText(description, row.description ?? "")) return undefined;
  const held = `holds other values: it delivers to ${row?.deliverTo}, described as ${JSON.stringify(row?.description)}`;
  const seen = row ? held : "does not show it";
  return notSeen(alias, "writing it", `the server answered yes and ${seen}`);
}

function notSeen(alias: KnownAlias, doing: string, happened: string): KerioError {
  return new KerioError("API_REFUSED", {
    object: `alias ${label(alias)}`,
    doing,
    happened,
    next: "Look at the alias in the administration; then run `pulumi refresh`, and `pulumi up` again.",
    outcome: "rejected",
  });
}

function taken(alias: KnownAlias, rows: Alias[]): KerioError {
  const targets = rows.map((row) => row.deliverTo).join(" and ");
  const isLeft = rows.every((row) => row.description === aliasDescription);
  return new KerioError("ALREADY_EXISTS", {
    object: `alias ${label(alias)}`,
    doing: "creating it",
    happened: `an alias of this name exists and delivers to ${targets}, not to ${alias.deliverTo}`,
    next:
      `Declare deliverTo: "${rows[0]?.deliverTo}" to take it over, or remove it in the administration. ` +
      (isLeft
        ? "A rename has left it, so that mail to the old address still arrives; one with keepOldAddress: false leaves none."
        : "Where this program removes it, or gives it another name, let it do that in an update of its own: the engine " +
          "removes last."),
  });
}

function label(alias: KnownAlias): string {
  return `${alias.name}@${alias.domain}`;
}
