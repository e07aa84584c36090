import fc from "fast-check";
import { expect, it } from "vitest";
import { startSimulator } from "../helpers/start-simulator";
import { begin } from "./begin";
import { operationNames, operations } from "./operations/all";
import { Stage, type Counts } from "./stage";
import { switchesOf } from "./switches";

/** Longer runs: `npm run model -- --operations 20000`; a failure again: `--seed N --sequences 1`. */
const setting = (name: string, standard: number) => Number(process.env[`KERIO_MODEL_${name}`] ?? standard);
const wanted = setting("OPERATIONS", 1000);
const seed = setting("SEED", Math.floor(Math.random() * 2 ** 30));
const sequences = setting("SEQUENCES", Infinity);
const standIns = Math.min(setting("STAND_INS", 4), sequences);
const shrinks = process.env["KERIO_MODEL_SHRINK"] === "1";
const mostFailures = setting("FAILURES", 3);

it(`at least ${wanted} random operations keep every promise`, { timeout: 24 * 3_600_000 }, async () => {
  const counts: Counts = new Map();
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const total = () => [...counts.values()].reduce((sum, { times }) => sum + times, 0);
  const failures: string[] = [];
  const ran = new Set<string>();
  const missing = () => operationNames.filter((name) => !ran.has(name));
  // Rare operations may take some more sequences than the number alone.
  const isEnough = () => total() >= wanted && (missing().length === 0 || total() > 2 * wanted || wanted < 1000);
  process.stdout.write(`model: the seeds begin at ${seed}\n`);
  let begun = 0;

  const run = async (own: number): Promise<void> => {
    const simulator = await startSimulator({ switches: switchesOf(own) });
    let account = "";
    let plugin: Awaited<ReturnType<Stage["leave"]>>;
    const sequence = fc.commands([operations], { maxCommands: 80, size: "max" });
    const property = fc.asyncProperty(sequence, async (commands) => {
      const stage = await Stage.set(simulator, counts, ran);
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
    try {
      // The open questions about the server are settled by the seed too, so a seed has a stand-in of its own.
      await fc.assert(property, { seed: own, numRuns: sequencesOfSeed, endOnFailure: !shrinks, unbiased: true });
      process.stdout.write(`model: seed ${own} holds; ${total()} operations in ${seconds()} s so far\n`);
    } catch (error) {
      const text = `seed ${own} (again: npm run model -- --seed ${own} --sequences 1): ${describe(error)}\n${account}`;
      failures.push(text);
      process.stdout.write(`model: FAILED with ${text}\n`);
    } finally {
      await plugin?.kill();
      await simulator.stop();
    }
  };
  const worker = async (): Promise<void> => {
    while (!isEnough() && begun < sequences && failures.length < mostFailures) await run(seed + begun++);
  };
  await Promise.all(Array.from({ length: standIns }, worker));

  for (const [kind, { times, milliseconds }] of [...counts].sort())
    process.stdout.write(`model: ${kind}: ${times}, ${Math.round(milliseconds / times)} ms each\n`);
  process.stdout.write(`model: ${total()} operations, ${begun} seeds from ${seed}, ${seconds()} s\n`);
  expect(failures).toEqual([]);
  if (sequences !== Infinity) return;
  expect(total()).toBeGreaterThanOrEqual(wanted);
  if (wanted >= 1000) expect(missing()).toEqual([]);
});

/** Sequences that one stand-in serves, one after the other, each in a domain of its own. */
const sequencesOfSeed = 2;

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.message}\n${error.cause instanceof Error ? error.cause.stack : ""}`;
}
