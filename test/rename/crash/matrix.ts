import { afterAll, describe, it } from "vitest";
import { allCases } from "./cases";
import { Lane, Lanes } from "./lane";
import { singles } from "../switches/combinations";
import { runCase, titleOf, type Case, type Row } from "./run-case";
import { whyNot } from "./troubles";

declare module "vitest" {
  interface TaskMeta {
    /** A line of the table that is printed at the end of the run. */
    crash?: Row;
  }
}

/** A whole name, for the filter of `npm run crash-matrix`. */
const nameOf = (one: Case): string => `${one.scenario} ${one.order} ${titleOf(one)}, ${one.variant}`;

const cases = allCases({ all: process.env.PULUMI_KERIO_CRASH_ALL === "true" });

/** The values of the stand-in's switches that take turns in a pass of `npm run crash-matrix -- --turn`. */
const manners = singles.filter(({ owner }) => owner === "engine" || owner === "host");

/** Plays a case on a server of the standard kind, or on one that behaves otherwise where a turn is asked for. */
async function play(one: Case, lanes: Lanes): Promise<Row> {
  const turn = process.env.PULUMI_KERIO_CRASH_TURN;
  if (turn === undefined) return lanes.use((lane) => runCase(lane, one));
  const at = cases.findIndex((other) => nameOf(other) === nameOf(one));
  const { title, chosen } = manners[(at + Number(turn)) % manners.length] ?? { title: "", chosen: {} };
  const lane = await Lane.open(chosen);
  try {
    await lane.reset();
    return { ...(await runCase(lane, one)), server: title };
  } catch (error) {
    throw new Error(`where ${title}: ${String(error)}`, { cause: error });
  } finally {
    await lane.close();
  }
}

/**
 * Why a case is not begun any more: a run of all tests has an hour, and a slow machine does not come to all of them in
 * its part of it. `npm run crash-matrix` has all the time that it takes.
 */
function tooLate(): string | undefined {
  const until = Number(process.env.PULUMI_KERIO_MATRIX_UNTIL ?? Number.POSITIVE_INFINITY);
  return Date.now() > until ? "this machine is too slow for it in a run of all tests: npm run crash-matrix" : undefined;
}

/** One of `shares` equal parts of the matrix, so that files run side by side take the same time. */
export function crashShare(part: number, shares: number): void {
  const wanted = new RegExp(process.env.PULUMI_KERIO_CRASH_FILTER ?? "", "i");
  const mine = cases.filter((one) => wanted.test(nameOf(one))).filter((_, index) => index % shares === part);
  const lanes = new Lanes();
  afterAll(() => lanes.close(), 120_000);

  describe.concurrent("a rename under fire", () => {
    for (const one of mine) {
      it(nameOf(one), { timeout: 300_000 }, async ({ task, skip }) => {
        const reason = tooLate() ?? ("trouble" in one ? whyNot(one.trouble) : undefined);
        if (reason !== undefined) skip(reason);
        task.meta.crash = await play(one, lanes);
      });
    }
    if (mine.length === 0) it.skip("has no case here that was asked for", () => {});
  });
}
