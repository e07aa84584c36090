import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let clone: string;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "pulumi-kerio-closing-"));
  cpSync(__dirname, join(clone, "test", "toolchain"), { recursive: true });
});

afterEach(() => rmSync(clone, { recursive: true, force: true }));

test.each(["test", "verify"])("%s in a clone that cannot be made ready ends with one failure, and why", (command) => {
  const { status, stdout } = spawnSync(process.execPath, [join(clone, "test", "toolchain", `${command}.mjs`)], {
    encoding: "utf8",
    timeout: 50_000,
  });
  expect(status).toBe(1);
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("0 passed, 1 failed, 0 skipped");
  expect(stdout).toMatch(/^failed: .*before any test\n.*package-lock\.json/m);
});
