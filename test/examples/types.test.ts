import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { documentedPackages } from "../helpers/documented-packages";
import { repositoryRoot } from "../helpers/pulumi-template";

const run = promisify(execFile);
const examples = join(repositoryRoot(), "examples");

test("all examples fit the types of the package", async () => {
  const compiler = join(repositoryRoot(), "node_modules", "typescript", "bin", "tsc");
  const { stdout } = await run(process.execPath, [compiler, "-p", join(examples, "tsconfig.json")], {
    timeout: 120_000,
  }).catch((error: { stdout: string }) => error);
  expect(stdout).toBe("");
}, 150_000);

test("examples/README.md names each example and no other", () => {
  const directories = readdirSync(examples, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const listed = [...readFileSync(join(examples, "README.md"), "utf8").matchAll(/^- \[`([\w-]+)`\]/gm)];
  expect(listed.map(([, name]) => name).sort()).toEqual(directories.sort());
});

test("examples/README.md names the packages that README.md installs and no other", () => {
  const [, listed = ""] =
    /whose `package.json` has([^;]*);/.exec(readFileSync(join(examples, "README.md"), "utf8")) ?? [];
  const names = [...listed.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const { packages } = documentedPackages(repositoryRoot());
  expect(names).toEqual(["pulumi-kerio", ...packages.map(({ name }) => name)]);
});
