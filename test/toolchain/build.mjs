import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { bundleEngine } from "./bundle-engine.mjs";
import { filesBelow } from "./files-below.mjs";
import { withLock } from "./lock.mjs";
import { repoCache, repoRoot } from "./paths.mjs";
import { run } from "./run.mjs";
import { say } from "./say.mjs";

const dist = join(repoRoot, "dist");
const stampFile = join(dist, ".build-stamp");
const outputsFile = join(dist, ".build-outputs");
const sourceTrees = ["provider", "test"];

/** Compiles the TypeScript sources into dist; does nothing when no source changed. Throws on a type error. */
export async function build() {
  if (isBuilt(sourceHash())) return;
  await withLock(join(repoCache, "build.lock"), { what: "build" }, async () => {
    const hash = sourceHash();
    if (isBuilt(hash)) return;
    say("build: tsc, because the sources changed since the last build");
    rmSync(stampFile, { force: true });
    // The compiler's own memory says what it emitted, not what is still there.
    if (!holdsLastOutput()) rmSync(join(dist, "tsconfig.tsbuildinfo"), { force: true });
    await run(process.execPath, [join("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.json"], {
      what: "build: tsc",
      cwd: repoRoot,
      env: process.env,
      timeoutMs: 10 * 60_000,
    });
    removeOrphans();
    await bundleEngine(dist);
    writeFileSync(outputsFile, JSON.stringify(outputs()));
    writeFileSync(stampFile, hash);
    say("build: done");
  });
}

function isBuilt(hash) {
  return (
    existsSync(stampFile) &&
    readFileSync(stampFile, "utf8") === hash &&
    existsSync(join(dist, "provider", "index.js")) &&
    existsSync(join(dist, "provider", "index.d.ts"))
  );
}

function sourceHash() {
  const hash = createHash("sha256");
  const files = sourceTrees.flatMap((tree) => filesBelow(join(repoRoot, tree), ".ts"));
  for (const file of [...files.sort(), join(repoRoot, "tsconfig.json"), join(repoRoot, "package-lock.json")]) {
    hash
      .update(`${relative(repoRoot, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex");
}

/** Whether everything is there that the last build that succeeded has left. */
function holdsLastOutput() {
  if (!existsSync(outputsFile)) return false;
  return JSON.parse(readFileSync(outputsFile, "utf8")).every((file) => existsSync(join(dist, file)));
}

function outputs() {
  const compiled = sourceTrees.flatMap((tree) => filesBelow(join(dist, tree), ".js"));
  return compiled.flatMap((file) => [file, file.replace(/\.js$/, ".d.ts")]).map((file) => relative(dist, file));
}

/** Output of a source that is gone would otherwise be packed and imported for ever. */
function removeOrphans() {
  for (const tree of sourceTrees) {
    for (const file of [...filesBelow(join(dist, tree), ".js"), ...filesBelow(join(dist, tree), ".d.ts")]) {
      const source = join(repoRoot, relative(dist, file)).replace(/(\.d\.ts|\.js)$/, ".ts");
      if (!existsSync(source)) rmSync(file);
    }
  }
}
