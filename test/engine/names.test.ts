import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { previewRefused, stackOf, startQuickHost, upQuietly, upRefused } from "./stage";
import {
  accountByHand,
  accountNames,
  accountOf,
  aliasesOf,
  deliver,
  expectCleanHost,
  expectPerson,
  expectRenamed,
  expectStops,
  mailboxOf,
  removeByHand,
} from "./truth";

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

test("a name that is changed and changed back is two renames of one mailbox", async () => {
  const ada = (name: string) => `new User("ada", { domain, name: "${name}" });`;
  project = await stackOf(simulator, ada("ada"));
  await upQuietly(project);
  await deliver(simulator, "ada", ["one"]);
  const mailbox = await mailboxOf(simulator, "ada");
  const before = (await simulator.control.downtimes()).length;

  await upQuietly(project, ada("adele"));
  await expectRenamed(simulator, "ada", "adele", mailbox);
  await deliver(simulator, "ada", ["to the old address"]);

  await upQuietly(project, ada("ada"));
  await expectRenamed(simulator, "adele", "ada", mailbox);
  expect((await aliasesOf(simulator))["ada"]).toBeUndefined();
  await deliver(simulator, "adele", ["to the address in between"]);
  const subjects = (await mailboxOf(simulator, "ada")).messages.map((message) => message.subject);
  expect(subjects.sort()).toEqual(["one", "to the address in between", "to the old address"]);
  await expectStops(simulator, 2, before);
  expectCleanHost(simulator);

  const destroyed = await project.destroy();
  expect(destroyed.code, destroyed.text).toBe(0);
  expect(await aliasesOf(simulator)).not.toHaveProperty("adele");
});

test("a newcomer who depends on the renamed person gets the freed name and a mailbox of their own", async () => {
  const two = (first: string, rest = "") => `
    const bea = new User("bea", { domain, name: "${first}" });
    ${rest}
  `;
  project = await stackOf(simulator, two("bea"));
  await upQuietly(project);
  await deliver(simulator, "bea", ["for the first bea"]);
  const mailbox = await mailboxOf(simulator, "bea");
  const before = (await simulator.control.downtimes()).length;

  await upQuietly(project, two("beatrice", 'new User("other", { domain, name: "bea" }, { dependsOn: [bea] });'));
  await expectPerson(simulator, "beatrice", mailbox);
  await deliver(simulator, "bea", ["for the second bea"]);
  const second = await mailboxOf(simulator, "bea");
  expect(second.inode).not.toBe(mailbox.inode);
  expect(second.messages.map((message) => message.subject)).toEqual(["for the second bea"]);
  expect((await mailboxOf(simulator, "beatrice")).messages).toEqual(mailbox.messages);
  expect((await aliasesOf(simulator))["bea"]).toBeUndefined();
  await expectStops(simulator, 1, before);
  expectCleanHost(simulator);
});

test("a newcomer who takes the freed name without saying so waits for the rename", async () => {
  const cyd = (name: string) => `new User("cyd", { domain, name: "${name}" });`;
  project = await stackOf(simulator, cyd("cyd"));
  await upQuietly(project);
  await deliver(simulator, "cyd", ["for the first cyd"]);
  const mailbox = await mailboxOf(simulator, "cyd");
  const before = (await simulator.control.downtimes()).length;

  // The newcomer stands first in the program, so that its create is likely to come first.
  await upQuietly(project, `new User("other", { domain, name: "cyd" }); ${cyd("cydney")}`);
  await expectPerson(simulator, "cydney", mailbox);
  await deliver(simulator, "cyd", ["for the second cyd"]);
  expect((await mailboxOf(simulator, "cyd")).messages.map((message) => message.subject)).toEqual([
    "for the second cyd",
  ]);
  expect((await mailboxOf(simulator, "cydney")).messages).toEqual(mailbox.messages);
  expect((await aliasesOf(simulator))["cyd"]).toBeUndefined();
  await expectStops(simulator, 1, before);
  expectCleanHost(simulator);
});

test("a leaver's mailbox is nobody else's, unless the program says so", async () => {
  await accountByHand(simulator, "dee");
  await deliver(simulator, "dee", ["a leaver's"]);
  const mailbox = await mailboxOf(simulator, "dee");
  await removeByHand(simulator, "dee");

  const dee = (more = "") => `new User("dee", { domain, name: "dee", ${more} });`;
  project = await stackOf(simulator, dee());
  expect(await previewRefused(project, dee())).toContain("[MAILBOX_IN_THE_WAY]");
  expect(await upRefused(project)).toContain("adoptMailbox: true");
  expect(await accountOf(simulator, "dee")).toBeUndefined();
  expect(await mailboxOf(simulator, "dee")).toEqual(mailbox);

  await upQuietly(project, dee("adoptMailbox: true"));
  await expectPerson(simulator, "dee", mailbox);
});

test("an account that exists is taken over only where the program says so", async () => {
  const id = await accountByHand(simulator, "eva", { fullName: "Eva" });
  await deliver(simulator, "eva", ["one"]);
  const mailbox = await mailboxOf(simulator, "eva");
  const eva = (more = "") => `new User("eva", { domain, name: "eva", ${more} });`;
  project = await stackOf(simulator, eva());
  const text = await upRefused(project);
  expect(text).toContain("[ALREADY_EXISTS]");
  expect(text).toContain("adopt: true");
  await upQuietly(project, eva('adopt: true, description: "accounting"'));
  expect(await accountOf(simulator, "eva")).toMatchObject({ id, fullName: "Eva", description: "accounting" });
  await expectPerson(simulator, "eva", mailbox);
});

test("two resources that claim one name, and a changed domain, are refused in the preview", async () => {
  const flo = (where = "domain") => `new User("flo", { domain: ${where}, name: "flo" });`;
  project = await stackOf(simulator, flo());
  await upQuietly(project);
  const claimed = await previewRefused(project, `${flo()} new User("twin", { domain, name: "flo" });`);
  expect(claimed).toContain("flo@example.com is claimed by two resources");
  const moved = await previewRefused(project, flo('"example.org"'));
  expect(moved).toContain("domain: it cannot be changed from example.com to example.org");
  await expectStops(simulator, 0, (await simulator.control.downtimes()).length);
});

test("a rename without SSH settings is refused in the preview; anything else needs none", async () => {
  const gus = (name: string) => `new User("gus", { domain, name: "${name}" });`;
  project = await stackOf(simulator, gus("gus"), { ssh: false });
  await upQuietly(project);
  expect(await previewRefused(project, gus("gustav"))).toMatch(/SSH/);
  expect(await accountNames(simulator)).toContain("gus");
});
