import { cpSync, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createProject, succeeded, type PulumiProject } from "../helpers/pulumi-project";
import { repositoryRoot, templateRoot } from "../helpers/pulumi-template";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { addGroups, configurationOf } from "./example-project";

let simulator: Simulator | undefined;
let project: PulumiProject | undefined;
let clone: string | undefined;

afterEach(async () => {
  await project?.dispose();
  await simulator?.stop();
  if (clone !== undefined) await rm(clone, { recursive: true, force: true });
});

/** What a built clone holds that the project at its root needs; the stack's files must not land in this one. */
async function cloneRepository(): Promise<string> {
  const directory = await mkdtemp(join(await templateRoot(), "clone-"));
  const root = repositoryRoot();
  for (const name of ["package.json", "Pulumi.yaml", "examples/demo", "dist/provider"]) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    cpSync(join(root, name), join(directory, name), { recursive: true });
  }
  return directory;
}

test("the project at the root of a clone runs the demo's program, which finds the package by its name", async () => {
  simulator = await startSimulator();
  await addGroups(simulator);
  clone = await cloneRepository();
  project = await createProject({ program: { dir: clone }, ...configurationOf(simulator) });
  succeeded(await project.up());
  expect(await project.stackOutput()).toEqual({
    addresses: ["jdoe@example.com", "asmith@example.com", "bdoe@example.com"],
  });
  const { accounts } = await simulator.control.truth();
  expect(accounts.find(({ name }) => name === "jdoe")).toMatchObject({ groups: ["sales", "staff"] });
});
