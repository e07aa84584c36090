import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { program, stackOf, startQuickHost, upQuietly, upRefused, urnOf } from "./stage";
import {
  accountOf,
  deliver,
  expectCleanHost,
  expectPerson,
  expectRenamed,
  expectStops,
  mailboxOf,
  removeByHand,
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

const person = (name: string, more = "") => `new User("person", { domain, name: "${name}", ${more} });`;

function stack(): PulumiProject {
  if (!project) throw new Error("no stack");
  return project;
}

/** A stack with one person, who has mail. */
async function withPerson(name: string): Promise<MailboxTruth> {
  project = await stackOf(simulator, person(name));
  await upQuietly(project);
  await deliver(simulator, name, ["one", "two"]);
  stopsBefore = (await simulator.control.downtimes()).length;
  return mailboxOf(simulator, name);
}

/** Ways to make the engine replace a resource without asking `diff`; each gives the flags for `up`. */
const forced = {
  "--replace": () => Promise.resolve(["--replace", urnOf("person")]),
  "--target-replace": () => Promise.resolve(["--target-replace", urnOf("person")]),
  "state taint": async () => {
    const tainted = await stack().pulumi(["state", "taint", "--yes", urnOf("person")]);
    expect(tainted.code, tainted.text).toBe(0);
    return [];
  },
};

describe.each([
  ["--replace", "gus"],
  ["--target-replace", "hal"],
  ["state taint", "ivy"],
] as const)("%s", (way, name) => {
  test("without a changed name is refused, and with adopt it keeps the account", async () => {
    const mailbox = await withPerson(name);
    const id = (await accountOf(simulator, name))?.id;
    const text = await upRefused(stack(), undefined, { flags: await forced[way]() });
    expect(text).toContain("[ALREADY_EXISTS]");
    expect(text).toContain("adopt: true");
    await expectPerson(simulator, name, mailbox);

    await upQuietly(stack(), person(name, "adopt: true"), { flags: await forced[way]() });
    expect((await accountOf(simulator, name))?.id).toBe(id);
    await expectPerson(simulator, name, mailbox);
    await expectStops(simulator, 0, stopsBefore);
  });

  test("with a changed name removes nobody, and says how to make it a rename", async () => {
    const [from, to] = [`${name}.one`, `${name}.two`];
    const mailbox = await withPerson(from);
    const text = await upRefused(stack(), person(to), { flags: await forced[way]() });
    expect(text).toContain("[DELETE_REFUSED]");
    expect(text).toContain(`write renamedFrom: "${from}"`);
    await expectPerson(simulator, from, mailbox);
    await expectStops(simulator, 0, stopsBefore);

    // The way out, as the error describes it; it is the same whatever has led here.
    if (way !== "--replace") return;
    await removeByHand(simulator, to);
    await stack().writeProgram(program(person(to, `renamedFrom: "${from}"`)));
    const refreshed = await stack().refresh();
    expect(refreshed.code, refreshed.text).toBe(0);
    await upQuietly(stack());
    await expectRenamed(simulator, from, to, mailbox);
    await expectStops(simulator, 1, stopsBefore);
    expectCleanHost(simulator);
  });
});
