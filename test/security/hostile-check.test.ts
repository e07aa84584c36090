import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { checkFields } from "../../provider/dynamic/fields";
import { aliasFields } from "../../provider/resources/alias-fields";
import { userFields } from "../../provider/resources/user-fields";
import { canary, hostileNames } from "./hostile-names";

const jdoe = { domain: "example.com", name: "jdoe" };

test("there are enough hostile names, each once", () => {
  expect(hostileNames.length).toBeGreaterThan(100);
  expect(new Set(hostileNames).size).toBe(hostileNames.length);
});

test.each(hostileNames.map((name) => [JSON.stringify(name).slice(0, 80), name]))(
  "no resource takes the name %s",
  (_shown, name) => {
    const inputs: [object, object, RegExp][] = [
      [userFields, { ...jdoe, name }, /^name: /],
      [userFields, { ...jdoe, renamedFrom: name }, /^renamedFrom: /],
      [userFields, { ...jdoe, domain: name }, /^domain: /],
      [userFields, { ...jdoe, onDelete: { moveMailTo: name } }, /^onDelete/],
      [aliasFields, { domain: name, name: "info", deliverTo: "jdoe" }, /^domain: /],
    ];
    for (const [fields, values, told] of inputs) {
      const { failures } = checkFields(fields as typeof userFields, values as Record<string, unknown>);
      expect(failures.map(({ reason }) => reason).join("\n")).toMatch(told);
    }
    expect(existsSync(canary)).toBe(false);
  },
);
