import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { usage } from "../../provider/cli/arguments";
import { addGroups, configurationOf } from "../examples/example-project";
import { documentedPackages } from "../helpers/documented-packages";
import { filesBelow } from "../helpers/files-below";
import { createProject, succeeded, type PulumiProject } from "../helpers/pulumi-project";
import { packPackage, repositoryRoot } from "../helpers/pulumi-template";
import { startSimulator, type Simulator } from "../helpers/start-simulator";

const run = promisify(execFile);
let directory: string;
let simulator: Simulator | undefined;
let project: PulumiProject | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pulumi-kerio-pack-"));
});

afterEach(async () => {
  await project?.dispose();
  await simulator?.stop();
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

test("the tarball holds the compiled provider with its types, the three texts, and nothing else", async () => {
  const tarball = await packPackage(directory);
  const { stdout } = await run("tar", ["-tzf", tarball], { timeout: 60_000 });
  const packed = stdout.trim().split("\n").sort();
  const sources = filesBelow(join(repositoryRoot(), "provider"));
  const compiled = sources.flatMap((source) =>
    [".js", ".d.ts"].map((suffix) => `package/dist/provider/${source.replace(/\.ts$/, suffix)}`),
  );
  const texts = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"].map((name) => `package/${name}`);
  expect(packed).toEqual([...compiled, ...texts].sort());
});

test("a user installs what the README says beside a copied example, and `pulumi up` makes its people", async () => {
  simulator = await startSimulator();
  await addGroups(simulator);
  const tarball = await packPackage(directory);
  const documented = documentedPackages(repositoryRoot());
  expect(basename(tarball)).toBe(documented.tarball);
  project = await createProject({
    program: { dir: join(repositoryRoot(), "examples", "demo") },
    within: directory,
    ...configurationOf(simulator),
  });
  const cwd = project.directory;
  writeFileSync(join(cwd, "package.json"), '{ "name": "program", "private": true }\n');
  const others = documented.packages.map(({ name, version }) => `${name}@${version}`);
  const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball, ...others];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: process.env["REGISTRY_CA_CERTS"] };
  await run("npm", install, { cwd, timeout: 5 * 60_000, env });
  const command = await run("npx", ["--no-install", "pulumi-kerio", "--help"], { cwd, timeout: 60_000 });
  expect(command.stdout).toBe(usage);

  succeeded(await project.up());
  expect(await project.stackOutput()).toEqual({
    addresses: ["jdoe@example.com", "asmith@example.com", "bdoe@example.com"],
  });
  const { accounts } = await simulator.control.truth();
  expect(accounts.find(({ name }) => name === "jdoe")).toMatchObject({ enabled: true, groups: ["sales", "staff"] });
});
