import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { stackOf, startQuickHost, upQuietly } from "./stage";
import { deliver, expectCleanHost, expectRenamed, expectStops, mailboxOf, servicesOf } from "./truth";

let project: PulumiProject | undefined;
let simulator: Simulator;

afterEach(async () => {
  await project?.dispose();
  project = undefined;
});

describe("a server whose licence is full", () => {
  beforeAll(async () => {
    simulator = await startQuickHost({ "licence-seats": "2" });
  });

  afterAll(() => simulator?.stop());

  test.each(["accountFirst", "article"])("a rename in the order %s needs no further seat", async (order) => {
    const [from, to] = order === "article" ? ["ada", "adele"] : ["bea", "beatrice"];
    const people = (name: string) => `
      new User("person", { domain, name: "${name}", onDelete: "deleteMail" });
      new User("other", { domain, name: "other", onDelete: "deleteMail" });
    `;
    project = await stackOf(simulator, people(from), { config: { "kerio:renameOrder": order } });
    await upQuietly(project);
    await deliver(simulator, from, ["one", "two"]);
    const mailbox = await mailboxOf(simulator, from);
    const services = await servicesOf(simulator);
    const before = (await simulator.control.downtimes()).length;
    await upQuietly(project, people(to));
    await expectRenamed(simulator, from, to, mailbox);
    expect(await servicesOf(simulator)).toEqual(services);
    await expectStops(simulator, 1, before);
    expectCleanHost(simulator);
    const destroyed = await project.destroy();
    expect(destroyed.code, destroyed.text).toBe(0);
  });
});

describe("many renames in one update", () => {
  const names = Array.from({ length: 12 }, (_, index) => `p${index}`);

  beforeAll(async () => {
    simulator = await startQuickHost();
  });

  afterAll(() => simulator?.stop());

  test("share one stop of the service when the engine lets them all begin", async () => {
    const people = (suffix: string) => `
      for (const name of ${JSON.stringify(names)}) new User(name, { domain, name: name + "${suffix}" });
    `;
    project = await stackOf(simulator, people(""));
    await upQuietly(project);
    for (const name of names) await deliver(simulator, name, [`for ${name}`]);
    const mailboxes = await Promise.all(names.map((name) => mailboxOf(simulator, name)));
    const services = await servicesOf(simulator);

    await upQuietly(project, people(".new"), { env: { PULUMI_PARALLEL: "100" } });
    for (const [index, mailbox] of mailboxes.entries()) {
      await expectRenamed(simulator, `p${index}`, `p${index}.new`, mailbox);
    }
    expect(await servicesOf(simulator)).toEqual(services);
    await expectStops(simulator, 1);
    expectCleanHost(simulator);
  });
});
