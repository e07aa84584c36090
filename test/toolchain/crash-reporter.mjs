/** Vitest reporter: prints the crash matrix as a table, one line a case, when a run has had cases of it. */
export default class CrashReporter {
  onTestRunEnd(modules) {
    const rows = modules
      .flatMap((module) => [...module.children.allTests()])
      .filter((test) => /a rename under fire/.test(test.fullName))
      .flatMap((test) => rowOf(test) ?? []);
    if (rows.length > 0) process.stdout.write(`\n${table(rows)}\n`);
  }
}

const allColumns = ["point", "death", "scenario", "variant", "server", "outcome", "seconds"];

function rowOf(test) {
  const { state, errors, note } = test.result();
  const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(0);
  const row = test.meta().crash;
  if (state === "passed" && row !== undefined) return { ...row, seconds };
  if (state === "skipped" && note === undefined) return undefined;
  const outcome = state === "skipped" ? `skipped: ${note}` : `FAILED: ${errors?.[0]?.message ?? state}`;
  return { point: test.name, death: "", scenario: "", variant: "", outcome: outcome.split("\n", 1)[0], seconds };
}

function table(rows) {
  const columns = allColumns.filter((column) => rows.some((row) => row[column] !== undefined));
  const lines = [Object.fromEntries(columns.map((column) => [column, column])), ...rows];
  const width = Object.fromEntries(
    columns.map((column) => [column, Math.max(...lines.map((line) => (line[column] ?? "").length))]),
  );
  return lines
    .map((line) =>
      columns
        .map((column) => (line[column] ?? "").padEnd(width[column]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
