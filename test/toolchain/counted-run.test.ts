import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const module = pathToFileURL(join(__dirname, "counted-run.mjs")).href;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pulumi-kerio-counted-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("a vitest that dies before it could count is one failure", () => {
  const config = join(directory, "vitest.config.mjs");
  writeFileSync(config, 'process.kill(process.pid, "SIGKILL");');
  const script = `
    import { countedRun } from ${JSON.stringify(module)};
    console.log(JSON.stringify(await countedRun(["--config", ${JSON.stringify(config)}])));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 50_000,
  });
  const { code, counts } = JSON.parse(stdout) as { code: number; counts: { failures: string[] } };
  expect(code).not.toBe(0);
  expect(counts).toMatchObject({ passed: 0, failed: 1, skipped: 0 });
  expect(counts.failures).toEqual([expect.stringContaining("before it could count its tests")]);
});
