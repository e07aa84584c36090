import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { domain, plain, stackOf, startQuickHost, upQuietly } from "./stage";
import { aliasesOf, deliver, expectCleanHost, expectPerson, expectRenamed, expectStops, mailboxOf } from "./truth";

let simulator: Simulator;
let project: PulumiProject | undefined;

beforeAll(async () => {
  simulator = await startQuickHost();
});

afterEach(async () => {
  await project?.dispose();
  project = undefined;
});

afterAll(() => simulator?.stop());

test("aliases follow a rename in the same update, by output, by text, and with dependsOn", async () => {
  const people = (name: string, more = "") => `
    const ada = new User("ada", { domain, name: "${name}" });
    new Alias("by-output", { domain, name: "a.output", deliverTo: ada.address });
    new Alias("by-text", { domain, name: "a.text", deliverTo: "${name}" });
    new Alias("depending", { domain, name: "a.depending", deliverTo: "${name}@" + domain }, { dependsOn: [ada] });
    ${more}
  `;
  project = await stackOf(simulator, people("ada"));
  await upQuietly(project);
  await deliver(simulator, "ada", ["one"]);
  const mailbox = await mailboxOf(simulator, "ada");

  await upQuietly(project, people("adele", 'new Alias("new", { domain, name: "a.new", deliverTo: "adele" });'));
  await expectRenamed(simulator, "ada", "adele", mailbox);
  const target = [`adele@${domain}`];
  expect(await aliasesOf(simulator)).toEqual({
    ada: target,
    "a.output": target,
    "a.text": target,
    "a.depending": target,
    "a.new": target,
  });
  await deliver(simulator, "a.text", ["through an alias"]);
  expect((await mailboxOf(simulator, "adele")).messages).toHaveLength(2);
  await expectStops(simulator, 1);
  expectCleanHost(simulator);
});

test("the alias that a rename leaves is taken over when the program declares it, and stays when the user goes", async () => {
  const people = (name: string, more = "") => `const bea = new User("bea", { domain, name: "${name}" }); ${more}`;
  const alias = 'new Alias("old", { domain, name: "bea", deliverTo: bea.address });';
  project = await stackOf(simulator, people("bea"));
  await upQuietly(project);
  await deliver(simulator, "bea", ["one"]);
  const mailbox = await mailboxOf(simulator, "bea");
  const before = (await simulator.control.downtimes()).length;

  const up = await upQuietly(project, people("beatrice", alias));
  expect(plain(up.text)).toContain("it was taken over");
  await expectRenamed(simulator, "bea", "beatrice", mailbox);
  await expectPerson(simulator, "beatrice", mailbox);
  await expectStops(simulator, 1, before);

  // Without the resource the alias goes: it has become the program's own.
  await upQuietly(project, people("beatrice"));
  expect(await aliasesOf(simulator)).not.toHaveProperty("bea");
});
