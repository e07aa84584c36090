import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runNode } from "./child.mjs";
import { prepare, runAsCommand } from "./prepare.mjs";

/** `npm test`: prepares the clone, runs all tests, and prints `N passed, N failed, N skipped` as its last line. */
await runAsCommand(async () => {
  await prepare();
  const scratch = mkdtempSync(join(tmpdir(), "pulumi-kerio-counts-"));
  const countsFile = join(scratch, "counts.json");
  try {
    const vitest = join("node_modules", "vitest", "vitest.mjs");
    const code = await runNode([vitest, "run", ...process.argv.slice(2)], {
      CI: "true",
      PULUMI_KERIO_TEST_COUNTS: countsFile,
    });
    if (!existsSync(countsFile)) throw new Error(`vitest ended with code ${code} before it could count its tests`);
    const { passed, failed, skipped } = JSON.parse(readFileSync(countsFile, "utf8"));
    process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    return code === 0 && (failed > 0 || passed === 0) ? 1 : code;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
