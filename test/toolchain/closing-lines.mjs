/** Ends a run of tests for whoever reads it: what failed, and as the last line `N passed, N failed, N skipped`. */
export function printClosingLines({ passed, failed, skipped, failures }) {
  for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
}

/** What came between and kept tests from running, as one failure; `doing` says what was being done. */
export function asFailure(doing, error) {
  return `${doing}\n    ${error instanceof Error ? error.message : String(error)}`;
}
