import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FieldTable } from "../../provider/dynamic/fields";
import { aliasFields } from "../../provider/resources/alias-fields";
import { contactSchema } from "../../provider/resources/contact";
import { userFields } from "../../provider/resources/user-fields";

const read = (path: string) => readFileSync(join(__dirname, "../..", path), "utf8");

/** Rows of the first table under a heading: first and last cell, and whether the type says "required". */
function rows(text: string, heading: string): { name: string; required: boolean; change: string }[] {
  const section = text.split(`## ${heading}`)[1]?.split("\n## ")[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map((cells) => ({
      name: cells[1]?.replaceAll("`", "") ?? "",
      required: cells[2]?.includes("required") ?? false,
      change: cells.at(-2) ?? "",
    }));
}

/** The members of an interface, each with its doc comment. */
function members(text: string, name: string): string[] {
  const body = text.split(`export interface ${name} {`)[1]?.split("\n}")[0] ?? "";
  return [...body.matchAll(/\*\/\n\s+(\w+)\??:/g)].map((match) => match[1] ?? "");
}

/** The outputs that a class declares, each with whether a doc comment stands above it. */
function outputsOf(source: string): Map<string, boolean> {
  const declared = source.matchAll(/( \*\/)?\n {2}declare readonly (\w+): pulumi\.Output</g);
  return new Map([...declared].map(([, comment, name = ""]) => [name, comment !== undefined]));
}

const words: Record<string, RegExp> = {
  replaces: /renames|makes a new/,
  refused: /refused/,
  updates: /updates in place/,
  remembered: /touches no account/,
};

describe.each<[string, FieldTable, string, string, string[]]>([
  ["user", userFields, "user-args.ts", "UserArgs", ["initialPassword"]],
  ["alias", aliasFields, "alias.ts", "AliasArgs", []],
])("documentation of %s", (kind, table, source, args, secret) => {
  const visible = Object.entries(table).filter(([, field]) => !field.hidden);
  const documented = rows(read(`docs/resources/${kind}.md`), "Inputs");

  it("names every field of the schema and no other, with what its change does", () => {
    expect(documented.map((row) => row.name).sort()).toEqual(visible.map(([name]) => name).sort());
    for (const row of documented) {
      const field = table[row.name];
      expect([row.name, row.required]).toEqual([row.name, field?.required ?? false]);
      expect(`${row.name}: ${row.change}`).toMatch(words[field?.effect ?? ""] ?? /^$/);
    }
  });

  it("stands at every argument of the class, too", () => {
    expect(members(read(`provider/resources/${source}`), args).sort()).toEqual(visible.map(([name]) => name).sort());
  });

  it("names every output that is no input and no other, and which are secret", () => {
    const page = read(`docs/resources/${kind}.md`);
    const text = read(`provider/resources/${kind}.ts`);
    const outputs = outputsOf(text);
    const inputs = visible.map(([name]) => name);
    const own = [...outputs.keys()].filter((name) => !inputs.includes(name));
    const documented = rows(page, "Outputs");
    expect(page.split("\n## Outputs\n")[1]).toMatch(/^\nAll inputs, and:\n/);
    expect([...outputs.keys()]).toEqual(expect.arrayContaining(inputs));
    expect(documented.map(({ name }) => name).sort()).toEqual(own.sort());
    expect(documented.filter(({ change }) => change.startsWith("secret")).map(({ name }) => name)).toEqual(secret);
    for (const name of own) {
      expect([name, outputs.get(name)]).toEqual([name, true]);
      // What the constructor does not name never becomes an output.
      expect(text).toMatch(new RegExp(`[{\\s]${name}: undefined\\b`));
    }
    for (const name of secret) expect(text).toMatch(new RegExp(`const secrets = \\[[^\\]]*"${name}"`));
  });
});

it("documents every field of a contact", () => {
  const text = read("docs/resources/user.md");
  const address = contactSchema.shape.workAddress.unwrap().shape;
  for (const name of [...Object.keys(contactSchema.shape), ...Object.keys(address)])
    expect(text).toContain(`\`${name}\``);
});

it.each<[string, string, object]>([
  ["contact.ts", "ContactArgs", contactSchema.shape],
  ["contact.ts", "PostalAddressArgs", contactSchema.shape.workAddress.unwrap().shape],
  ["user-args.ts", "CleanOutArgs", { deletedItems: 0, junkEmail: 0, sentItems: 0, allItems: 0 }],
  ["user-args.ts", "ForwardingArgs", { to: 0, keepCopy: 0 }],
  ["user-args.ts", "RoleArgs", { administration: 0, publicFolders: 0, archiveFolders: 0 }],
])("says at every field in %s of %s what a change does", (file, name, shape) => {
  const text = read(`provider/resources/${file}`);
  expect(members(text, name).sort()).toEqual(Object.keys(shape).sort());
  const body = text.split(`export interface ${name} {`)[1]?.split("\n}")[0] ?? "";
  expect(body.match(/Updated in place/g)).toHaveLength(Object.keys(shape).length);
});
