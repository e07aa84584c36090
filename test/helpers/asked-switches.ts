import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A test, as `vitest --testNamePattern` sees it. */
export interface RunningTest {
  /** Relative to the repository. */
  file: string;
  /** The whole name; missing outside of any test, where what is started serves all tests of the file. */
  test?: string;
}

/** A line of JSON in `$PULUMI_KERIO_ASKED/<pid>.jsonl`: a test that ran, or one stand-in of it. */
export interface AskedSwitches extends RunningTest {
  /** The engine's switches that its behaviour hung on; missing where the line is that of a test. */
  asked?: string[];
  /** The largest figure that was held against the number of a switch, by its name. */
  figures?: Record<string, number>;
  /** The switches that the test itself gives a value. */
  named?: string[];
}

/**
 * Remembers which test is running, for {@link askedSwitchesOf}. Whoever starts a stand-in may be a helper that knows
 * nothing of the test it serves.
 */
export function nameRunningTest(running: RunningTest): void {
  process.env.PULUMI_KERIO_TEST = JSON.stringify(running);
  if (running.test !== undefined) write(running);
}

/**
 * Writes down which switches of the engine the server's behaviour hung on while a test ran: a value of any other makes
 * no difference to it. Nothing is written unless `npm run rename-suite -- --each` asks for it.
 *
 * @param state - The stand-in's state directory; what it asked is read from its truth, which a kill does not lose.
 * @param named - The switches that the test itself gives a value.
 */
export function askedSwitchesOf(state: string, named: readonly string[]): () => void {
  const running = process.env.PULUMI_KERIO_TEST;
  if (running === undefined) return () => undefined;
  return () => {
    const file = join(state, "truth", "switches.jsonl");
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
    const notes = lines.map((line) => JSON.parse(line) as { name: string; figure?: number });
    const asked = new Set(notes.filter(({ figure }) => figure === undefined).map(({ name }) => name));
    const figures: Record<string, number> = {};
    for (const { name, figure = 0 } of notes) if (figure > (figures[name] ?? 0)) figures[name] = figure;
    write({ ...(JSON.parse(running) as RunningTest), asked: [...asked], figures, named: [...named] });
  };
}

function write(line: AskedSwitches): void {
  const directory = process.env.PULUMI_KERIO_ASKED;
  if (directory === undefined) return;
  appendFileSync(join(directory, `${process.pid}.jsonl`), `${JSON.stringify(line)}\n`);
}
