import { join } from "node:path";
import { parseArgs } from "node:util";
import { runNode } from "./child.mjs";
import { prepare, runAsCommand } from "./prepare.mjs";

const usage =
  "usage: npm run crash-matrix [-- [--all] [--variant up|recover|nothing] [--turn N] [FILTER]]   FILTER is a regular expression; " +
  "--all plays every point of every scenario in every variant instead of the sample that the tests play, for more than an hour; " +
  "--turn plays each death on a server that behaves otherwise in one way: the ways take turns, from the Nth on";

/** `npm run crash-matrix`: every death of a rename, or those that a filter names, and nothing but their table. */
await runAsCommand(async () => {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    options: {
      all: { type: "boolean", default: false },
      variant: { type: "string" },
      turn: { type: "string" },
      help: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  if (values.help || positionals.length > 1 || !/^\d*$/.test(values.turn ?? "0")) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 2;
  }
  await prepare();
  const filter = `${positionals[0] ?? ""}.*, ${values.variant ?? ".*"}$`;
  const vitest = join("node_modules", "vitest", "vitest.mjs");
  const reporter = "--reporter=./test/toolchain/crash-reporter.mjs";
  return runNode([vitest, "run", "--project", "busy", reporter, "test/rename/crash/share-"], {
    CI: "true",
    PULUMI_KERIO_CRASH_FILTER: filter,
    ...(values.all && { PULUMI_KERIO_CRASH_ALL: "true" }),
    ...(values.turn && { PULUMI_KERIO_CRASH_TURN: values.turn }),
  });
});
