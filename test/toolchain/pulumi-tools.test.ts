import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const run = promisify(execFile);
const toolsModule = pathToFileURL(join(__dirname, "pulumi-tools.mjs")).href;
const names = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pulumi-kerio-tools-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** A directory with tools that only say a version. */
async function toolsSaying(version: string, name: string, tools = names): Promise<string> {
  const bin = join(directory, name);
  await mkdir(bin, { recursive: true });
  for (const tool of tools) {
    await writeFile(join(bin, tool), `#!/bin/sh\necho v${version}\n`);
    await chmod(join(bin, tool), 0o755);
  }
  return bin;
}

async function find(path: string[]): Promise<{ directory?: string; reason?: string }> {
  const script = `import { readyTools } from ${JSON.stringify(toolsModule)}; console.log(JSON.stringify(await readyTools()));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: path.join(":"), XDG_CACHE_HOME: join(directory, "cache") },
    timeout: 50_000,
  });
  return JSON.parse(stdout) as { directory?: string; reason?: string };
}

test("tools on PATH win, when all three lie together and the version is supported", async () => {
  const old = await toolsSaying("3.215.9", "old");
  const next = await toolsSaying("4.0.0", "next");
  const lonely = await toolsSaying("3.240.0", "lonely", ["pulumi"]);
  const good = await toolsSaying("3.216.0", "good");
  expect(await find([old, next, lonely, good])).toEqual({ directory: good });
  const { reason } = await find([old, next, lonely]);
  expect(reason).toContain("old has version 3.215.9");
  expect(reason).toContain("next has version 4.0.0");
});

test("cached tools are used when there is nothing on PATH", async () => {
  const { pinnedVersion } = (await import(pathToFileURL(join(__dirname, "pulumi-version.mjs")).href)) as {
    pinnedVersion: () => string;
  };
  const key = `cache/pulumi-kerio/pulumi-${pinnedVersion()}-${process.platform}-${process.arch}`;
  const cached = await toolsSaying(pinnedVersion(), key);
  expect(await find([])).toEqual({ directory: cached });
});

test("when no way works, one error names every way and nothing is left in the cache", async () => {
  const script = `import { pulumiTools } from ${JSON.stringify(toolsModule)}; await pulumiTools();`;
  const bin = await toolsSaying("0", "bin", []);
  const failure = await run(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: bin, XDG_CACHE_HOME: join(directory, "cache"), PULUMI_KERIO_DOWNLOAD_HOST: "nowhere.invalid" },
    timeout: 50_000,
  }).catch((error: { stderr: string }) => error);
  for (const way of ["on PATH", "in the cache", "the vendor's installer", "a build from Go modules"]) {
    expect(failure.stderr).toContain(`- ${way}: `);
  }
  expect(await readdir(join(directory, "cache", "pulumi-kerio"))).toEqual([]);
});
