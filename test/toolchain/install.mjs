import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { repoCache, repoRoot } from "./paths.mjs";
import { run } from "./run.mjs";
import { say } from "./say.mjs";

const modules = join(repoRoot, "node_modules");
const stampFile = join(modules, ".pulumi-kerio-install");

/** Makes node_modules what package-lock.json says; does nothing when it already is. Throws when `npm ci` fails. */
export async function install() {
  if (isInstalled()) return;
  await withLock(join(repoCache, "install.lock"), { what: "dependencies" }, async () => {
    if (isInstalled()) return;
    const total = topLevelPackages(readJson(join(repoRoot, "package-lock.json")));
    say(`dependencies: npm ci, because node_modules does not match package-lock.json (about ${total} packages)`);
    // No package here needs its install script: esbuild's and ssh2's only replace what works without them, and a
    // native build would need a compiler and a download of headers. Without them every npm behaves alike.
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      what: "dependencies: npm ci",
      cwd: repoRoot,
      env: process.env,
      timeoutMs: 15 * 60_000,
      progress: () => `${presentPackages()} of about ${total} packages in node_modules`,
    });
    writeFileSync(stampFile, lockHash());
    say("dependencies: installed");
  });
}

function isInstalled() {
  if (!existsSync(modules)) return false;
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === lockHash()) return true;
  if (!matchesLockFile()) return false;
  writeFileSync(stampFile, lockHash());
  return true;
}

/** npm keeps a list of what it installed: a node_modules made by `npm install` need not be made again. */
function matchesLockFile() {
  const hidden = join(modules, ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = readJson(join(repoRoot, "package-lock.json")).packages;
  const present = readJson(hidden).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = present[path];
    if (found === undefined && entry.optional) continue;
    if (found?.version !== entry.version || !existsSync(join(repoRoot, path))) return false;
  }
  return Object.keys(present).every((path) => path in wanted);
}

function lockHash() {
  return createHash("sha256")
    .update(readFileSync(join(repoRoot, "package-lock.json")))
    .digest("hex");
}

function topLevelPackages(lock) {
  return Object.entries(lock.packages).filter(([path, entry]) => path !== "" && !entry.optional).length;
}

function presentPackages() {
  if (!existsSync(modules)) return 0;
  const names = readdirSync(modules).filter((name) => !name.startsWith("."));
  return names.reduce((sum, name) => sum + (name.startsWith("@") ? readdirSync(join(modules, name)).length : 1), 0);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}
