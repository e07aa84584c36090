import { existsSync } from "node:fs";
import { join } from "node:path";
import { runNode } from "./child.mjs";
import { repoRoot } from "./paths.mjs";
import { prepare, runAsCommand } from "./prepare.mjs";

/** `npm run demo`: prepares the clone and runs the demo with the arguments given; its exit code is the demo's. */
await runAsCommand(async () => {
  await prepare();
  const main = join("dist", "test", "demo", "main.js");
  if (!existsSync(join(repoRoot, main))) throw new Error(`${main} is missing although the build is done`);
  return runNode([main, ...process.argv.slice(2)]);
});
