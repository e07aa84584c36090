import { afterAll, beforeAll, describe, it } from "vitest";
import { Lane, Lanes } from "../crash/lane";
import { singles } from "./combinations";
import { expectRefusal, expectRollBack, play } from "./play";
import { factors, refusals, rollBacks, type Chosen } from "./values";

const lanes = new Lanes();
beforeAll(() =>
  console.log(
    `a rename under each value of each switch:\n${[...singles, ...refused, ...takenBack].map(lineOf).join("\n")}`,
  ),
);
afterAll(() => lanes.close(), 120_000);

const titled = (each: (typeof refusals)[number]) => ({ title: titleOf(each.switches), ...each });
const refused = refusals.map(titled);
const takenBack = rollBacks.map(titled);

describe.concurrent("a rename on a server that behaves otherwise where nothing is documented", () => {
  for (const { title, chosen, owner } of singles) {
    it(title, { timeout: 240_000 }, () =>
      owner === "host" ? onHostWith(chosen, play) : lanes.use((lane) => switched(lane, chosen, play)),
    );
  }
});

describe.concurrent("a rename is refused before anything is touched where", () => {
  for (const { title, switches, says } of refused) {
    it(title, { timeout: 240_000 }, () => onHostWith(switches, (lane) => expectRefusal(lane, says)));
  }
});

describe.concurrent("a rename is taken back where", () => {
  for (const { title, switches, says } of takenBack) {
    it(title, { timeout: 240_000 }, () => onHostWith(switches, (lane) => expectRollBack(lane, says)));
  }
});

/** An engine's switches are changed while it runs, and again when the host goes back to the others. */
async function switched(lane: Lane, chosen: Chosen, act: (lane: Lane, chosen: Chosen) => Promise<void>): Promise<void> {
  const mine = factors.filter(({ name, owner }) => owner === "engine" && name in chosen);
  for (const { name } of mine) await lane.simulator.control.setSwitch(name, chosen[name] ?? "");
  await act(lane, chosen);
  for (const { name, standard } of mine) await lane.simulator.control.setSwitch(name, standard);
}

async function onHostWith(chosen: Chosen, act: (lane: Lane, chosen: Chosen) => Promise<void>): Promise<void> {
  const lane = await Lane.fresh(chosen);
  try {
    await act(lane, chosen);
  } finally {
    await lane.close();
  }
}

function titleOf(switches: Chosen): string {
  return Object.entries(switches)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

function lineOf({ title, says }: { title: string; says?: RegExp }): string {
  return says ? `  ${title}: refused or taken back` : `  ${title}`;
}
