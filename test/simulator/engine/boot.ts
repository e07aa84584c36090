import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";

/** How long an engine has lived, in seconds, that has compiled what most of them need. */
const settledAfter = 3;

/**
 * Starts the engine from its bundle, with the code that an earlier one has compiled. The stand-in's engine is started
 * and stopped all day long, and half the processor time of a short life would be compiling.
 */
function boot(directory: string): void {
  const name = readdirSync(directory).find((file) => /^engine-\w+\.js$/.test(file)) ?? "";
  const filename = join(directory, name);
  const cache = `${filename}.cache`;
  const cachedData = readOrNothing(cache);
  // The bundle is plain ASCII; as such it is read and kept in half the space.
  const script = new Script(Module.wrap(readFileSync(filename, "latin1")), { filename, cachedData });
  if (cachedData === undefined || script.cachedDataRejected === true) {
    process.once("exit", () => {
      if (process.uptime() >= settledAfter) keep(cache, script.createCachedData());
    });
  }
  const run = script.runInThisContext() as (...scope: unknown[]) => void;
  run(module.exports, createRequire(filename), module, filename, directory);
}

function readOrNothing(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Several engines may end at once, and where the package lies nobody may write at all. */
function keep(file: string, data: Buffer): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, data);
    renameSync(draft, file);
  } catch {
    rmSync(draft, { force: true });
  }
}

boot(join(__dirname, "../../../bundle"));
