import { XMLParser } from "fast-xml-parser";
import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** One `listitem` or `table`: variable name → text. */
export type Variables = Record<string, string>;

/** What one configuration file holds. */
export interface ConfigDocument {
  tables: Record<string, Variables>;
  lists: Record<string, Variables[]>;
}

interface VariableNode {
  "@name": string;
  "#text"?: string;
}

interface ConfigNode {
  config?: {
    table?: { "@name": string; variable?: VariableNode[] }[];
    list?: { "@name": string; listitem?: { variable?: VariableNode[] }[] }[];
  };
}

const repeated = new Set(["table", "list", "listitem", "variable"]);

/**
 * Reads one file of the known shape (`/config/list[@name]/listitem/variable[@name]`, tables beside the lists).
 * Throws when it is no such XML: an engine with an unreadable configuration does not start.
 */
export function readConfigFile(file: string): ConfigDocument {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: false,
    isArray: (name) => repeated.has(name),
  });
  const config = (parser.parse(readFileSync(file, "utf8"), true) as ConfigNode).config;
  if (config === undefined) throw new Error(`${file}: no <config> element`);
  const nodes = <T>(list: T[] | undefined): T[] => (list ?? []).filter((node) => typeof node === "object");
  return {
    tables: Object.fromEntries(nodes(config.table).map((each) => [plain(each["@name"]), variables(each.variable)])),
    lists: Object.fromEntries(
      nodes(config.list).map((each) => [
        plain(each["@name"]),
        nodes(each.listitem).map((item) => variables(item.variable)),
      ]),
    ),
  };
}

/**
 * Writes one file, by default for its owner alone. The older generation stays as `.bak`; a link is written through,
 * and the new text takes its place in one step.
 */
export function writeConfigFile(file: string, document: ConfigDocument, mode = 0o600): void {
  const target = existsSync(file) ? realpathSync(file) : file;
  const fresh = `${target}.new`;
  const descriptor = openSync(fresh, "w", mode);
  try {
    fchmodSync(descriptor, mode);
    writeFileSync(descriptor, render(document));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (existsSync(target)) {
    writeFileSync(`${file}.bak`, readFileSync(target), { mode });
    chmodSync(`${file}.bak`, mode);
  }
  renameSync(fresh, target);
}

/** The two files of a program directory. */
export function configFiles(programDir: string): { server: string; users: string } {
  return { server: join(programDir, "mailserver.cfg"), users: join(programDir, "users.cfg") };
}

function variables(nodes: VariableNode[] | undefined): Variables {
  return Object.fromEntries((nodes ?? []).map((node) => [plain(node["@name"]), plain(node["#text"] ?? "")]));
}

function render(document: ConfigDocument): string {
  const lines = [`<?xml version="1.0" encoding="UTF-8"?>`, "<config>"];
  const put = (values: Variables, indent: string) => {
    for (const [name, value] of Object.entries(values)) {
      lines.push(`${indent}<variable name="${escaped(name)}">${escaped(value)}</variable>`);
    }
  };
  for (const [name, values] of Object.entries(document.tables)) {
    lines.push(`  <table name="${escaped(name)}">`);
    put(values, "    ");
    lines.push("  </table>");
  }
  for (const [name, items] of Object.entries(document.lists)) {
    lines.push(`  <list name="${escaped(name)}">`);
    for (const item of items) {
      lines.push("    <listitem>");
      put(item, "      ");
      lines.push("    </listitem>");
    }
    lines.push("  </list>");
  }
  lines.push("</config>", "");
  return lines.join("\n");
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" };

function escaped(text: string): string {
  return text.replace(/[&<>"\r]/g, (sign) => entities[sign] ?? sign);
}

const signs: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

// Entities are resolved here because the parser caps how many a document may hold, and a large users.cfg holds more.
function plain(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name: string | undefined) =>
    code === undefined ? (signs[name ?? ""] ?? whole) : String.fromCodePoint(Number(code)),
  );
}
