import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes one file of the stand-in's engine and all that it loads, so that an engine starts in half the processor time:
 * `bundle/engine-<digest>.js` in `dist`. Throws when it cannot be made.
 */
export async function bundleEngine(dist) {
  // Only here: this module is loaded before anything is installed.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(dist, "test", "simulator", "engine", "main.js")],
    bundle: true,
    platform: "node",
    target: "node20",
    write: false,
    logLevel: "error",
  });
  const [{ contents }] = outputFiles;
  const directory = join(dist, "bundle");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  // The name says what it holds: compiled code that an older engine leaves behind is never taken for this one's.
  const digest = createHash("sha256").update(contents).digest("hex").slice(0, 16);
  writeFileSync(join(directory, `engine-${digest}.js`), contents);
}
