import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { stackOf, startQuickHost, upQuietly, upRefused, urnOf } from "./stage";
import {
  accountOf,
  aliasesOf,
  deliver,
  expectCleanHost,
  expectPerson,
  expectRenamed,
  expectStops,
  mailboxOf,
  openSnapshots,
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

function person(name: string, { args = "", opts = "" } = {}): string {
  return `new User("person", { domain, name: "${name}", description: "accounting", ${args} }, { ${opts} });`;
}

/** A stack with one person, who has mail. */
async function withPerson(name: string, how: { args?: string; opts?: string } = {}): Promise<MailboxTruth> {
  project = await stackOf(simulator, person(name, how));
  await upQuietly(project);
  await deliver(simulator, name, ["one", "two"]);
  stopsBefore = (await simulator.control.downtimes()).length;
  return mailboxOf(simulator, name);
}

function stack(): PulumiProject {
  if (!project) throw new Error("no stack");
  return project;
}

/** Nobody has touched the person or the service. */
async function expectUntouched(name: string, newName: string, mailbox: MailboxTruth): Promise<void> {
  await expectPerson(simulator, name, mailbox);
  expect(await accountOf(simulator, newName)).toBeUndefined();
  await expectStops(simulator, 0, stopsBefore);
}

describe("deleteBeforeReplace", () => {
  test("with a changed name is refused before anything is touched; without the option the rename is done", async () => {
    const mailbox = await withPerson("ada", { opts: "deleteBeforeReplace: true" });
    const text = await upRefused(stack(), person("ada.new", { opts: "deleteBeforeReplace: true" }));
    expect(text).toContain("[DELETE_REFUSED]");
    expect(text).toContain("deleteBeforeReplace");
    await expectUntouched("ada", "ada.new", mailbox);

    await upQuietly(stack(), person("ada.new"));
    await expectRenamed(simulator, "ada", "ada.new", mailbox);
    await expectStops(simulator, 1, stopsBefore);
    expectCleanHost(simulator);
  });

  test("with a forced replacement of the same name leaves the account alone", async () => {
    const how = { opts: "deleteBeforeReplace: true" };
    const mailbox = await withPerson("ben", how);
    await upRefused(stack(), person("ben", how), { flags: ["--replace", urnOf("person")] });
    await expectUntouched("ben", "ben.new", mailbox);
    // The engine has forgotten the account meanwhile; taking it over brings it back.
    await upQuietly(stack(), person("ben", { args: "adopt: true" }));
    await expectUntouched("ben", "ben.new", mailbox);
  });
});

describe("retainOnDelete", () => {
  test("with a changed name does not hinder the rename", async () => {
    const mailbox = await withPerson("cyd", { opts: "retainOnDelete: true" });
    await upQuietly(stack(), person("cyd.new", { opts: "retainOnDelete: true" }));
    await expectRenamed(simulator, "cyd", "cyd.new", mailbox);
    await expectStops(simulator, 1, stopsBefore);
    expect(openSnapshots(simulator)).toBe(1);

    // Nothing tells the provider that the engine has heard the result, until a refresh or another rename of the account.
    await upQuietly(stack(), person("cyd.newest", { opts: "retainOnDelete: true" }));
    await expectRenamed(simulator, "cyd.new", "cyd.newest", mailbox);
    expect((await aliasesOf(simulator))["cyd"]).toEqual(["cyd.newest@example.com"]);
    expect(openSnapshots(simulator)).toBe(1);
  });

  test("keeps the account of a resource that has gone from the program", async () => {
    const mailbox = await withPerson("dee", { opts: "retainOnDelete: true" });
    await upQuietly(stack(), "");
    await expectUntouched("dee", "dee.new", mailbox);
  });
});

describe("without a changed name", () => {
  test.each(["retainOnDelete: true", "protect: true", 'ignoreChanges: ["name"]'])(
    "%s lets other changes arrive and touches neither account nor service",
    async (opts) => {
      const name = `gus.${opts.slice(0, 3).toLowerCase()}`;
      const mailbox = await withPerson(name, { opts });
      await upQuietly(stack(), person(name, { opts, args: 'fullName: "Gus"' }));
      await expectUntouched(name, `${name}.new`, mailbox);
      expect(await accountOf(simulator, name)).toMatchObject({ fullName: "Gus" });
    },
  );
});

describe("protect", () => {
  test("blocks the rename and the removal; nothing is touched", async () => {
    const mailbox = await withPerson("eva", { opts: "protect: true" });
    expect(await upRefused(stack(), person("eva.new", { opts: "protect: true" }))).toMatch(/protect(ed|ion)/);
    await expectUntouched("eva", "eva.new", mailbox);
    expect(await upRefused(stack(), "")).toMatch(/protect(ed|ion)/);
    await expectUntouched("eva", "eva.new", mailbox);
  });
});

describe("ignoreChanges of the name", () => {
  test("keeps the name, and other changes arrive", async () => {
    const mailbox = await withPerson("flo", { opts: 'ignoreChanges: ["name"]' });
    await upQuietly(stack(), person("flo.new", { opts: 'ignoreChanges: ["name"]', args: 'fullName: "Flo"' }));
    await expectUntouched("flo", "flo.new", mailbox);
    expect(await accountOf(simulator, "flo")).toMatchObject({ fullName: "Flo" });
  });
});
