import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { domain, plain, previewRefused, program, stackOf, startQuickHost, upQuietly, upRefused } from "./stage";
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

test("an alias that a renamed user waits for keeps its target until it may follow, and no mail comes back", async () => {
  const people = (name: string, options: string) => `
    const alias = new Alias("cover", { domain, name: "c.cover", deliverTo: "${name}" });
    new User("cay", { domain, name: "${name}" }${options});
  `;
  project = await stackOf(simulator, people("cay", ""));
  await upQuietly(project);
  const before = (await simulator.control.downtimes()).length;
  const text = await upRefused(project, people("caya", ", { dependsOn: [alias] }"));
  expect(text).toContain("nobody on the server bears that address");
  expect(text).toContain("Let the alias depend on the user");
  expect((await aliasesOf(simulator))["c.cover"]).toEqual([`cay@${domain}`]);
  await deliver(simulator, "c.cover", ["while the program is wrong"]);
  await expectStops(simulator, 0, before);

  await upQuietly(project, people("caya", ""));
  expect((await aliasesOf(simulator))["c.cover"]).toEqual([`caya@${domain}`]);
  expect((await mailboxOf(simulator, "caya")).messages).toHaveLength(1);
  await expectStops(simulator, 1, before);
});

test("an alias of the name that a user gets is refused in the preview", async () => {
  const people = (name: string) => `
    const ona = new User("ona", { domain, name: "${name}" });
    new Alias("books", { domain, name: "books", deliverTo: ona.address });
  `;
  project = await stackOf(simulator, people("ona"));
  await upQuietly(project);
  expect(await previewRefused(project, people("books"))).toContain(`books@${domain} is the alias's own address`);
  await project.writeProgram(program(people("ona")));
  const destroyed = await project.destroy();
  expect(destroyed.code, destroyed.text).toBe(0);
});
