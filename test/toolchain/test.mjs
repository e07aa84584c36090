import { asFailure, printClosingLines } from "./closing-lines.mjs";
import { countedRun } from "./counted-run.mjs";
import { prepare, runAsCommand } from "./prepare.mjs";

/**
 * The projects of vitest.config.mjs, one after the other, and how many files of each run at once: most wait for a service
 * to stop and start, or for the engine, for a part of their time. Vitest knows one number for all projects of a run. The
 * one with the crash matrix comes last, because that can be cut to the time that is left.
 */
const groups = [
  ["unit", 5],
  ["engine", 3],
  ["busy", 2],
];

/** Minutes that a run of all tests has: an hour, without what `npm run verify` does before it. */
const allMinutes = 54;

/** Minutes that the last project has in any case, which on the slowest machine are those for a part of the crash matrix. */
const leastMinutes = 15;

/**
 * `npm test`: prepares the clone, runs all tests, and says at the end which failed, of whichever group; the last line is
 * `N passed, N failed, N skipped`. A clone that cannot be made ready is one failure.
 */
await runAsCommand(async () => {
  const begun = Date.now();
  const sum = { passed: 0, failed: 0, skipped: 0, failures: [] };
  let worst = 0;
  let isStopped = false;
  let doing = "making the clone ready, before any test";
  try {
    await prepare();
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => (isStopped = true));
    for (const [project, files] of groups) {
      if (isStopped) break;
      doing = `running the tests of the group ${project}`;
      const flags = ["--project", project, "--maxWorkers", String(files), "--passWithNoTests"];
      const until = Math.max(begun + allMinutes * 60_000, Date.now() + leastMinutes * 60_000);
      const env = { PULUMI_KERIO_MATRIX_UNTIL: String(until) };
      const { code, counts } = await countedRun([...flags, ...process.argv.slice(2)], env);
      for (const kind of ["passed", "failed", "skipped"]) sum[kind] += counts[kind];
      sum.failures.push(...counts.failures);
      worst = Math.max(worst, code);
    }
  } catch (error) {
    sum.failed++;
    sum.failures.push(asFailure(doing, error));
  }
  printClosingLines(sum);
  return worst === 0 && (isStopped || sum.failed > 0 || sum.passed === 0) ? 1 : worst;
});
