import { writeFileSync } from "node:fs";
import { relative } from "node:path";

/**
 * Vitest reporter that counts what really ran, prints the reason of every skip, and writes
 * `{passed, failed, skipped}` to the file named by PULUMI_KERIO_TEST_COUNTS, for the last line of `npm test`.
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
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      const brokenSuites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
      counts.failed += brokenSuites.length + module.errors().length;
      for (const test of tests) {
        const result = test.result();
        if (result.state === "passed") counts.passed++;
        else if (result.state === "skipped") {
          counts.skipped++;
          reasons.push(`${relative(this.root, module.moduleId)} > ${test.fullName}: ${this.reasonOf(test, result)}`);
        } else counts.failed++;
        if (result.state === "pending") process.stdout.write(`never ended: ${test.fullName}\n`);
      }
      if (tests.length === 0 && module.errors().length === 0 && module.state() !== "skipped") counts.failed++;
    }
    if (this.pattern === undefined) for (const reason of reasons) process.stdout.write(`skipped: ${reason}\n`);
    else process.stdout.write(`skipped: ${counts.skipped}, most of them not selected by ${this.pattern}\n`);
    const file = process.env.PULUMI_KERIO_TEST_COUNTS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }

  reasonOf(test, result) {
    return result.note ?? (test.options.mode === "todo" ? "not written yet" : "marked as skipped, without a reason");
  }
}
