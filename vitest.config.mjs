import { defineConfig } from "vitest/config";
import LongestFirst from "./test/toolchain/longest-first.mjs";

const engineTests = [
  "test/{engine,examples,package,toolchain-smoke}/**/*.test.ts",
  "test/{examples,package}.test.ts",
  "test/**/*.engine.test.ts",
];

/** What plays many cases at once within one file. */
const busyTests = ["test/model/**/*.test.ts", "test/rename/{crash/share-*,switches/*}.test.ts"];

const shared = {
  pool: "forks",
  environment: "node",
  teardownTimeout: 60_000,
  setupFiles: ["test/helpers/name-running-test.ts"],
  // Reading a file of extra authorities costs each of some ten thousand processes longer than all else of its start;
  // npm alone may need them to reach a registry.
  env: { NODE_EXTRA_CA_CERTS: "", REGISTRY_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS ?? "" },
};

const short = { testTimeout: 90_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    globalSetup: "test/toolchain/vitest-setup.mjs",
    reporters: ["default", "./test/toolchain/crash-reporter.mjs", "./test/toolchain/count-reporter.mjs"],
    // The stand-in servers and the engine need processors too; `npm test` gives each project its own number.
    maxWorkers: 2,
    minWorkers: 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          ...short,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...busyTests, ...engineTests],
          // Groups run one after the other: the engine never takes processor time from tests with short deadlines.
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: "engine",
          include: engineTests,
          testTimeout: 10 * 60_000,
          hookTimeout: 5 * 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          ...short,
          name: "busy",
          include: busyTests,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
