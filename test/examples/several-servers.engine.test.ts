import { afterEach, expect, test } from "vitest";
import { succeeded, type PulumiProject } from "../helpers/pulumi-project";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { copyExample, settingsOf } from "./example-project";

const simulators: Simulator[] = [];
let project: PulumiProject | undefined;

afterEach(async () => {
  await project?.dispose();
  for (const simulator of simulators.splice(0)) await simulator.stop();
});

test("the example makes each person on the server that its program names", async () => {
  simulators.push(await startSimulator(), await startSimulator());
  const entries = simulators.map(settingsOf);
  project = await copyExample("several-servers", {
    config: { "kerio:servers": { north: entries[0]?.plain, south: entries[1]?.plain } },
    secrets: Object.fromEntries(
      ["north", "south"].map((name, index) => [`kerio:servers.${name}.password`, entries[index]?.password ?? ""]),
    ),
  });
  succeeded(await project.up());
  const names = async (simulator: Simulator) => (await simulator.control.truth()).accounts.map(({ name }) => name);
  expect(await Promise.all(simulators.map(names))).toEqual([["jdoe"], ["jsmith"]]);
});
