import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { usage } from "../../provider/cli/arguments";
import { startCommand } from "../helpers/pulumi-process";
import { packPackage, repositoryRoot } from "../helpers/pulumi-template";
import { startSimulator, type Simulator } from "../helpers/start-simulator";

const run = promisify(execFile);
let directory: string;
let simulator: Simulator | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pulumi-kerio-pack-"));
});

afterEach(async () => {
  await simulator?.stop();
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** All files below a directory, as paths relative to it. */
async function filesBelow(top: string): Promise<string[]> {
  const entries = await readdir(top, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(top, join(entry.parentPath, entry.name)));
}

test("the tarball holds the compiled provider with its types, the three texts, and nothing else", async () => {
  const tarball = await packPackage(directory);
  const { stdout } = await run("tar", ["-tzf", tarball], { timeout: 60_000 });
  const packed = stdout.trim().split("\n").sort();
  const sources = await filesBelow(join(repositoryRoot(), "provider"));
  const compiled = sources.flatMap((source) =>
    [".js", ".d.ts"].map((suffix) => `package/dist/provider/${source.replace(/\.ts$/, suffix)}`),
  );
  const texts = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"].map((name) => `package/${name}`);
  expect(packed).toEqual([...compiled, ...texts].sort());
});

test("a user installs the tarball into an empty project, and `pulumi up` makes a user", async () => {
  simulator = await startSimulator();
  const tarball = await packPackage(directory);
  const program = join(directory, "program");
  const { version } = await readPackage(join(repositoryRoot(), "node_modules", "@pulumi", "pulumi"));
  await run("mkdir", [program, join(directory, "backend"), join(directory, "home")]);
  writeFileSync(join(program, "package.json"), '{ "name": "program", "private": true, "main": "index.js" }\n');
  writeFileSync(join(program, "Pulumi.yaml"), "name: program\nruntime: nodejs\n");
  writeFileSync(
    join(program, "index.js"),
    `const { User } = require("pulumi-kerio");
     exports.address = new User("manager", { domain: "example.com", name: "jdoe" }).address;\n`,
  );
  const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball, `@pulumi/pulumi@${version}`];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: process.env["REGISTRY_CA_CERTS"] };
  await run("npm", install, { cwd: program, timeout: 5 * 60_000, env });
  const command = await run("npx", ["--no-install", "pulumi-kerio", "--help"], { cwd: program, timeout: 60_000 });
  expect(command.stdout).toBe(usage);

  const pulumi = async (args: string[], input?: string): Promise<string> => {
    const tool = join(process.env["PULUMI_KERIO_TOOLS"] ?? "", "pulumi");
    const { code, text, stdout } = await startCommand(tool, [...args, "--non-interactive", "--color", "never"], {
      cwd: program,
      env: environment(),
      timeoutMs: 3 * 60_000,
      ...(input === undefined ? {} : { input }),
    }).ended;
    if (code !== 0) throw new Error(text);
    return stdout;
  };
  await pulumi(["stack", "init", "test"]);
  await pulumi(["config", "set", "kerio:url", simulator.info.adminUrl]);
  await pulumi(["config", "set", "kerio:username", simulator.info.admin.user]);
  await pulumi(["config", "set", "kerio:caFile", simulator.info.caFile]);
  await pulumi(["config", "set", "--secret", "kerio:password"], simulator.info.admin.password);
  await pulumi(["up", "--yes", "--skip-preview"]);

  expect(JSON.parse(await pulumi(["stack", "output", "--json"]))).toEqual({ address: "jdoe@example.com" });
  expect((await simulator.control.truth()).accounts).toMatchObject([{ name: "jdoe", enabled: true }]);
});

function environment(): NodeJS.ProcessEnv {
  const tools = process.env["PULUMI_KERIO_TOOLS"] ?? "";
  return {
    PATH: `${tools}:${process.env["PATH"] ?? ""}`,
    HOME: process.env["HOME"],
    PULUMI_BACKEND_URL: `file://${join(directory, "backend")}`,
    PULUMI_HOME: join(directory, "home"),
    PULUMI_CONFIG_PASSPHRASE: "passphrase of a test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

async function readPackage(path: string): Promise<{ version: string }> {
  return (await import(join(path, "package.json"))) as { version: string };
}
