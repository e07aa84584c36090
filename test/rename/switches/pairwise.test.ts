import { beforeAll, describe, expect, it } from "vitest";
import { Lane } from "../crash/lane";
import { combined, commandOf, pairwise, pairwiseTable, valuesOf } from "./combinations";
import { play } from "./play";
import { isRefused, ofStandIn, type Chosen } from "./values";

beforeAll(() =>
  console.log(`a rename under ${pairwise.length} combinations of ${combined.length} switches:\n${pairwiseTable()}`),
);

it("any two values of any two switches are together once, unless a rename is refused under the two", () => {
  const missing = combined.flatMap((one, at) =>
    combined.slice(at + 1).flatMap((other) =>
      valuesOf(one).flatMap((a) =>
        valuesOf(other)
          .map((b): Chosen => ({ [one.name]: a, [other.name]: b }))
          .filter((pair) => !isRefused(pair))
          .filter((pair) => !pairwise.some(({ chosen }) => Object.entries(pair).every(([n, v]) => chosen[n] === v))),
      ),
    ),
  );
  expect(missing).toEqual([]);
  expect(pairwise.filter(({ chosen }) => isRefused(chosen))).toEqual([]);
});

describe.concurrent("a rename on a server that behaves otherwise in several ways at once", () => {
  for (const one of pairwise) {
    it(one.title, { timeout: 240_000 }, async ({ onTestFailed }) => {
      onTestFailed(() => console.log(`${one.title} fails on: ${commandOf(one)}`));
      const lane = await Lane.fresh(ofStandIn(one.chosen));
      try {
        await play(lane, one.chosen, { isWatched: true });
      } finally {
        await lane.close();
      }
    });
  }
});
