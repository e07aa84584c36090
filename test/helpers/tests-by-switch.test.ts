import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { BareEngine } from "../simulator-engine/bare-engine";
import { askedSwitchesOf } from "./asked-switches";
import { flagsFor, testsBySwitch } from "./tests-by-switch";

/** What two processes wrote down, one list of lines each. */
function written(...files: object[][]): string {
  const directory = mkdtempSync(join(tmpdir(), "pulumi-kerio-asked-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  files.forEach((lines, index) =>
    writeFileSync(join(directory, `${index}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join("")),
  );
  return directory;
}

test("what a server asked while a test ran is written down, once, under the name of the test", async () => {
  const directory = written();
  vi.stubEnv("PULUMI_KERIO_ASKED", directory);
  onTestFinished(() => void vi.unstubAllEnvs());
  const bare = new BareEngine();
  onTestFinished(() => bare.remove());
  await bare.user("jdoe");
  await bare.user("asmith");
  const truth = readFileSync(join(bare.engine.programDir, "truth", "switches.jsonl"), "utf8");
  expect(truth.match(/"minimal-create"/g)).toHaveLength(1);

  askedSwitchesOf(bare.engine.programDir, ["id-form"])();
  const met = testsBySwitch(directory, [], { "longest-login-name": 5, "largest-request-bytes": 5 });
  const here = expect.getState().currentTestName;
  expect(met.get("minimal-create")).toEqual(new Map([["test/helpers/tests-by-switch.test.ts", new Set([here])]]));
  expect(met.get("longest-login-name")).toEqual(met.get("minimal-create"));
  // One has a value here, nobody's name has a sign that the other is about, and no request came in.
  const others = ["id-form", "login-name-signs", "largest-request-bytes"];
  expect(others.map((name) => met.has(name))).toEqual([false, false, false]);
  expect(testsBySwitch(directory, [], { "longest-login-name": 6 }).has("longest-login-name")).toBe(false);
});

test("a switch is met by the tests whose server asked for it, unless they name its value", () => {
  const lines = [
    { file: "a.test.ts", test: "one", asked: ["id-form", "deliver-to"], named: ["deliver-to"] },
    { file: "a.test.ts", test: "two", asked: ["id-form"], named: [] },
  ];
  const met = testsBySwitch(written(lines, [{ file: "b.test.ts", test: "three", asked: ["id-form"], named: [] }]), []);
  expect([...met.keys()]).toEqual(["id-form"]);
  expect(met.get("id-form")).toEqual(
    new Map([
      ["a.test.ts", new Set(["one", "two"])],
      ["b.test.ts", new Set(["three"])],
    ]),
  );
});

test("a server of a whole file speaks for each of its tests, and a host is met by whoever has one", () => {
  const lines = [
    { file: "a.test.ts", test: "one" },
    { file: "a.test.ts", test: "two" },
    { file: "a.test.ts", asked: ["id-form"], named: ["restart"] },
    { file: "b.test.ts", test: "without a server" },
  ];
  const met = testsBySwitch(written(lines), ["restart", "ssh-user"]);
  const both = new Map([["a.test.ts", new Set(["one", "two"])]]);
  expect(met).toEqual(
    new Map([
      ["id-form", both],
      ["ssh-user", both],
    ]),
  );
});

test("tests are named so that no other is played", () => {
  const flags = flagsFor(new Map([["a.test.ts", new Set(["moves a/b (twice)", "a|b"])]]));
  expect(flags.slice(0, 2)).toEqual(["a.test.ts", "--testNamePattern"]);
  const pattern = new RegExp(flags[2] ?? "");
  const names = ["moves a/b (twice)", "a|b", "a", "moves a/b (twice) again"];
  expect(names.filter((name) => pattern.test(name))).toEqual(names.slice(0, 2));
});
