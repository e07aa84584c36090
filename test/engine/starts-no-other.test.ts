import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { succeeded, type PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { expectNoOrphan, unlock } from "./deaths";
import { plain, program, stackOf, startQuickHost } from "./stage";
import {
  accountOf,
  deliver,
  expectCleanHost,
  expectPerson,
  expectRenamed,
  expectStops,
  mailboxOf,
  type MailboxTruth,
} from "./truth";

let simulator: Simulator;
let project: PulumiProject | undefined;
let stopsBefore: number;

beforeAll(async () => {
  simulator = await startQuickHost();
});

afterEach(async () => {
  await project?.dispose();
  project = undefined;
});

afterAll(() => simulator?.stop());

const people = (first: string, second: string) => `
  new User("first", { domain, name: ${first} });
  new User("second", { domain, name: ${second} });
`;

/** A name that the program learns late, as from another system: once there is a file `go` beside it. */
const late = (name: string) => `new Promise((tell) => {
  const looking = setInterval(() => {
    if (!require("fs").existsSync("go")) return;
    clearInterval(looking);
    tell("${name}");
  }, 50);
})`;

/** A stack with two people, who have mail. */
async function withPeople(first: string, second: string): Promise<[PulumiProject, MailboxTruth, MailboxTruth]> {
  const stack = await stackOf(simulator, people(`"${first}"`, `"${second}"`), { supervisor: 10, request: 90 });
  project = stack;
  succeeded(await stack.up());
  for (const name of [first, second]) await deliver(simulator, name, ["one", "two"]);
  stopsBefore = (await simulator.control.downtimes()).length;
  return [stack, await mailboxOf(simulator, first), await mailboxOf(simulator, second)];
}

test("without its engine a plugin finishes the rename it is in and starts no other; the next update does", async () => {
  const [stack, ofFirst, ofSecond] = await withPeople("jdoe", "asmith");
  await simulator.control.fault("delay", { method: "Users.remove", ms: 60_000 });
  await stack.writeProgram(program(people(`"jsmith"`, late("a.smith"))));
  const running = stack.spawnUp();
  const inSwap = async () => (await accountOf(simulator, "jsmith"))?.enabled;
  await expect.poll(inSwap, { timeout: 120_000, interval: 100, message: running.text() }).toBe(true);
  writeFileSync(join(stack.directory, "go"), "");
  await running.printed(/second\b.* creating/);
  // Told just before it is asked for: the plugin has it in its queue by then.
  await sleep(1000);
  expect(await accountOf(simulator, "jdoe")).toBeDefined();
  running.child.kill("SIGKILL");
  await running.ended;
  await simulator.control.clearFaults();
  await expectNoOrphan(stack);

  await expectRenamed(simulator, "jdoe", "jsmith", ofFirst);
  await expectPerson(simulator, "asmith", ofSecond);
  expect(await accountOf(simulator, "a.smith")).toBeUndefined();
  await expectStops(simulator, 1, stopsBefore);
  const made = (await simulator.control.calls()).filter(({ params }) => JSON.stringify(params).includes('"a.smith"'));
  expect(made.filter(({ method }) => method === "Users.create")).toEqual([]);

  await unlock(stack);
  succeeded(await stack.up());
  await expectRenamed(simulator, "jdoe", "jsmith", ofFirst);
  await expectRenamed(simulator, "asmith", "a.smith", ofSecond);
  await expectStops(simulator, 2, stopsBefore);
  expectCleanHost(simulator);
});

test("with --parallel 1 each rename stops the service: the update says so, and the preview how many it saw", async () => {
  const [stack, ofFirst, ofSecond] = await withPeople("p1", "p2");
  await stack.writeProgram(program(people(`"q1"`, `"q2"`)));
  const preview = succeeded(await stack.preview({ env: { PULUMI_PARALLEL: "1" } }));
  expect(plain(preview.text)).toContain(
    "This update has shown 2 renames so far. The engine begins 1 resources at once",
  );
  const renamed = succeeded(await stack.up({ parallel: 1 }));
  expect(plain(renamed.text)).toMatch(/The mail service is stopped once more: .* PULUMI_PARALLEL \(or --parallel\)/);
  await expectRenamed(simulator, "p1", "q1", ofFirst);
  await expectRenamed(simulator, "p2", "q2", ofSecond);
  await expectStops(simulator, 2, stopsBefore);
});
