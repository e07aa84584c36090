import { afterEach, describe, expect, it } from "vitest";
import { applied, type Props } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ hasHadMail: true });
const { domain, nextRun } = stage;

const alias = (name: string, deliverTo: string): Props => ({ domain, name, deliverTo, logicalName: name });
const person = (name: string, logicalName = name): Props => ({ domain, name, logicalName });
const targetsOf = async (name: string) => (await stage.aliases(name)).map((row) => row["deliverTo"]);

/** A living alias to a user's address, known to the engine from an earlier run. */
async function covering(user: string, name: string) {
  const bearer = await applied(stage.plugin, "user", undefined, person(user));
  const cover = await applied(stage.plugin, "alias", undefined, alias(name, user));
  await nextRun();
  return { bearer, cover };
}

/** Does something while a change of an alias waits for whoever is to bear its target; the engine goes on calling. */
async function whileItWaits<T>(change: () => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  const looks = async () =>
    (await stage.simulator.control.calls()).filter(({ method }) => method === "Server.findEntityByEmail").length;
  const before = await looks();
  const talk = setInterval(() => {
    stage.plugin.check("alias", {}, alias("talk", "talk@example.org")).catch(() => {});
  }, 200);
  try {
    const changed = change();
    changed.catch(() => {});
    await expect.poll(looks, { timeout: 20_000 }).toBeGreaterThan(before);
    // A rename begins when the engine is quiet.
    clearInterval(talk);
    const result = await work();
    await changed;
    return result;
  } finally {
    clearInterval(talk);
  }
}

/** What the engine asks before it lets a rename begin. */
async function announced(state: { id: string; inputs: Props; outs: Props }, declared: Props): Promise<Props> {
  const first = await stage.plugin.check("user", state.inputs, declared);
  expect(first.failures).toEqual([]);
  await stage.plugin.diff("user", state.id, state.outs, first.inputs);
  return (await stage.plugin.check("user", {}, declared)).inputs;
}

describe("an alias whose target is changed", () => {
  it("is not led away from somebody to an address that nobody bears", async () => {
    const { cover } = await covering("alma", "cover.alma");
    const changed = applied(stage.plugin, "alias", cover, alias("cover.alma", "nobody"));
    await expect(changed).rejects.toThrow(
      /delivering it to nobody@example.com.*nobody on the server bears.*Let the alias depend on the user.*NOT_FOUND/s,
    );
    expect(await targetsOf("cover.alma")).toEqual(["alma@example.com"]);
    await stage.simulator.deliver({ to: "cover.alma@example.com", subject: "as before" });
  });

  it("may be led to another server, to a list of the domain, and to whatever takes all mail", async () => {
    const { simulator, domainId } = stage;
    const { cover } = await covering("bela", "cover.bela");
    await simulator.adminCall("MailingLists.create", { mailingLists: [{ domainId, name: "crew" }] });
    let state = cover;
    for (const target of ["bela@elsewhere.example.org", "crew@example.com"]) {
      state = await applied(stage.plugin, "alias", state, alias("cover.bela", target));
      expect(await targetsOf("cover.bela")).toEqual([target]);
    }
    const all = [{ domainId, name: "x-*", deliverTo: "bela@example.com", type: "TypeEmailAddress" }];
    await simulator.adminCall("Aliases.create", { aliases: all });
    await applied(stage.plugin, "alias", state, alias("cover.bela", "x-ray"));
    expect(await targetsOf("cover.bela")).toEqual(["x-ray@example.com"]);
  });

  it("waits for a user whom the engine comes to a moment later", async () => {
    const { cover } = await covering("cleo", "cover.cleo");
    const change = () => applied(stage.plugin, "alias", cover, alias("cover.cleo", "dora"));
    await whileItWaits(change, async () => {
      const { inputs } = await stage.plugin.check("user", {}, person("dora"));
      expect(await targetsOf("cover.cleo")).toEqual(["cleo@example.com"]);
      await stage.plugin.create("user", inputs);
    });
    expect(await targetsOf("cover.cleo")).toEqual(["dora@example.com"]);
  });

  it("waits for a rename that the engine comes to a moment later", async () => {
    const { bearer, cover } = await covering("edda", "cover.edda");
    const change = () => applied(stage.plugin, "alias", cover, alias("cover.edda", "emma"));
    await whileItWaits(change, async () => {
      const inputs = await announced(bearer, person("emma", "edda"));
      expect(await targetsOf("cover.edda")).toEqual(["edda@example.com"]);
      await stage.plugin.create("user", inputs);
    });
    expect(await targetsOf("cover.edda")).toEqual(["emma@example.com"]);
    expect((await stage.account("emma"))?.enabled).toBe(true);
  });
});

describe("a new alias", () => {
  afterEach(() => stage.simulator.control.clearFaults());

  it("to an address that nobody bears is made, and warned of", async () => {
    await applied(stage.plugin, "alias", undefined, alias("early", "later"));
    await applied(stage.plugin, "alias", undefined, alias("away", "later@example.org"));
    await applied(stage.plugin, "alias", undefined, alias("again", "early"));
    expect(await targetsOf("early")).toEqual(["later@example.com"]);
    expect(stage.plugin.ear.text().match(/The alias \S+ delivers to [^:]+/g)).toEqual([
      "The alias early@example.com delivers to later@example.com, which nobody on the server bears",
    ]);
  });

  it("is made without a warning where whoever is to bear its target is on the way, or cannot be looked for", async () => {
    await stage.plugin.check("user", {}, person("soon"));
    await applied(stage.plugin, "alias", undefined, alias("for.soon", "soon"));
    await stage.simulator.control.fault("refuse", { method: "Server.findEntityByEmail", code: 1001 });
    await applied(stage.plugin, "alias", undefined, alias("for.nobody", "none"));
    expect(stage.plugin.ear.text()).not.toContain("nobody on the server");
  });
});

describe("an alias and a user of one program", () => {
  const refused = /name: \S+@example.com becomes the address of a user of this program/;

  it("cannot have one name where the user is renamed to it", async () => {
    const { bearer, cover } = await covering("faye", "flora");
    await announced(bearer, person("flora", "faye"));
    const kept = await stage.plugin.check("alias", cover.inputs, alias("flora", "faye"));
    expect(kept.failures.join()).toMatch(refused);
    expect((await stage.plugin.check("alias", {}, alias("flora", "else"))).failures.join()).toMatch(refused);
    // The name that becomes free is another matter.
    expect((await stage.plugin.check("alias", {}, alias("faye", "flora"))).failures).toEqual([]);
  });

  it("cannot have one name where both are new", async () => {
    expect((await stage.plugin.check("user", {}, person("gail"))).failures).toEqual([]);
    expect((await stage.plugin.check("alias", {}, alias("gail", "else"))).failures.join()).toMatch(refused);
  });

  it("may have one name where the server has that user already", async () => {
    const made = await applied(stage.plugin, "user", undefined, person("hope"));
    await nextRun();
    await stage.plugin.check("user", made.inputs, person("hope"));
    expect((await stage.plugin.check("alias", {}, alias("hope", "else"))).failures).toEqual([]);
    expect(stage.plugin.ear.text()).toContain("hope@example.com is the address of the user hope");
  });
});

it("an alias is not led to itself, and one that has been for long is left in peace", async () => {
  for (const own of ["ivy", "ivy@example.com"]) {
    const { failures } = await stage.plugin.check("alias", {}, alias("ivy", own));
    expect(failures.join()).toContain("deliverTo: ivy@example.com is the alias's own address");
  }
  const changed = await stage.plugin.check("alias", alias("ivy", "else"), alias("ivy", "ivy"));
  expect(changed.failures).toHaveLength(1);
  expect((await stage.plugin.check("alias", alias("ivy", "ivy"), alias("ivy", "ivy@example.com"))).failures).toEqual(
    [],
  );
  expect((await stage.plugin.check("alias", {}, alias("ivy", "ivy@example.org"))).failures).toEqual([]);
});
