import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { startSimulator } from "../helpers/start-simulator";
import { begin } from "./begin";
import { expected, operations } from "./operations/all";
import { Stage } from "./stage";
import { switchesOf } from "./switches";
import { Tally } from "./tally";

/**
 * A test run plays the same sequences every time, so that it fails for what has changed; `npm run model` plays new ones.
 * Longer runs: `-- --operations 20000`; a failure again: `-- --seed N --sequences 1`.
 */
const setting = (name: string, standard: number) => Number(process.env[`KERIO_MODEL_${name}`] ?? standard);
const enough = 1000;
const wanted = setting("OPERATIONS", enough);
const seed = setting("SEED", 7000);
const sequences = setting("SEQUENCES", Infinity);
const standIns = Math.min(setting("STAND_INS", 4), sequences);
const shrinks = process.env["KERIO_MODEL_SHRINK"] === "1";
const mostFailures = setting("FAILURES", 3);

/** Sequences that one stand-in serves, one after the other, each in a domain of its own. */
const sequencesOfSeed = 2;
const longest = 80;

it(`at least ${wanted} random operations keep every promise`, { timeout: 24 * 3_600_000 }, async () => {
  const tally = new Tally();
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const failures: string[] = [];
  const missing = () => (wanted < enough ? [] : tally.missing(expected));
  say(`the seeds begin at ${seed}`);
  let begun = 0;
  /** Operations that the seeds which have begun will come to, as far as their length is known. */
  const plans = new Map<number, number>();
  const underWay = new Set<number>();

  const run = async (own: number): Promise<void> => {
    const simulator = await startSimulator({ switches: switchesOf(own) });
    const drawn: string[] = [];
    let account = "";
    let plugin: Awaited<ReturnType<Stage["leave"]>>;
    const sequence = fc.commands([operations], { maxCommands: longest, size: "max" });
    const property = fc.asyncProperty(sequence, async (commands) => {
      const all = [...commands].map(String);
      plans.set(own, (plans.get(own) ?? 0) + all.length - longest / 2);
      drawn.push(`${all.length} ${createHash("sha256").update(all.join("\n")).digest("hex").slice(0, 8)}`);
      const stage = await Stage.set(simulator, `d${drawn.length}.example.com`, tally);
      stage.use(plugin);
      try {
        await begin(stage);
        await fc.asyncModelRun(() => ({ model: stage.world, real: stage }), commands);
      } catch (error) {
        account = stage.account();
        throw error;
      } finally {
        plugin = await stage.leave();
      }
    });
    const which = () => `seed ${own} (drawn ${drawn.join(", ")})`;
    try {
      // The open questions about the server are settled by the seed too, so a seed has a stand-in of its own.
      await fc.assert(property, { seed: own, numRuns: sequencesOfSeed, endOnFailure: !shrinks, unbiased: true });
      say(`${which()} holds; ${tally.total} operations in ${seconds()} s so far`);
    } catch (error) {
      const text = `${which()}; again: npm run model -- --seed ${own} --sequences 1: ${describe(error)}\n${account}`;
      failures.push(text);
      say(`FAILED with ${text}`);
    } finally {
      await plugin?.kill();
      await simulator.stop();
    }
  };
  const isWanted = (): boolean => {
    if (begun >= sequences || failures.length >= mostFailures) return false;
    const planned = [...plans.values()].reduce((sum, one) => sum + one, 0);
    if (planned < wanted) return true;
    // The last one looks whether it has come true; rare operations may take some more sequences than the number alone.
    return underWay.size === 0 && (tally.total < wanted || (missing().length > 0 && tally.total < 2 * wanted));
  };
  const lane = async (): Promise<void> => {
    while (isWanted()) {
      const own = seed + begun++;
      plans.set(own, (sequencesOfSeed * longest) / 2);
      underWay.add(own);
      await run(own);
      underWay.delete(own);
    }
  };
  await Promise.all(Array.from({ length: standIns }, lane));

  for (const line of tally.lines()) say(line);
  say(`${begun} seeds from ${seed} on, ${seconds()} s; again: npm run model -- --seed ${seed}`);
  expect(failures).toEqual([]);
  if (sequences !== Infinity) return;
  expect(tally.total).toBeGreaterThanOrEqual(wanted);
  expect(missing()).toEqual([]);
});

function say(text: string): void {
  process.stdout.write(`model: ${text}\n`);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.message}\n${error.cause instanceof Error ? error.cause.stack : ""}`;
}
