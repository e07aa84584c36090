import { describe, expect, it } from "vitest";
import { applied, type Props } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ hasHadMail: true });
const { domain, nextRun, names } = stage;
const person = (name: string, more: Props = {}): Props => ({ domain, name, logicalName: name, ...more });
const alias = (name: string): Props => ({ domain, name, deliverTo: "else", logicalName: `alias-${name}` });
const checked = async (kind: "user" | "alias", declared: Props) =>
  (await stage.plugin.check(kind, {}, declared)).failures.join();

describe("a new alias that is seen before a user of its name", () => {
  it("refuses the user that is new, or comes to the name by hand", async () => {
    await applied(stage.plugin, "user", undefined, person("hank"));
    await nextRun();
    for (const name of ["gail", "henry"]) expect(await checked("alias", alias(name))).toBe("");
    expect(await checked("user", person("gail"))).toMatch(/gail@example\.com is taken by the alias/);
    expect(await checked("user", person("henry", { renamedFrom: "hank" }))).toMatch(
      /henry@example\.com is taken by the alias/,
    );
  });

  it("refuses no user whom the server has already and who is taken over", async () => {
    await applied(stage.plugin, "user", undefined, person("ida"));
    await nextRun();
    await checked("alias", alias("ida"));
    expect(await checked("user", person("ida", { adopt: true }))).toBe("");
  });
});

describe("a new alias under the name that a rename leaves", () => {
  const other = { domain, name: "olga", deliverTo: "else", logicalName: "alias-olga" };

  it("is refused where it leads to somebody else and the rename leaves an alias", async () => {
    const made = await applied(stage.plugin, "user", undefined, person("olga"));
    for (const [keepOldAddress, told] of [
      [true, /rename of olga@example\.com to olivia leaves an alias .* keepOldAddress: false in "olga"/],
      [false, /^$/],
    ] as const) {
      await nextRun();
      const olds = { ...made.inputs, logicalName: "olga" };
      const news = person("olivia", { logicalName: "olga", keepOldAddress });
      const { inputs } = await stage.plugin.check("user", olds, news);
      await stage.plugin.diff("user", made.id, made.outs, inputs);
      expect((await stage.plugin.check("alias", {}, other)).failures.join()).toMatch(told);
      expect((await stage.plugin.check("alias", {}, { ...other, deliverTo: "olivia" })).failures.join()).toBe("");
    }
  });

  it("is refused where the rename is named by hand", async () => {
    await nextRun();
    await stage.plugin.check("user", {}, person("olivia", { logicalName: "two", renamedFrom: "olga" }));
    expect(await checked("alias", other)).toMatch(/leaves an alias of that name/);
  });
});

describe("an account that one resource takes over and another one renames", () => {
  const adopter = person("lena", { logicalName: "one", adopt: true });
  const says = /lena@example\.com is renamed by "two" and taken over by "one"/;

  it("is refused where the rename is named by hand, in either order", async () => {
    await applied(stage.plugin, "user", undefined, person("lena", { logicalName: "two" }));
    const renamer = person("lenora", { logicalName: "two", renamedFrom: "lena" });
    for (const [first, second] of [
      [adopter, renamer],
      [renamer, adopter],
    ] as const) {
      await nextRun();
      expect(await checked("user", first)).toBe("");
      expect(await checked("user", second)).toMatch(says);
    }
    await nextRun();
    expect(await checked("user", adopter)).toBe("");
    expect(await checked("user", person("lenora", { logicalName: "two" }))).toBe("");
  });

  it("is refused where it was taken over before its own resource renames it", async () => {
    const mine = await applied(stage.plugin, "user", undefined, person("lena", { logicalName: "two", adopt: true }));
    await nextRun();
    await applied(stage.plugin, "user", undefined, adopter);
    const renamed = applied(stage.plugin, "user", mine, person("lenora", { logicalName: "two" }));
    await expect(renamed).rejects.toThrow(says);
    expect(await names()).toContain("lena");
  });
});

it("refuses a rename to the name of somebody whose own rename was refused before", async () => {
  const adam = await applied(stage.plugin, "user", undefined, person("adam"));
  const bert = await applied(stage.plugin, "user", undefined, person("bert"));
  const row = { domainId: stage.domainId, name: "taken", deliverTo: `bert@${domain}`, type: "TypeEmailAddress" };
  await stage.simulator.adminCall("Aliases.create", { aliases: [row] });
  await nextRun();
  const renamed = async (from: { inputs: Props }, logicalName: string, name: string) =>
    (await stage.plugin.check("user", from.inputs, person(name, { logicalName }))).failures.join();
  expect(await renamed(adam, "adam", "taken")).toMatch(/taken@example\.com/);
  expect(await renamed(bert, "bert", "adam")).toMatch(/adam@example\.com/);
});

describe("a name that one user bears and another one takes as an extra address", () => {
  const zoe = person("zoe");
  const carl = person("carl", { emailAddresses: ["zoe", "C.A"] });

  it("is refused for whichever comes second, and for two extra addresses", async () => {
    expect(await checked("user", zoe)).toBe("");
    expect(await checked("user", carl)).toMatch(/emailAddresses: zoe@example\.com is taken by the user .*"zoe"/);
    await nextRun();
    expect(await checked("user", carl)).toBe("");
    expect(await checked("user", zoe)).toMatch(/name: zoe@example\.com is taken by the user .*"carl"/);
    expect(await checked("user", person("dora", { emailAddresses: ["c.a"] }))).toMatch(/c\.a@example\.com is taken/);
  });

  it("is nobody's matter where both have it already, or the one gives it up", async () => {
    const again = async (before: Props, now: Props) => (await stage.plugin.check("user", before, now)).failures.join();
    expect(await again(zoe, zoe)).toBe("");
    expect(await again(carl, carl)).toBe("");
    await nextRun();
    expect(await again(carl, person("carl"))).toBe("");
    expect(await checked("user", zoe)).toBe("");
  });
});

describe("an extra address under the name that a rename leaves as an alias", () => {
  const otto = person("otto", { emailAddresses: ["nora"] });
  const renamed = async (olds: Props, more: Props = {}) =>
    (await stage.plugin.check("user", olds, person("nelly", { logicalName: "nora", ...more }))).failures.join();

  it("is refused for whichever comes second, and is no matter where none is left", async () => {
    const { inputs } = await applied(stage.plugin, "user", undefined, person("nora"));
    await nextRun();
    expect(await renamed(inputs)).toBe("");
    expect(await checked("user", otto)).toMatch(/emailAddresses: nora@example\.com is taken by the user .*"nora"/);
    await nextRun();
    expect(await checked("user", otto)).toBe("");
    expect(await renamed(inputs)).toMatch(/keepOldAddress: the rename leaves an alias nora@example\.com, .*"otto"/);
    await nextRun();
    expect(await renamed(inputs, { keepOldAddress: false })).toBe("");
    expect(await checked("user", otto)).toBe("");
  });
});
