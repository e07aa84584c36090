import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applied, type Props } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ ssh: false });
const { domain, nextRun } = stage;

const alias = (name: string, deliverTo: string): Props => ({ domain, name, deliverTo, logicalName: name });
const rowOf = async (name: string) => (await stage.aliases(name))[0];

describe("what somebody has made of an alias by hand, and no program may declare", () => {
  const odd = { deliverTo: "boss@mail_gw.example.com", name: "odd+1" };

  it("is shown, and put right by the next update", async () => {
    await applied(stage.plugin, "user", undefined, { domain, name: "jdoe", logicalName: "jdoe" });
    const declared = alias("info", "jdoe");
    const made = await applied(stage.plugin, "alias", undefined, declared);
    await stage.simulator.adminCall("Aliases.set", { aliasIds: [made.id], pattern: { deliverTo: odd.deliverTo } });
    for (const run of ["first", "second"]) {
      await nextRun();
      const seen = await stage.plugin.read("alias", made.id, { ...made.outs, deliverTo: odd.deliverTo });
      expect(seen.inputs["deliverTo"], run).toBe(odd.deliverTo);
    }
    const outs = { ...made.outs, deliverTo: odd.deliverTo };
    await applied(stage.plugin, "alias", { id: made.id, inputs: outs, outs }, declared);
    expect(await rowOf("info")).toMatchObject({ id: made.id, deliverTo: "jdoe@example.com" });
  });

  it("goes with the alias", async () => {
    const made = await applied(stage.plugin, "alias", undefined, alias("odd", "jdoe"));
    await stage.simulator.adminCall("Aliases.set", { aliasIds: [made.id], pattern: odd });
    await nextRun();
    await stage.plugin.delete("alias", made.id, { ...made.outs, ...odd });
    expect(await rowOf(odd.name)).toBeUndefined();
  });
});

it("is written again where the last update of it stopped half-way", async () => {
  const declared = alias("half", "jdoe");
  const made = await applied(stage.plugin, "alias", undefined, declared);
  await stage.simulator.adminCall("Aliases.set", { aliasIds: [made.id], pattern: { deliverTo: "other@example.com" } });
  await nextRun();
  await stage.plugin.update("alias", made.id, made.outs, made.inputs);
  expect(await rowOf("half")).toMatchObject({ deliverTo: "jdoe@example.com" });
});

it("a public folder has no letter case", async () => {
  mkdirSync(join(stage.simulator.info.store, "mail", domain, "#public/Info"), { recursive: true });
  const made = await applied(stage.plugin, "alias", undefined, alias("folder", "#public/info"));
  expect(await rowOf("folder")).toMatchObject({ deliverTo: "#public/Info", deliverToId: expect.stringMatching(/./) });
  await nextRun();
  expect((await stage.plugin.read("alias", made.id, made.outs)).inputs["deliverTo"]).toBe("#public/info");
});

it("warns, once, of a new alias under the address of a user or a group, and of no other", async () => {
  const jane = { domain, name: "jane", emailAddresses: ["j.doe"], logicalName: "jane" };
  await applied(stage.plugin, "user", undefined, jane);
  const group = { domainId: stage.domainId, name: "all", emailAddresses: ["everybody"] };
  await stage.simulator.adminCall("Groups.create", { groups: [group] });
  await nextRun();
  const warned = () => stage.plugin.ear.text().match(/\S+ is the address of [^.]+/g) ?? [];
  for (const [name, to] of [
    ["jane", "carol"],
    ["jane", "carol"],
    ["j.doe", "carol"],
    ["everybody", "carol"],
    ["free", "jane"],
  ] as const)
    expect((await stage.plugin.check("alias", {}, alias(name, to))).failures).toEqual([]);
  expect(warned()).toEqual([
    "jane@example.com is the address of the user jane",
    "j.doe@example.com is the address of the user jane",
    "everybody@example.com is the address of the group all",
  ]);
  await nextRun();
  await stage.plugin.check("alias", alias("jane", "carol"), alias("jane", "dave"));
  expect(warned()).toEqual([]);
});
