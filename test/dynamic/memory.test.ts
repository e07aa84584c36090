import { describe, expect, it } from "vitest";
import { Memory } from "../../provider/dynamic/memory";

const at = { server: "", domain: "example.com" };
const claim = (name: string) => ({ ...at, kind: "user", name });
const change = { ...at, from: "jdoe", to: "jsmith", logicalName: "one" };
const rename = { ...change, oldId: "7", previousNames: ["jdoe"] };

describe("claims", () => {
  it("tells the other resource that claims a name, and gives up the earlier name of the same one", () => {
    const memory = new Memory();
    expect(memory.declare(claim("jdoe"), "one")).toBeUndefined();
    expect(memory.declare(claim("jdoe"), "one")).toBeUndefined();
    expect(memory.declare(claim("jdoe"), "two")).toBe("one");
    memory.declare(claim("jsmith"), "one");
    expect(memory.isDeclared(claim("jdoe"))).toBe(false);
    expect(memory.claimOf("user", "one")?.name).toBe("jsmith");
    expect(memory.declare(claim("jdoe"), "two")).toBeUndefined();
    expect(memory.isDeclared({ ...claim("jdoe"), kind: "alias" })).toBe(false);
  });
});

describe("a rename on its way through the engine's calls", () => {
  it("is marked only when the check before has announced the same change", () => {
    const memory = new Memory();
    expect(memory.mark(rename)).toBe(false);
    memory.announce(change);
    expect(memory.mark({ ...rename, from: "somebody" })).toBe(false);
    expect(memory.mark({ ...rename, logicalName: "two" })).toBe(false);
    expect(memory.mark(rename)).toBe(true);
    expect(memory.mark(rename)).toBe(false);
  });

  it("is taken once, by the same resource", () => {
    const memory = new Memory();
    memory.announce(change);
    memory.mark(rename);
    expect(memory.take({ ...at, to: "jsmith", logicalName: "two" })).toBeUndefined();
    expect(memory.take(change)).toEqual(rename);
    expect(memory.take(change)).toBeUndefined();
  });

  it("stays pending until it is done, so that nobody removes its account", () => {
    const memory = new Memory();
    memory.announce(change);
    memory.mark(rename);
    memory.start(rename);
    memory.settle(rename, false);
    expect(memory.pendingRename("7")?.to).toBe("jsmith");
    memory.settle(rename, true);
    expect(memory.pendingRename("7")).toBeUndefined();
  });

  it("is pending under its old name where the program names it by hand, until it is done", () => {
    const memory = new Memory();
    memory.expect(change);
    expect(memory.namedRename({ ...at, name: "jdoe" })?.to).toBe("jsmith");
    expect(memory.namedRename({ ...at, name: "jsmith" })).toBeUndefined();
    expect(memory.pendingAt({ ...at, name: "jsmith" })?.from).toBe("jdoe");
    memory.start(change);
    memory.settle(change, false);
    expect(memory.namedRename({ ...at, name: "jdoe" })).toBeDefined();
    memory.settle(change, true);
    expect(memory.namedRename({ ...at, name: "jdoe" })).toBeUndefined();
  });
});

describe("what the engine has been told", () => {
  it("keeps apart the accounts that its state holds and those it was told to follow", () => {
    const memory = new Memory();
    memory.seeInState("8");
    memory.heal("7");
    expect([memory.isInState("8"), memory.isInState("7")]).toEqual([true, false]);
    expect([memory.isHealed("7"), memory.isHealed("8")]).toEqual([true, false]);
  });

  it("does not take everything for heard of an account whose last step stopped half-way", () => {
    const memory = new Memory();
    memory.seeInState("7");
    memory.seeInState("8", true);
    memory.seeInState("8");
    expect([memory.hasHeardOf("7"), memory.hasHeardOf("8"), memory.isInState("8")]).toEqual([true, false, true]);
  });
});

describe("waiting for renames", () => {
  it("does not wait where none is pending, nor for ever for one that does not begin", async () => {
    const memory = new Memory();
    expect(await memory.settled({ ...at, name: "jdoe" }, 0)).toBe(true);
    memory.announce(change);
    memory.mark(rename);
    expect(await memory.settled({ ...at, name: "jsmith" }, 0)).toBe(false);
  });

  it("waits for all that take or leave a name, as in a chain", async () => {
    const memory = new Memory();
    const next = { ...rename, from: "jsmith", to: "asmith", logicalName: "two", oldId: "8" };
    for (const one of [rename, next]) {
      memory.announce(one);
      memory.mark(one);
      memory.start(one);
    }
    let ended = false;
    const done = memory.settled({ ...at, name: "jsmith" }, 0).then((result) => (ended = result));
    memory.settle(rename, true);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ended).toBe(false);
    memory.settle(next, true);
    expect(await done).toBe(true);
  });

  it("waits for one that runs, and tells how it ended", async () => {
    const memory = new Memory();
    memory.announce(change);
    memory.mark(rename);
    memory.start(rename);
    const [done, failed] = [memory.settled({ ...at, name: "jdoe" }, 0), memory.settled({ ...at, name: "jsmith" }, 0)];
    memory.settle(rename, true);
    expect([await done, await failed]).toEqual([true, true]);
    expect(memory.once("a")).toBe(true);
    expect(memory.once("a")).toBe(false);
  });
});
