import { execFile } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
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

test("`npm pack` builds and packs the provider with its types, the three texts, and nothing else", async () => {
  const packed = await packFromSources();
  const sources = filesBelow(join(repositoryRoot(), "provider"));
  const compiled = sources.flatMap((source) =>
    [".js", ".d.ts"].map((suffix) => `package/dist/provider/${source.replace(/\.ts$/, suffix)}`),
  );
  const texts = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"].map((name) => `package/${name}`);
  expect(packed).toEqual([...compiled, ...texts].sort());
});

/**
 * What a person packs for a release where nothing is built; beside it the compiler's memory of having built it all, and
 * the output of a source that is gone. Gives the names in the tarball.
 */
async function packFromSources(): Promise<string[]> {
  const from = (name: string) => join(repositoryRoot(), name);
  for (const name of ["package.json", "tsconfig.json", "README.md", "LICENSE", "CHANGELOG.md", "provider"])
    cpSync(from(name), join(directory, name), { recursive: true });
  symlinkSync(from("node_modules"), join(directory, "node_modules"));
  mkdirSync(join(directory, "dist", "provider"), { recursive: true });
  copyFileSync(from("dist/tsconfig.tsbuildinfo"), join(directory, "dist", "tsconfig.tsbuildinfo"));
  writeFileSync(join(directory, "dist", "provider", "gone.js"), "");
  const { stdout } = await run("npm", ["pack", "--silent"], { cwd: directory, timeout: 5 * 60_000 });
  const tarball = stdout.trim().split("\n").at(-1) ?? "";
  const listed = await run("tar", ["-tzf", tarball], { cwd: directory, timeout: 60_000 });
  return listed.stdout.trim().split("\n").sort();
}

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
