import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { applied, type DynamicServer, type Props } from "../helpers/dynamic-server";
import { startPlugin } from "../helpers/stack";
import { startSimulator, type Simulator } from "../helpers/start-simulator";

const domain = "example.com";
let simulator: Simulator;
let plugin: DynamicServer;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator?.stop());
beforeEach(async () => {
  plugin = await startPlugin(simulator, { ssh: false });
});
afterEach(() => plugin?.stop());

async function nextRun(): Promise<void> {
  await plugin.stop();
  plugin = await startPlugin(simulator, { ssh: false });
}

const alias = (name: string, deliverTo: string): Props => ({ domain, name, deliverTo, logicalName: name });
const rowOf = async (name: string) => (await simulator.control.truth()).aliases.find((one) => one["name"] === name);

describe("what somebody has made of an alias by hand, and no program may declare", () => {
  const odd = { deliverTo: "boss@mail_gw.example.com", name: "odd+1" };

  it("is shown, and put right by the next update", async () => {
    const declared = alias("info", "jdoe");
    const made = await applied(plugin, "alias", undefined, declared);
    await simulator.adminCall("Aliases.set", { aliasIds: [made.id], pattern: { deliverTo: odd.deliverTo } });
    for (const run of ["first", "second"]) {
      await nextRun();
      const seen = await plugin.read("alias", made.id, { ...made.outs, deliverTo: odd.deliverTo });
      expect(seen.inputs["deliverTo"], run).toBe(odd.deliverTo);
    }
    const outs = { ...made.outs, deliverTo: odd.deliverTo };
    await applied(plugin, "alias", { id: made.id, inputs: outs, outs }, declared);
    expect(await rowOf("info")).toMatchObject({ id: made.id, deliverTo: "jdoe@example.com" });
  });

  it("goes with the alias", async () => {
    const made = await applied(plugin, "alias", undefined, alias("odd", "jdoe"));
    await simulator.adminCall("Aliases.set", { aliasIds: [made.id], pattern: odd });
    await nextRun();
    await plugin.delete("alias", made.id, { ...made.outs, ...odd });
    expect(await rowOf(odd.name)).toBeUndefined();
  });
});

it("is written again where the last update of it stopped half-way", async () => {
  const declared = alias("half", "jdoe");
  const made = await applied(plugin, "alias", undefined, declared);
  await simulator.adminCall("Aliases.set", { aliasIds: [made.id], pattern: { deliverTo: "other@example.com" } });
  await nextRun();
  await plugin.update("alias", made.id, made.outs, made.inputs);
  expect(await rowOf("half")).toMatchObject({ deliverTo: "jdoe@example.com" });
});

it("a public folder has no letter case", async () => {
  mkdirSync(join(simulator.info.store, "mail", domain, "#public/Info"), { recursive: true });
  const made = await applied(plugin, "alias", undefined, alias("folder", "#public/info"));
  expect(await rowOf("folder")).toMatchObject({ deliverTo: "#public/Info", deliverToId: expect.stringMatching(/./) });
  await nextRun();
  expect((await plugin.read("alias", made.id, made.outs)).inputs["deliverTo"]).toBe("#public/info");
});

it("warns, once, of a new alias under the address of a user or a group, and of no other", async () => {
  await applied(plugin, "user", undefined, { domain, name: "jane", emailAddresses: ["j.doe"], logicalName: "jane" });
  const domainId = (await simulator.control.truth()).accounts[0]?.["domainId"];
  const group = { domainId, name: "all", emailAddresses: ["everybody"] };
  await simulator.adminCall("Groups.create", { groups: [group] });
  await nextRun();
  const warned = () => plugin.ear.text().match(/\S+ is the address of [^.]+/g) ?? [];
  for (const [name, to] of [
    ["jane", "carol"],
    ["jane", "carol"],
    ["j.doe", "carol"],
    ["everybody", "carol"],
    ["jane", "jane@example.com"],
    ["free", "jane"],
  ] as const)
    expect((await plugin.check("alias", {}, alias(name, to))).failures).toEqual([]);
  expect(warned()).toEqual([
    "jane@example.com is the address of the user jane",
    "j.doe@example.com is the address of the user jane",
    "everybody@example.com is the address of the group all",
  ]);
  await nextRun();
  await plugin.check("alias", alias("jane", "carol"), alias("jane", "dave"));
  expect(warned()).toEqual([]);
});
