import { afterEach, expect, test } from "vitest";
import { succeeded, type PulumiProject } from "../helpers/pulumi-project";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { configurationOf, copyExample } from "./example-project";

let simulator: Simulator | undefined;
let project: PulumiProject | undefined;

afterEach(async () => {
  await project?.dispose();
  await simulator?.stop();
});

test("the example makes its people and aliases", async () => {
  simulator = await startSimulator();
  project = await copyExample("users-and-aliases", configurationOf(simulator));
  succeeded(await project.up());

  const { accounts, aliases } = await simulator.control.truth();
  expect(accounts.map(({ name, enabled }) => [name, enabled]).sort()).toEqual([
    ["asmith", false],
    ["jdoe", true],
    ["jsmith", true],
  ]);
  expect(accounts.find(({ name }) => name === "jdoe")).toMatchObject({
    fullName: "J. Doe",
    emailAddresses: ["j.doe"],
    publishInGal: true,
    diskSizeLimit: { isActive: true },
  });
  expect(aliases.map((alias) => [alias["name"], alias["deliverTo"]]).sort()).toEqual([
    ["sales", "jdoe@example.com"],
    ["support-*", "jsmith@example.com"],
  ]);
  expect(await project.stackOutput()).toMatchObject({
    addresses: ["jdoe@example.com", "jsmith@example.com"],
    initialPassword: expect.any(String),
  });
});
