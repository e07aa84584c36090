import { join } from "node:path";
import { runNode } from "./child.mjs";
import { repoRoot } from "./paths.mjs";
import { prepare, runAsCommand } from "./prepare.mjs";

/** `npm run contract`: asks a mail server what is known and what is open about it, and says what it answered. */
await runAsCommand(async () => {
  await prepare({ pulumi: false });
  const dist = join(repoRoot, "dist", "test");
  return runNode([join(dist, "contract", "main.js"), ...process.argv.slice(2)], {
    STAND_IN_MAIN: join(dist, "simulator", "main.js"),
  });
});
