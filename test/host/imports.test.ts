import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(__dirname, "../..");

test("imports name modules, as everywhere in the package, and not compiled files", () => {
  const suffixed: string[] = [];
  for (const directory of ["provider/host", "test/host"]) {
    const files = readdirSync(join(root, directory), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".ts"))) {
      const text = readFileSync(join(root, directory, file), "utf8");
      if (/from "\.[^"]*\.js";/.test(text)) suffixed.push(join(directory, file));
    }
  }
  expect(suffixed).toEqual([]);
});
