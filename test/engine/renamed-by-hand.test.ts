import { afterAll, beforeAll, expect, test } from "vitest";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { previewRefused, stackOf, startQuickHost, upQuietly, upRefused } from "./stage";
import { accountByHand, accountOf, deliver, expectStops, mailboxOf, openSnapshots } from "./truth";

let simulator: Simulator;
let project: PulumiProject | undefined;

beforeAll(async () => {
  simulator = await startQuickHost();
});
afterAll(async () => {
  await project?.dispose();
  await simulator?.stop();
});

const person = (more: string): string => `new User("person", { domain, name: "jsmith", ${more} });`;

test("renamedFrom by hand: heard in a refresh; brought back, it takes nobody else's account and says the way out", async () => {
  await accountByHand(simulator, "jdoe");
  await deliver(simulator, "jdoe", ["one", "two"]);
  const { inode } = await mailboxOf(simulator, "jdoe");
  project = await stackOf(simulator, person('renamedFrom: "jdoe"'));
  await upQuietly(project);
  expect((await mailboxOf(simulator, "jsmith")).inode).toBe(inode);
  expect(openSnapshots(simulator)).toBe(1);
  expect((await project.refresh()).code).toBe(0);
  expect(openSnapshots(simulator)).toBe(0);

  await upQuietly(project, "");
  expect(await accountOf(simulator, "jsmith")).toBeUndefined();
  for (const refused of [previewRefused, upRefused])
    expect(await refused(project, person('renamedFrom: "jdoe"'))).toMatch(
      /that account is there no more\. Leave renamedFrom out/,
    );

  const newcomer = await accountByHand(simulator, "jdoe");
  await deliver(simulator, "jdoe", ["for the newcomer"]);
  for (const refused of [previewRefused, upRefused])
    expect(await refused(project, person('renamedFrom: "jdoe"'))).toMatch(/is another one\. Leave renamedFrom out/);

  await upQuietly(project, person("adoptMailbox: true"));
  expect(await accountOf(simulator, "jdoe")).toMatchObject({ id: newcomer });
  expect((await mailboxOf(simulator, "jsmith")).inode).toBe(inode);
  expect((await mailboxOf(simulator, "jdoe")).messages).toHaveLength(1);
  await expectStops(simulator, 1);
});
