import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runNode } from "./child.mjs";

/**
 * Runs vitest with these flags, as CI would: its exit code, and how many tests passed, failed and were skipped, with the
 * names of those that failed. A vitest that ended before it could count is one failure.
 */
export async function countedRun(flags, env = {}) {
  const scratch = mkdtempSync(join(tmpdir(), "pulumi-kerio-counts-"));
  const countsFile = join(scratch, "counts.json");
  try {
    const vitest = join("node_modules", "vitest", "vitest.mjs");
    const code = await runNode([vitest, "run", ...flags], {
      ...env,
      CI: "true",
      PULUMI_KERIO_TEST_COUNTS: countsFile,
    });
    if (existsSync(countsFile)) return { code, counts: JSON.parse(readFileSync(countsFile, "utf8")) };
    const none = { passed: 0, failed: 0, skipped: 0, failures: [] };
    // A filter that concerns other files alone ends without a report.
    if (code === 0) return { code, counts: none };
    const failure = `vitest ${flags.join(" ")}\n    ended with code ${code} before it could count its tests`;
    return { code, counts: { ...none, failed: 1, failures: [failure] } };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
