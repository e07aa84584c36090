import { runtime } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { applied, type Props } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ hasHadMail: true });
const { domain, nextRun, names } = stage;

const person = (name: string, more: Props = {}): Props => ({ domain, name, logicalName: "p", fullName: "P", ...more });

describe("a changed name", () => {
  it("becomes a rename: shown in the preview, carried out, kept in state, and quiet afterwards", async () => {
    const made = await applied(stage.plugin, "user", undefined, person("jdoe"));
    await stage.simulator.deliver({ to: "jdoe@example.com", subject: "before" });
    await nextRun();

    const twice = await stage.plugin.check("user", made.inputs, person("jsmith", { emailAddresses: ["jdoe"] }));
    expect(twice.failures.join()).toContain("emailAddresses lists jdoe, the old name");
    const first = await stage.plugin.check("user", made.inputs, person("jsmith"));
    expect(first.failures).toEqual([]);
    expect(stage.plugin.ear.text()).toContain("jdoe@example.com becomes jsmith@example.com");
    expect(stage.plugin.ear.text()).toContain("The password cannot be carried over");
    const diff = await stage.plugin.diff("user", made.id, made.outs, first.inputs);
    expect(diff).toEqual({ changes: true, replaces: ["name"] });
    const second = await stage.plugin.check("user", {}, person("jsmith"));
    expect(second.inputs).toMatchObject({
      address: "jsmith@example.com",
      renamedFrom: "jdoe",
      renamedFromId: made.id,
      previousNames: ["jdoe"],
    });
    // What `deleteBeforeReplace` would make of it.
    await expect(stage.plugin.delete("user", made.id, made.outs)).rejects.toThrow(/deleteBeforeReplace/);

    const renamed = await stage.plugin.create("user", second.inputs);
    await stage.plugin.delete("user", made.id, made.outs);
    expect(await names()).toEqual(["jsmith"]);
    expect(renamed.outs).toMatchObject({
      previousNames: ["jdoe"],
      address: "jsmith@example.com",
      managed: ["fullName"],
    });

    await nextRun();
    const { props, inputs } = await stage.plugin.read("user", renamed.id, renamed.outs);
    expect(props).toEqual(renamed.outs);
    expect(inputs).toEqual(second.inputs);
    const quiet = await stage.plugin.check("user", inputs, person("jsmith"));
    expect(quiet.inputs).toEqual(second.inputs);
    expect(await stage.plugin.diff("user", renamed.id, props, quiet.inputs)).toEqual({ changes: false, replaces: [] });
    // The old half of an interrupted replacement is gone for good: the engine heard of the rename.
    expect((await stage.plugin.read("user", made.id, made.outs)).id).toBe("");
  });

  it.each(["Str0ng-enough!", runtime.unknownValue])(
    "tells in the preview that a password is set anew: %#",
    async (password) => {
      const made = await applied(stage.plugin, "user", undefined, person("kdoe", { logicalName: "k", adopt: true }));
      await nextRun();
      const changed = person("ksmith", { logicalName: "k", password });
      expect((await stage.plugin.check("user", made.inputs, changed)).failures).toEqual([]);
      expect(stage.plugin.ear.text()).toContain("The program's password is set anew.");
      expect(stage.plugin.ear.text()).not.toContain("cannot be carried over");
    },
  );

  it("tells in the preview that the old address stays the user's own", async () => {
    const made = await applied(stage.plugin, "user", undefined, person("odoe", { logicalName: "o", adopt: true }));
    await nextRun();
    const kept = { logicalName: "o", keepOldAddress: false, emailAddresses: ["odoe@example.com"] };
    expect((await stage.plugin.check("user", made.inputs, person("osmith", kept))).failures).toEqual([]);
    expect(stage.plugin.ear.text()).toContain("leave no alias: odoe@example.com is one of the addresses");
  });

  it("can be taken back: the alias that the first rename left is no obstacle, and goes", async () => {
    const first = await applied(stage.plugin, "user", undefined, person("ashore", { logicalName: "a" }));
    await nextRun();
    const there = await applied(stage.plugin, "user", first, person("aboard", { logicalName: "a" }));
    await nextRun();
    const back = await applied(stage.plugin, "user", there, person("ashore", { logicalName: "a" }));
    expect(back.outs["previousNames"]).toEqual(["aboard"]);
    expect(await names()).toContain("ashore");
    expect(await names()).not.toContain("aboard");
    expect(await stage.aliases("aboard")).toContainEqual(expect.objectContaining({ deliverTo: "ashore@example.com" }));
    await nextRun();
    await stage.plugin.delete("user", back.id, back.outs);
    const { aliases } = await stage.simulator.control.truth();
    expect(aliases.filter((alias) => alias["deliverTo"] === "ashore@example.com")).toEqual([]);
  });

  it("of one account by two resources is refused in the preview, with both", async () => {
    const made = await applied(stage.plugin, "user", undefined, person("gdoe", { logicalName: "g" }));
    await nextRun();
    const of = (logicalName: string, name: string) => person(name, { logicalName, renamedFrom: "gdoe" });
    expect((await stage.plugin.check("user", {}, of("one", "gsmith"))).failures).toEqual([]);
    const { failures } = await stage.plugin.check("user", {}, of("two", "groe"));
    expect(failures.join()).toMatch(/gdoe@example.com is claimed by two .*"one" and "two"/);
    // A changed name is another way to ask for it.
    const changed = await stage.plugin.check("user", made.inputs, person("ghill", { logicalName: "g" }));
    expect(changed.failures.join()).toMatch(/"one" and "g"/);
    expect((await stage.plugin.check("user", {}, of("one", "gsmith"))).failures).toEqual([]);
  });

  it.each(["before", "after"])(
    "of an account that another resource manages is refused, %s it is seen",
    async (when) => {
      const manager = person(`m-${when}`, { logicalName: when });
      const made = await applied(stage.plugin, "user", undefined, manager);
      await nextRun();
      const taker = person(`t-${when}`, { logicalName: "taker", renamedFrom: `m-${when}` });
      const checks = [
        () => stage.plugin.check("user", {}, taker),
        () => stage.plugin.check("user", made.inputs, manager),
      ];
      if (when === "after") checks.reverse();
      expect((await checks[0]?.())?.failures).toEqual([]);
      expect((await checks[1]?.())?.failures.join()).toMatch(/claimed by two resources/);
    },
  );

  it("heals a state that never heard of its rename", async () => {
    const made = await applied(stage.plugin, "user", undefined, person("lost", { logicalName: "l" }));
    await stage.simulator.deliver({ to: "lost@example.com", subject: "before" });
    await nextRun();
    const first = await stage.plugin.check("user", made.inputs, person("found", { logicalName: "l" }));
    await stage.plugin.diff("user", made.id, made.outs, first.inputs);
    const second = await stage.plugin.check("user", {}, person("found", { logicalName: "l" }));
    const unheard = await stage.plugin.create("user", second.inputs);
    await nextRun();
    const healed = await stage.plugin.read("user", made.id, made.outs);
    expect(healed.id).toBe(unheard.id);
    expect(healed.props).toMatchObject({ name: "found", renamedFrom: "lost", previousNames: ["lost"] });
    expect(healed.props["mailboxPath"]).toBe(unheard.outs["mailboxPath"]);
    // Nobody has heard the password either: one update gives a fresh one, and then it is quiet.
    const { inputs } = await stage.plugin.check("user", healed.inputs, person("found", { logicalName: "l" }));
    expect(await stage.plugin.diff("user", healed.id, healed.props, inputs)).toEqual({ changes: true, replaces: [] });
    const outs = await stage.plugin.update("user", healed.id, healed.props, inputs);
    expect((await stage.simulator.control.login("found", String(outs["initialPassword"]))).ok).toBe(true);
    expect(await stage.plugin.diff("user", healed.id, outs, inputs)).toEqual({ changes: false, replaces: [] });
  });

  it.each(["the old half first", "the new half first"])("is never healed twice: %s", async (order) => {
    const [from, to] = order === "the old half first" ? ["early", "late"] : ["dusk", "dawn"];
    const logicalName = from;
    const made = await applied(stage.plugin, "user", undefined, person(from, { logicalName }));
    await stage.simulator.deliver({ to: `${from}@example.com`, subject: "before" });
    await nextRun();
    const first = await stage.plugin.check("user", made.inputs, person(to, { logicalName }));
    await stage.plugin.diff("user", made.id, made.outs, first.inputs);
    const second = await stage.plugin.check("user", {}, person(to, { logicalName }));
    const renamed = await stage.plugin.create("user", second.inputs);
    // Interrupted here: the engine has heard of the new half, and asks about both in its next refresh.
    await nextRun();
    const askOld = () => stage.plugin.read("user", made.id, made.outs);
    const askNew = () => stage.plugin.read("user", renamed.id, renamed.outs);
    const [old, living] =
      order === "the old half first"
        ? await Promise.all([askOld(), new Promise((done) => setTimeout(done, 100)).then(askNew)])
        : (await Promise.all([askNew(), askOld()])).reverse();
    expect(old?.id).toBe("");
    expect(living?.id).toBe(renamed.id);
    // What the engine has heard stays heard, without the other half's word.
    await nextRun();
    expect((await askOld()).id).toBe("");
    expect(await names()).toContain(to);
  });
});

it("to a name that somebody else was renamed to before from the same one is no rename that is done", async () => {
  const first = await applied(stage.plugin, "user", undefined, person("wdoe", { logicalName: "w1" }));
  await nextRun();
  const there = await applied(
    stage.plugin,
    "user",
    first,
    person("wsmith", { logicalName: "w1", keepOldAddress: false }),
  );
  await nextRun();
  await stage.plugin.delete("user", there.id, there.outs);
  await nextRun();
  const second = await applied(
    stage.plugin,
    "user",
    undefined,
    person("wdoe", { logicalName: "w2", adoptMailbox: true }),
  );
  await nextRun();
  const { failures } = await stage.plugin.check("user", second.inputs, person("wsmith", { logicalName: "w2" }));
  expect(failures.join()).not.toMatch(/was renamed to wsmith@example\.com before/);
});
