import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow } from "./files-below";
import { repositoryRoot } from "./pulumi-template";

const tests = join(repositoryRoot(), "test");

/** Has the one place that builds the command. */
const helper = join("helpers", "pulumi-project.ts");

/** Tests that end an update before it is over, so that there is no preview to ask for. */
const killing = [
  join("engine", "deaths.ts"),
  join("engine", "starts-no-other.test.ts"),
  join("toolchain-smoke", "pulumi.test.ts"),
];

/** An update that asks nobody: as a list of arguments or as a line of a shell, on one line or on several. */
const rawUpdate = /["'`](?:up|update)["'`],\s*["'`]-|\bpulumi (?:up|update) (?:\S+ )*(?:-y|-f|--yes|--skip-preview)\b/;

function filesWith(pattern: RegExp): string[] {
  return filesBelow(tests)
    .filter((path) => /\.(ts|mjs)$/.test(path) && path !== join("helpers", "raw-updates.test.ts"))
    .filter((path) => pattern.test(readFileSync(join(tests, path), "utf8")))
    .sort();
}

test.each([
  'await pulumi(["up", "--yes", "--skip-preview"]);',
  'run(tool, [\n  "up",\n  "-y",\n]);',
  'exec("pulumi up --stack test --yes");',
])("an update around the helper is noticed: %s", (text) => expect(text).toMatch(rawUpdate));

test("every update of a test goes through PulumiProject.up, which asks for an empty preview after it", () => {
  expect(filesWith(rawUpdate)).toEqual([helper]);
});

test("only what is killed goes around that preview without giving a reason", () => {
  expect(filesWith(/\.spawnUp\(/)).toEqual([...killing, helper].sort());
});
