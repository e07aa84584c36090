import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { plain, program, stackOf, startQuickHost, upQuietly, upRefused } from "./stage";
import { accountByHand, aliasesOf, deliver, expectCleanHost, expectPerson, expectStops, mailboxOf } from "./truth";

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

const users = (names: Record<string, string>, more = ""): string =>
  Object.entries(names)
    .map(([logical, name]) => `const ${logical} = new User("${logical}", { domain, name: "${name}" });`)
    .join("\n") + more;

test("a chain and a swap are previewed with their names, done together, and quiet afterwards", async () => {
  const before = { ann: "ann", bea: "bea", eve: "eve", fay: "fay" };
  const info = '\nnew Alias("info", { domain, name: "info", deliverTo: eve.address });';
  project = await stackOf(simulator, users(before, info));
  await upQuietly(project);
  for (const name of Object.values(before)) await deliver(simulator, name, [`for ${name}`]);
  const mailboxes = await Promise.all(Object.values(before).map((name) => mailboxOf(simulator, name)));
  const stops = (await simulator.control.downtimes()).length;

  const after = { ann: "bea", bea: "cleo", eve: "fay", fay: "eve" };
  await project.writeProgram(program(users(after, info)));
  const preview = await project.preview();
  expect(preview.code, preview.text).toBe(0);
  const text = plain(preview.text);
  expect(text).toContain("4 renames so far; they share one stop");
  for (const name of ["bea", "eve", "fay"]) expect(text).toContain(`${name}@example.com (`);
  expect(text).toContain("no alias is left under them");

  await upQuietly(project, undefined, { env: { PULUMI_PARALLEL: "20" } });
  for (const [index, name] of Object.values(after).entries()) await expectPerson(simulator, name, mailboxes[index]!);
  const aliases = await aliasesOf(simulator);
  expect(aliases).toMatchObject({ ann: expect.anything(), info: expect.anything() });
  for (const name of ["bea", "eve", "fay"]) expect(aliases).not.toHaveProperty(name);
  await deliver(simulator, "info", ["for whoever was eve"]);
  const subjects = (await mailboxOf(simulator, "fay")).messages.map((message) => message.subject);
  expect(subjects).toContain("for whoever was eve");
  // The stand-in writes who has left a name only when it stops.
  await expectStops(simulator, 3, stops);
  expectCleanHost(simulator);
});

test("a name whose bearer stays is warned about in the preview and refused before anything is touched", async () => {
  await accountByHand(simulator, "gil");
  project = await stackOf(simulator, users({ hal: "hal" }));
  await upQuietly(project);
  const stops = (await simulator.control.downtimes()).length;
  await project.writeProgram(program(users({ hal: "gil" })));
  const preview = await project.preview();
  expect(preview.code, preview.text).toBe(0);
  expect(plain(preview.text)).toMatch(/gil@example\.com is the account of gil\. If this program renames it/);
  expect(await upRefused(project)).toMatch(/gil@example\.com is the account of gil.*PULUMI_PARALLEL/);
  await expectStops(simulator, 0, stops);
});
