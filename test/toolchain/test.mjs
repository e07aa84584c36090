import { countedRun } from "./counted-run.mjs";
import { prepare, runAsCommand } from "./prepare.mjs";

/**
 * The projects of vitest.config.mjs, one after the other, and how many files of each run at once. Those of `unit` wait for
 * a service to stop and start most of the time, those of `engine` for much of it; the others keep a processor busy by
 * themselves. Vitest knows one number for all projects of a run.
 */
const groups = [
  ["busy", 2],
  ["unit", 4],
  ["engine", 3],
];

/** Minutes after its start in which a run begins cases of the crash matrix. */
const matrixMinutes = 30;

/**
 * `npm test`: prepares the clone, runs all tests, and says at the end which failed, of whichever group; the last line is
 * `N passed, N failed, N skipped`.
 */
await runAsCommand(async () => {
  const env = { PULUMI_KERIO_MATRIX_UNTIL: String(Date.now() + matrixMinutes * 60_000) };
  await prepare();
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  let worst = 0;
  let isStopped = false;
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => (isStopped = true));
  for (const [project, files] of groups) {
    if (isStopped) break;
    const flags = ["--project", project, "--maxWorkers", String(files), "--passWithNoTests"];
    const { code, counts } = await countedRun([...flags, ...process.argv.slice(2)], env);
    for (const kind of Object.keys(sum)) sum[kind] += counts[kind];
    failures.push(...counts.failures);
    worst = Math.max(worst, code);
  }
  for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
  const { passed, failed, skipped } = sum;
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return worst === 0 && (isStopped || failed > 0 || passed === 0) ? 1 : worst;
});
