import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const vitest = join(__dirname, "..", "..", "node_modules", "vitest", "vitest.mjs");
const reporter = join(__dirname, "count-reporter.mjs");
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pulumi-kerio-counts-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs test files, given by name and text, and returns what was counted and printed. */
function count(files: Record<string, string>): { counts: unknown; stdout: string; status: number | null } {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const countsFile = join(directory, "counts.json");
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV$/.test(name)));
  const args = [vitest, "run", "--globals", "--root", directory, "--reporter", reporter];
  const { stdout, status } = spawnSync(process.execPath, args, {
    cwd: directory,
    env: { ...env, PULUMI_KERIO_TEST_COUNTS: countsFile },
    encoding: "utf8",
    timeout: 50_000,
  });
  return { counts: JSON.parse(readFileSync(countsFile, "utf8")), stdout, status };
}

test("what ran is counted, and every skip says why", () => {
  const { counts, stdout, status } = count({
    "a.test.js": `
      test("good", () => {});
      test("bad", () => { throw new Error("no"); });
      test("later", ({ skip }) => skip("needs a real server"));
      test.skip("marked", () => {});
      test.todo("unwritten");`,
  });
  expect(counts).toEqual({ passed: 1, failed: 1, skipped: 3, failures: ["a.test.js > bad\n    no"] });
  expect(status).toBe(1);
  expect(stdout).toContain("skipped: a.test.js > later: needs a real server");
  expect(stdout).toContain("skipped: a.test.js > marked: marked as skipped, without a reason");
  expect(stdout).toContain("skipped: a.test.js > unwritten: not written yet");
});

test("files that cannot be loaded, broken hooks and stray errors count as failed", () => {
  const { counts, status } = count({
    "broken.test.js": `throw new Error("cannot load");`,
    "hook.test.js": `describe("s", () => { beforeAll(() => { throw new Error("hook"); }); test("t", () => {}); });`,
    "stray.test.js": `test("good", async () => { Promise.reject(new Error("stray")); });`,
  });
  expect(counts).toMatchObject({ passed: 1 });
  const { failed, failures } = counts as { failed: number; failures: string[] };
  expect(failed).toBeGreaterThanOrEqual(3);
  for (const name of [
    "broken.test.js\n    cannot load",
    "hook.test.js > s\n    hook",
    "outside of any test\n    stray",
  ])
    expect(failures.join("\n")).toContain(name);
  expect(status).toBe(1);
});
