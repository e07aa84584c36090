import { afterEach, expect, test } from "vitest";
import { succeeded, type PulumiProject } from "../helpers/pulumi-project";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { configurationOf, copyExample, setMain } from "./example-project";

let simulator: Simulator | undefined;
let project: PulumiProject | undefined;

afterEach(async () => {
  await project?.dispose();
  await simulator?.stop();
});

test("the example's second program renames what the first has made, mail and all", async () => {
  simulator = await startSimulator();
  const { control } = simulator;
  project = await copyExample("rename-user", configurationOf(simulator));
  succeeded(await project.up());
  await simulator.deliver({ to: "jdoe@example.com", subject: "Before" });
  await expect.poll(() => control.messages("example.com", "jdoe")).toHaveLength(1);
  const [mailbox] = await control.directories("example.com");
  const mail = await control.messages("example.com", "jdoe");

  await setMain(project, "after.ts");
  const preview = succeeded(await project.preview({ diff: true }));
  expect(preview.stdout).toMatch(/~ name\s*: "jdoe" => "jsmith"/);
  expect(preview.stdout).toMatch(/\+ renamedFrom\s*: "jdoe"/);
  succeeded(await project.up());

  const { accounts, aliases } = await control.truth();
  expect(accounts).toMatchObject([{ name: "jsmith", fullName: "J. Smith", enabled: true }]);
  expect(aliases).toMatchObject([{ name: "jdoe", deliverTo: "jsmith@example.com" }]);
  expect(await control.directories("example.com")).toEqual([{ ...mailbox, name: "jsmith" }]);
  expect(await control.messages("example.com", "jsmith")).toEqual(mail);
  expect(await control.downtimes()).toHaveLength(1);
});
