import { join } from "node:path";
import { runNode } from "./child.mjs";
import { asFailure, printClosingLines } from "./closing-lines.mjs";
import { prepare, runAsCommand } from "./prepare.mjs";
import { say } from "./say.mjs";

const bin = (...parts) => join("node_modules", ...parts);

const checks = [
  ["format", [bin("prettier", "bin", "prettier.cjs"), "--check", "."]],
  ["lint", [bin("eslint", "bin", "eslint.js"), "."]],
  ["types", [bin("typescript", "bin", "tsc"), "-p", "tsconfig.json", "--noEmit", "--incremental", "false"]],
  ["tests", [join("test", "toolchain", "test.mjs")]],
];

/**
 * `npm run verify`: format, lint, types, tests; every check runs, and the exit code is non-zero when one failed. The last line
 * counts the tests; where nothing can be checked, that is one failure.
 */
await runAsCommand(async () => {
  try {
    await prepare({ build: false, pulumi: false });
  } catch (error) {
    const failures = [asFailure("installing what the checks need, before any test", error)];
    printClosingLines({ passed: 0, failed: 1, skipped: 0, failures });
    return 1;
  }
  const failed = [];
  for (const [name, args] of checks) {
    say(`verify: ${name}`);
    if ((await runNode(args)) !== 0) failed.push(name);
    // The count of the tests stays the last line of the output.
    if (name === "types" && failed.length > 0) say(`verify: failed so far: ${failed.join(", ")}`);
  }
  return failed.length === 0 ? 0 : 1;
});
