import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AskedSwitches } from "./asked-switches";

/** Whole names of tests by the file they are in. */
export type TestsOfFiles = Map<string, Set<string>>;

/**
 * Which tests met which switch, by the switch's name, from what {@link AskedSwitches} has been written into a directory.
 * A stand-in that serves a whole file speaks for each test of it.
 *
 * @param ofHost - The host's switches, which are met wherever there is a stand-in.
 * @param least - The least number that a numeric switch is given, by its name: it is met by figures beyond that.
 */
export function testsBySwitch(
  directory: string,
  ofHost: readonly string[],
  least: Readonly<Record<string, number>> = {},
): Map<string, TestsOfFiles> {
  const lines = readdirSync(directory).flatMap((file) => linesOf(join(directory, file)));
  const testsOf: TestsOfFiles = new Map();
  for (const { file, test } of lines) if (test !== undefined) testsIn(testsOf, file).add(test);
  const met = new Map<string, TestsOfFiles>();
  for (const { file, test, asked, figures = {}, named = [] } of lines) {
    if (asked === undefined) continue;
    const beyond = Object.keys(figures).filter((each) => Number(figures[each]) > Number(least[each]));
    const names = new Set([...asked, ...beyond, ...ofHost]);
    for (const name of [...names].filter((each) => !named.includes(each))) {
      const files = met.get(name) ?? new Map<string, Set<string>>();
      const tests = testsIn(files, file);
      for (const each of test === undefined ? testsIn(testsOf, file) : [test]) tests.add(each);
      met.set(name, files);
    }
  }
  return met;
}

/** Flags of vitest that play these tests and no others. */
export function flagsFor(files: TestsOfFiles): string[] {
  const names = new Set([...files.values()].flatMap((tests) => [...tests]));
  const pattern = [...names].map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|");
  return [...files.keys(), "--testNamePattern", `^(?:${pattern})$`];
}

function linesOf(file: string): AskedSwitches[] {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as AskedSwitches);
}

function testsIn(files: TestsOfFiles, file: string): Set<string> {
  const tests = files.get(file) ?? new Set<string>();
  files.set(file, tests);
  return tests;
}
