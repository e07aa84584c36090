import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applied, type Props } from "../helpers/dynamic-server";
import { startPlugin } from "../helpers/stack";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ ssh: false });
const { domain, nextRun, aliases } = stage;

async function byHand(name: string, deliverTo: string): Promise<void> {
  const { simulator, domainId } = stage;
  await simulator.adminCall("Aliases.create", { aliases: [{ domainId, name, deliverTo, type: "TypeEmailAddress" }] });
}

describe("the life of an alias", () => {
  it("is created, read back, changed in place, replaced under another name, and removed twice", async () => {
    const declared: Props = { domain, name: "info", deliverTo: "jdoe", description: "front desk", logicalName: "info" };
    const made = await applied(stage.plugin, "alias", undefined, declared);
    expect(made.outs).toMatchObject({ address: "info@example.com", deliverTo: "jdoe" });
    expect(await aliases("info")).toMatchObject([{ id: made.id, description: "front desk" }]);
    expect(await stage.plugin.read("alias", made.id, made.outs)).toEqual({
      id: made.id,
      props: made.outs,
      inputs: made.inputs,
    });

    const respelled = await applied(stage.plugin, "alias", made, { ...declared, deliverTo: "jdoe@example.com" });
    expect(respelled.outs["deliverTo"]).toBe("jdoe@example.com");
    const changed = await applied(stage.plugin, "alias", respelled, { ...declared, deliverTo: "someone@example.org" });
    expect(await aliases("info")).toMatchObject([{ id: made.id, deliverTo: "someone@example.org" }]);

    const moved = await applied(stage.plugin, "alias", changed, { ...declared, name: "desk" });
    expect(await aliases("info")).toEqual([]);
    expect(await aliases("desk")).toHaveLength(1);
    await stage.plugin.delete("alias", moved.id, moved.outs);
    // The program still declares it, so it was left alone.
    expect(await aliases("desk")).toHaveLength(1);
    await nextRun();
    await stage.plugin.delete("alias", moved.id, moved.outs);
    await stage.plugin.delete("alias", moved.id, moved.outs);
    expect(await aliases("desk")).toEqual([]);
    expect((await stage.plugin.read("alias", moved.id, moved.outs)).id).toBe("");
  });

  it("shows what was changed by hand", async () => {
    const declared: Props = { domain, name: "drift", deliverTo: "jdoe", logicalName: "drift" };
    const made = await applied(stage.plugin, "alias", undefined, declared);
    const pattern = { deliverTo: "other@example.com" };
    await stage.simulator.adminCall("Aliases.set", { aliasIds: [made.id], pattern });
    await nextRun();
    const seen = await stage.plugin.read("alias", made.id, made.outs);
    expect(seen.inputs["deliverTo"]).toBe("other@example.com");
    await applied(stage.plugin, "alias", { id: made.id, inputs: seen.inputs, outs: seen.props }, declared);
    expect(await aliases("drift")).toMatchObject([{ deliverTo: "jdoe@example.com" }]);
  });
});

describe("an alias that exists already", () => {
  it("is taken over when it is identical, whichever way its target is written", async () => {
    await byHand("old", "jsmith@example.com");
    const taken = await applied(stage.plugin, "alias", undefined, {
      domain,
      name: "old",
      deliverTo: "jsmith",
      logicalName: "o",
    });
    expect(await aliases("old")).toMatchObject([{ id: taken.id }]);
    expect(stage.plugin.ear.text()).toContain("was taken over");
  });

  it("is an error that shows it when it delivers elsewhere", async () => {
    await byHand("busy", "asmith@example.com");
    const other = { domain, name: "busy", deliverTo: "jsmith", logicalName: "b" };
    await expect(applied(stage.plugin, "alias", undefined, other)).rejects.toThrow(
      /delivers to asmith(@example.com)?, not to jsmith/,
    );
  });
});

it.each(["as-given", "bare"])(
  "delivers into a public folder that there is, which the server names %s",
  async (form) => {
    const { simulator } = stage;
    await simulator.control.setSwitch("public-folder-target", form);
    const folder = join(simulator.info.store, "mail", domain, "#public/Info/House rules");
    mkdirSync(folder, { recursive: true });
    const name = `rules-${form}`;
    const declared = { domain, name, deliverTo: "#public/Info/House rules", logicalName: name };
    const made = await applied(stage.plugin, "alias", undefined, declared);
    expect(await aliases(name)).toMatchObject([
      { id: made.id, type: "TypePublicFolder", deliverToId: expect.stringMatching(/./) },
    ]);
    expect((await stage.plugin.read("alias", made.id, made.outs)).props).toEqual(made.outs);
    const before = existsSync(join(folder, "#msgs")) ? readdirSync(join(folder, "#msgs")).length : 0;
    await simulator.deliver({ to: `${name}@example.com`, subject: "No shoes" });
    const arrived = () => readdirSync(join(folder, "#msgs")).length;
    await expect.poll(arrived, { timeout: 10_000 }).toBe(before + 1);
  },
);

it("is read, as a user is, once the service is back that another run has stopped", { timeout: 90_000 }, async () => {
  const { simulator } = stage;
  const renaming = await startPlugin(simulator);
  const reading = await startPlugin(simulator);
  try {
    const person = { domain, name: "jdoe", logicalName: "jdoe" };
    const desk = { domain, name: "reception", deliverTo: "asmith", logicalName: "reception" };
    const user = await applied(renaming, "user", undefined, person);
    const alias = await applied(renaming, "alias", undefined, desk);
    await simulator.deliver({ to: "jdoe@example.com", subject: "a mailbox to move" });
    await simulator.control.fault("start-slow", { ms: 6000, times: 1 });
    let answered = (): void => {};
    const whenAnswered = new Promise<void>((done) => (answered = done));
    // Whose old half is deleted has been heard: then the old account is gone, and no more.
    const renamed = applied(renaming, "user", user, { ...person, name: "jsmith" }, () => whenAnswered);
    const isAway = async () => (await simulator.control.downtimes()).at(-1)?.to === null;
    await expect.poll(isAway, { timeout: 60_000, interval: 50 }).toBe(true);
    const answers = Promise.all([
      reading.read("alias", alias.id, alias.outs),
      reading.read("user", user.id, user.outs),
    ]);
    expect(await isAway()).toBe(true);
    const [row, account] = await answers;
    answered();
    expect(row.props).toEqual(alias.outs);
    expect([user.id, (await renamed).id]).toContain(account.id);
  } finally {
    await Promise.all([renaming.stop(), reading.stop()]);
  }
});

describe("wrong aliases", () => {
  it("are refused before anything is asked", async () => {
    const { failures } = await stage.plugin.check(
      "alias",
      {},
      { domain, name: "In/fo", deliverTo: "#private", logicalName: "x" },
    );
    expect(failures.join("\n")).toMatch(/name: .*directory/);
    expect(failures.join("\n")).toMatch(/deliverTo: .*#public/);
    const missing = await stage.plugin.check("alias", {}, { logicalName: "x" });
    expect(missing.failures).toHaveLength(3);
  });

  it("name a public folder that there is", async () => {
    const folder = { domain, name: "pf", deliverTo: "#public/Nowhere", logicalName: "pf" };
    await expect(applied(stage.plugin, "alias", undefined, folder)).rejects.toThrow(/no such public folder/);
  });

  it("may hold wildcards", async () => {
    const made = await applied(stage.plugin, "alias", undefined, {
      domain,
      name: "sales-*",
      deliverTo: "jdoe",
      logicalName: "w",
    });
    expect(await aliases("sales-*")).toMatchObject([{ id: made.id }]);
  });
});
