import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { countedRun } from "./counted-run.mjs";
import { filesBelow } from "./files-below.mjs";
import { repoRoot } from "./paths.mjs";
import { prepare, runAsCommand } from "./prepare.mjs";

const usage =
  "usage: npm run rename-suite -- [--files FILTER] [NAME=VALUE ...]\n" +
  "       npm run rename-suite -- [--files FILTER] --each [--met DIRECTORY] [NAME ...]\n" +
  "       npm run rename-suite -- [--files FILTER] --otherwise N [NAME=VALUE ...]\n" +
  "  NAME=VALUE     every test of the renames on a stand-in that behaves so, where the test itself does not name a value\n" +
  "  --each         so for each value of each switch, or of those named, one after the other, which takes hours: first\n" +
  "                 all tests on the standard, then for each value those in which the server's behaviour hung on it\n" +
  "  --met          keeps in this directory which tests met which switch; where one is there already, the standard is not\n" +
  "                 played again: for a run in pieces\n" +
  "  --otherwise N  the Nth value beside its standard of every switch, all together, as far as one can be renamed then\n" +
  "  --files        a part of the path of those files that are meant; test/rename/ if left out";

const suite = ["--project", "unit", "--maxWorkers", "4"];

/** The list of crash points is that of the standard server; `npm run crash-matrix -- --turn` dies on others. */
function filesWith(part) {
  const all = filesBelow(join(repoRoot, "test", "rename"), ".test.ts").map((file) => relative(repoRoot, file));
  const files = all.filter((file) => !/\/(crash|switches)\//.test(file) && file.includes(part));
  if (files.length === 0) throw new Error(`no test of the renames has "${part}" in its path`);
  return files;
}

/** `npm run rename-suite`: all tests of the renames on a mail server that behaves otherwise, and a line for each way. */
await runAsCommand(async () => {
  const { values, positionals } = parseArgs({
    options: {
      each: { type: "boolean", default: false },
      otherwise: { type: "string" },
      files: { type: "string", default: "test/rename/" },
      met: { type: "string" },
      help: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const areValues = positionals.every((one) => /^[^=]+=/.test(one));
  const isNumbered = /^[1-9]$/.test(values.otherwise ?? "");
  const isUsable = values.each
    ? values.otherwise === undefined && positionals.every((one) => !one.includes("="))
    : values.met === undefined &&
      areValues &&
      (isNumbered || (values.otherwise === undefined && positionals.length > 0));
  if (values.help || !isUsable) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 2;
  }
  await prepare({ pulumi: false });
  const built = (name) => import(pathToFileURL(join(repoRoot, "dist", "test", `${name}.js`)).href);
  const switches = await built("rename/switches/values");
  if (values.each) return playEach({ ...switches, ...(await built("helpers/tests-by-switch")) }, values, positionals);
  const laid = values.otherwise === undefined ? positionals : together(switches, Number(values.otherwise), positionals);
  return told([{ laid, ...(await play(filesWith(values.files), laid)) }]);
});

/** One run with these values laid under every stand-in. */
function play(flags, laid, env = {}) {
  return countedRun([...suite, ...flags], { PULUMI_KERIO_SWITCHES: laid.join(","), ...env });
}

/** First the standard, which tells which tests meet which switch; then each value by itself. */
async function playEach({ factors, alone, isRefused, testsBySwitch, flagsFor }, { files, met: kept }, chosen) {
  const own = factors.filter(({ owner }) => owner === "engine" || owner === "host");
  const unknown = chosen.find((name) => !own.some((each) => each.name === name));
  if (unknown !== undefined) throw new Error(`no rename is played under a switch "${unknown}"`);
  const scratch = mkdtempSync(join(tmpdir(), "pulumi-kerio-met-"));
  const directory = resolve(kept ?? join(scratch, "met"));
  const results = [];
  try {
    if (!existsSync(directory)) {
      const begun = `${directory}.begun`;
      rmSync(begun, { recursive: true, force: true });
      mkdirSync(begun, { recursive: true });
      results.push({ laid: ["the standard"], ...(await play(filesWith(files), [], { PULUMI_KERIO_ASKED: begun })) });
      // What an interrupted or failed run has met is not all that its tests meet.
      if (results.some(({ code }) => code !== 0)) return told(results);
      renameSync(begun, directory);
    }
    const ofHost = own.filter(({ owner }) => owner === "host").map(({ name }) => name);
    const least = own.map(({ name, standard, others }) => [name, Math.min(...[standard, ...others].map(Number))]);
    const met = testsBySwitch(directory, ofHost, Object.fromEntries(least));
    for (const { name, others } of own.filter((each) => chosen.length === 0 || chosen.includes(each.name))) {
      for (const value of others.map((each) => alone(name, each)).filter((each) => !isRefused(each))) {
        const laid = Object.entries(value).map((each) => each.join("="));
        results.push({ laid, ...(await playMet(met.get(name), laid, flagsFor)) });
        told(results.slice(-1));
      }
    }
    return told(results);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function playMet(files, laid, flagsFor) {
  if (files === undefined) return { code: 0, counts: { passed: 0, failed: 0, failures: [] } };
  const { code, counts } = await play(flagsFor(files), laid);
  const wanted = [...files.values()].reduce((sum, tests) => sum + tests.size, 0);
  const isWhole = counts.passed + counts.failed >= wanted;
  const failures = isWhole ? counts.failures : [...counts.failures, `only a part of ${wanted} tests was played`];
  return { code: isWhole ? code : 1, counts: { ...counts, failures } };
}

/** The Nth other value of each switch, as `NAME=VALUE`, as far as they go together. */
function together({ factors, isRefused }, number, named) {
  const chosen = Object.fromEntries(named.map((one) => one.split("=", 2)));
  for (const { name, owner, others } of factors) {
    if (owner !== "engine" && owner !== "host") continue;
    const value = others[number - 1];
    if (value !== undefined && !(name in chosen) && !isRefused({ ...chosen, [name]: value })) chosen[name] = value;
  }
  return Object.entries(chosen).map((each) => each.join("="));
}

/** Prints a line for each run and its failures; 0 when there are none. */
function told(results) {
  for (const { laid, counts } of results) {
    process.stdout.write(`\n${laid.join(" ")}: ${counts.passed} passed, ${counts.failed} failed\n`);
    for (const failure of counts.failures) process.stdout.write(`  failed: ${failure}\n`);
  }
  return results.every(({ code }) => code === 0) ? 0 : 1;
}
