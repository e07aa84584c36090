import { renameSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

/**
 * Vitest reporter that counts what really ran, prints the reason of every skip, and writes
 * `{passed, failed, skipped, failures}` to the file named by PULUMI_KERIO_TEST_COUNTS, for the last lines of `npm test`;
 * a failure is the name of a test and the beginning of its error.
 *
 * A file that could not be loaded, an error outside of any test and a test that was selected but never came to an end
 * count as failed: none of them may look like a success.
 */
export default class CountReporter {
  onInit(vitest) {
    this.root = vitest.config.root;
    this.pattern = vitest.config.testNamePattern;
  }

  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const reasons = [];
    const failures = unhandledErrors.map((error) => failureOf("outside of any test", [error]));
    for (const module of modules) {
      const file = relative(this.root, module.moduleId);
      const tests = [...module.children.allTests()];
      const brokenSuites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
      counts.failed += brokenSuites.length + module.errors().length;
      for (const suite of brokenSuites) failures.push(failureOf(`${file} > ${suite.fullName}`, suite.errors()));
      if (module.errors().length > 0) failures.push(failureOf(file, module.errors()));
      for (const test of tests) {
        const result = test.result();
        if (result.state === "passed") counts.passed++;
        else if (result.state === "skipped") {
          counts.skipped++;
          reasons.push(`${file} > ${test.fullName}: ${this.reasonOf(test, result)}`);
        } else {
          counts.failed++;
          failures.push(failureOf(`${file} > ${test.fullName}`, result.errors ?? [{ message: "never ended" }]));
        }
      }
      if (tests.length === 0 && module.errors().length === 0 && module.state() !== "skipped") {
        counts.failed++;
        failures.push(failureOf(file, [{ message: "no test in it" }]));
      }
    }
    if (this.pattern === undefined) for (const reason of reasons) process.stdout.write(`skipped: ${reason}\n`);
    else process.stdout.write(`skipped: ${counts.skipped}, most of them not selected by ${this.pattern}\n`);
    const countsFile = process.env.PULUMI_KERIO_TEST_COUNTS;
    if (countsFile === undefined) return;
    // Whoever reads it after a sudden death finds all or nothing.
    writeFileSync(`${countsFile}.tmp`, JSON.stringify({ ...counts, failures }));
    renameSync(`${countsFile}.tmp`, countsFile);
  }

  reasonOf(test, result) {
    return result.note ?? (test.options.mode === "todo" ? "not written yet" : "marked as skipped, without a reason");
  }
}

/** Long enough to tell a difference, short enough that many fit on a screen. */
const lines = 6;

function failureOf(name, errors) {
  const message = errors.map((error) => stripVTControlCharacters(String(error.message ?? error))).join("\n");
  return `${name}\n${message.split("\n").slice(0, lines).join("\n").replace(/^/gm, "    ")}`;
}
