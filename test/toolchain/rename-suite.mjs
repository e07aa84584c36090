import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { countedRun } from "./counted-run.mjs";
import { repoRoot } from "./paths.mjs";
import { prepare, runAsCommand } from "./prepare.mjs";

const usage =
  "usage: npm run rename-suite -- [--files FILTER] [NAME=VALUE ...]\n" +
  "       npm run rename-suite -- [--files FILTER] --each\n" +
  "       npm run rename-suite -- [--files FILTER] --otherwise N [NAME=VALUE ...]\n" +
  "  NAME=VALUE     every test of the renames on a stand-in that behaves so, where the test itself does not name a value\n" +
  "  --each         so for each value of each switch, one after the other, which takes many hours\n" +
  "  --otherwise N  the Nth value beside its standard of every switch, all together, as far as one can be renamed then\n" +
  "  --files        a part of the path of those files that are meant; test/rename/ if left out";

/** The list of crash points is that of the standard server; `npm run crash-matrix -- --turn` dies on others. */
const suite = ["--project", "unit", "--maxWorkers", "4", "--exclude", "test/rename/crash/**"];

/** `npm run rename-suite`: all tests of the renames on a mail server that behaves otherwise, and a line for each way. */
await runAsCommand(async () => {
  const { values, positionals } = parseArgs({
    options: {
      each: { type: "boolean", default: false },
      otherwise: { type: "string" },
      files: { type: "string", default: "test/rename/" },
      help: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const isNamed = positionals.length > 0 && positionals.every((one) => /^[^=]+=/.test(one));
  const isNumbered = /^[1-9]$/.test(values.otherwise ?? "");
  const isUsable = values.each ? positionals.length === 0 : isNumbered ? isNamed || positionals.length === 0 : isNamed;
  if (values.help || !isUsable) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 2;
  }
  await prepare({ pulumi: false });
  const results = [];
  for (const laid of await laidOf(values, positionals)) {
    const { code, counts } = await countedRun([...suite, values.files], {
      PULUMI_KERIO_SWITCHES: laid.join(","),
    });
    results.push({ laid, code, counts });
  }
  for (const { laid, counts } of results) {
    process.stdout.write(
      `\n${laid.join(" ")}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
    );
    for (const failure of counts.failures) process.stdout.write(`  failed: ${failure}\n`);
  }
  return results.every(({ code }) => code === 0) ? 0 : 1;
});

/** The values of each run, as `NAME=VALUE`. */
async function laidOf({ each, otherwise }, named) {
  if (!each && otherwise === undefined) return [named];
  const values = pathToFileURL(join(repoRoot, "dist", "test", "rename", "switches", "values.js")).href;
  const { factors, isRefused } = await import(values);
  const own = factors.filter(({ owner }) => owner === "engine" || owner === "host");
  if (each) return own.flatMap(({ name, others }) => others.map((value) => [`${name}=${value}`]));
  const chosen = Object.fromEntries(named.map((one) => one.split("=", 2)));
  for (const { name, others } of own) {
    const value = others[Number(otherwise) - 1];
    if (value !== undefined && !(name in chosen) && !isRefused({ ...chosen, [name]: value })) chosen[name] = value;
  }
  return [Object.entries(chosen).map(([name, value]) => `${name}=${value}`)];
}
