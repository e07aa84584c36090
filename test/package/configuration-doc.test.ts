import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defaultTimeouts, secretSettings, settingFields, type SettingName } from "../../provider/config-fields";
import { environmentVariable } from "../../provider/config-source";
import { repositoryRoot } from "../helpers/pulumi-template";

const page = readFileSync(join(repositoryRoot(), "docs", "configuration.md"), "utf8");
const rows = [...page.matchAll(/^\| `(\w+)` +\| `(\w+)` +\| (.*?) +\|/gm)].map(
  ([, name = "", variable, value = ""]) => ({
    name,
    variable,
    value,
  }),
);

test("docs/configuration.md has each setting, its environment variable, and whether it is a secret", () => {
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(settingFields));
  for (const { name, variable, value } of rows) {
    expect(variable).toBe(environmentVariable(name));
    expect([name, value.includes("**secret**")]).toEqual([
      name,
      secretSettings.some((one) => one === (name as SettingName)),
    ]);
  }
});

test("docs/configuration.md shows the default waits", () => {
  expect(rows.find(({ name }) => name === "timeouts")?.value).toBe(`\`${JSON.stringify(defaultTimeouts)}\``);
});
