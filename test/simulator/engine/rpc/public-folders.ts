import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine.js";
import { RpcError } from "./rpc-error.js";

/** A public folder; its id is opaque, and here made of the name. */
export interface PublicFolder {
  id: string;
  name: string;
}

/** The public folders of a domain that hold one kind of items, by the class that their index names first. */
export function publicFolders(engine: Engine, domainId: string, kind: "mail" | "contacts"): PublicFolder[] {
  const domain = engine.domain(domainId);
  if (!domain) throw RpcError.missing(domainId);
  const root = engine.publicRoot(domain);
  return foldersOf(root)
    .filter((name) => (classOf(join(root, name)) === "IPM.Contact") === (kind === "contacts"))
    .map((name) => ({ id: `keriodb://publicfolder/${Buffer.from(name).toString("hex")}`, name }));
}

function foldersOf(root: string, above = ""): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((each) => each.isDirectory() && !each.name.startsWith("#"))
    .flatMap(({ name }) => [`${above}${name}`, ...foldersOf(join(root, name), `${above}${name}/`)]);
}

function classOf(folder: string): string {
  const index = join(folder, "index.fld");
  const [line = ""] = existsSync(index) ? readFileSync(index, "utf8").split("\n", 1) : [];
  return / C(\S+)/.exec(line)?.[1] ?? "IPM.Note";
}
