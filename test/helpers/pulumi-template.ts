import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, link, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { documentedPackages } from "./documented-packages";

const run = promisify(execFile);
const fillingTakesAtMostMs = 120_000;

interface LockEntry {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

let ownRoot: Promise<string> | undefined;

/**
 * The directory, outside of the repository, below which projects find the packed `pulumi-kerio`, the packages that
 * README.md tells a user to install, their dependencies, and no other. `node_modules` at its top holds real directories,
 * because the engine captures a symlinked package by value. Filled at the first call of a test run, shared by all its
 * processes. Throws when dist is missing or the filling takes more than two minutes.
 */
export async function templateRoot(): Promise<string> {
  ownRoot ??= process.env["PULUMI_KERIO_TEST_ROOT"]
    ? Promise.resolve(process.env["PULUMI_KERIO_TEST_ROOT"])
    : mkdtemp(join(tmpdir(), `pulumi-kerio-test-${process.pid}-`));
  const root = await ownRoot;
  const modules = join(root, "node_modules");
  if (existsSync(modules)) return root;
  const claim = join(root, ".filling");
  if (await claimed(claim)) {
    try {
      await fill(root, modules);
    } finally {
      await rm(claim, { recursive: true, force: true });
    }
    return root;
  }
  const giveUpAt = Date.now() + fillingTakesAtMostMs;
  while (existsSync(claim) && Date.now() < giveUpAt) await sleep(200);
  if (!existsSync(modules)) throw new Error(`another test process could not fill ${modules}`);
  return root;
}

/** The repository this file belongs to, found from its source and from its compiled form alike. */
export function repositoryRoot(): string {
  for (let directory = __dirname; ; directory = dirname(directory)) {
    if (existsSync(join(directory, "package-lock.json"))) return directory;
    if (dirname(directory) === directory) throw new Error(`no package-lock.json above ${__dirname}`);
  }
}

/** Packs the package as a release would be packed, and returns the tarball's path in `destination`. */
export async function packPackage(destination: string): Promise<string> {
  const repository = repositoryRoot();
  if (!existsSync(join(repository, "dist", "provider"))) {
    throw new Error("dist/provider is missing: run `npm run setup` (or `npm run build`) first");
  }
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", destination], {
    cwd: repository,
    timeout: 60_000,
  });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  return join(destination, packed.filename);
}

async function fill(root: string, modules: string): Promise<void> {
  const scratch = join(root, `.scratch-${randomUUID()}`);
  const scratchModules = join(scratch, "node_modules");
  try {
    await mkdir(scratchModules, { recursive: true });
    const repository = repositoryRoot();
    for (const path of installedClosure(repository)) {
      await cloneTree(join(repository, path), join(scratch, path));
    }
    const tarball = await packPackage(scratch);
    await run("tar", ["-xzf", tarball, "-C", scratch], { timeout: 60_000 });
    await rename(join(scratch, "package"), join(scratchModules, "pulumi-kerio"));
    await rename(scratchModules, modules);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The paths, as package-lock.json names them, of all packages that a user's installation has. */
function installedClosure(repository: string): string[] {
  const lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockEntry>;
  };
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    const entry = lock.packages[path];
    const peers = Object.keys(entry?.peerDependencies ?? {}).filter(
      (name) => entry?.peerDependenciesMeta?.[name]?.optional !== true,
    );
    for (const name of [...Object.keys({ ...entry?.dependencies, ...entry?.optionalDependencies }), ...peers]) {
      const dependency = resolvePackage(path, name, (candidate) => candidate in lock.packages);
      if (dependency !== undefined) visit(dependency);
    }
  };
  const direct = Object.keys(lock.packages[""]?.dependencies ?? {});
  const documented = documentedPackages(repository).packages.map(({ name }) => name);
  for (const name of [...direct, ...documented]) visit(`node_modules/${name}`);
  // A package nested in another one is copied with it.
  return [...found].filter((path) => path.lastIndexOf("node_modules/") === 0 && existsSync(join(repository, path)));
}

function resolvePackage(from: string, name: string, exists: (path: string) => boolean): string | undefined {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf("node_modules/") - 1))) {
    const candidate = `${base === "" ? "" : `${base}/`}node_modules/${name}`;
    if (exists(candidate)) return candidate;
    if (base === "") return undefined;
  }
}

/** Copies a directory by hard links, which costs no space; by copying where the temporary directory is elsewhere. */
async function cloneTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await cloneTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(resolve(from, await readlink(source)), target);
    else await link(source, target).catch(() => copyFile(source, target));
  }
}

async function claimed(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
