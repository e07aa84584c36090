import { randomInt } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runNode } from "./child.mjs";
import { prepare, runAsCommand } from "./prepare.mjs";

const usage =
  "usage: npm run model -- [--operations 1000] [--seed N] [--sequences N] [--stand-ins 4] [--shrink]\n" +
  "  --seed N --sequences 1  the sequence of a failure again\n" +
  "  --shrink                look for the shortest sequence that fails, which takes its time";

/** `npm run model`: random operations on a stack and its mail server, as many and from what seed one likes. */
await runAsCommand(async () => {
  const number = { type: "string" };
  const options = { operations: number, seed: number, sequences: number, "stand-ins": number };
  const { values } = parseArgs({ options: { ...options, shrink: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help) return void process.stdout.write(`${usage}\n`);
  const env = { KERIO_MODEL_SEED: String(randomInt(2 ** 30)), ...(values.shrink && { KERIO_MODEL_SHRINK: "1" }) };
  for (const name of Object.keys(options)) {
    const value = values[name];
    if (value === undefined) continue;
    if (!/^\d+$/.test(value)) throw new Error(`--${name}: "${value}" is not a whole number\n${usage}`);
    env[`KERIO_MODEL_${name.toUpperCase().replaceAll("-", "_")}`] = value;
  }
  await prepare({ pulumi: false });
  return runNode([join("node_modules", "vitest", "vitest.mjs"), "run", "test/model"], env);
});
