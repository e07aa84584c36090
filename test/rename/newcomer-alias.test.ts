import { afterEach, describe, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { aroundCalls } from "./meddle";
import { picture } from "./picture";
import { domain, idOf, newcomer, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server without `Batch.run`, on which jdoe has become jsmith, and the alias leads to them. */
async function renamed(switches: Record<string, string> = {}): Promise<{ simulator: Simulator; plugin: Provider }> {
  const simulator = await stage({ switches: { "start-delay-ms": "50", "stop-delay-ms": "20", ...switches } });
  open.push(() => simulator.stop());
  await simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
  const plugin = provider(settingsOf(simulator), { isDeclared: (_domain, name) => name === "jdoe" });
  open.push(() => plugin.close());
  await plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  expect((await picture(simulator)).aliases.jdoe).toEqual([`jsmith@${domain}`]);
  return { simulator, plugin };
}

describe("a newcomer to a name that leads to its former bearer, where nothing is done at once", () => {
  it("has the account before the alias goes: at no moment is the name nobody's", { timeout: 180_000 }, async () => {
    const { simulator, plugin } = await renamed();
    const nobodys: string[] = [];
    aroundCalls(plugin.server.client, async ({ method }, call) => {
      const { accounts, aliases } = await simulator.control.truth();
      if (![...accounts, ...aliases].some(({ name }) => name === "jdoe")) nobodys.push(`before ${method}`);
      return call();
    });
    await plugin.coordinator.create(newcomer("jdoe"));
    expect(nobodys).toEqual([]);
    const { names, aliases } = await picture(simulator);
    expect(names).toEqual(["asmith", "jdoe", "jsmith"]);
    expect(aliases.jdoe).toBeUndefined();
  });

  it("is made all the same by a server that refuses a user beside an alias", { timeout: 180_000 }, async () => {
    const { simulator, plugin } = await renamed({ "duplicate-alias": "refused" });
    await plugin.coordinator.create(newcomer("jdoe"));
    const { names, aliases } = await picture(simulator);
    expect(names).toEqual(["asmith", "jdoe", "jsmith"]);
    expect(aliases.jdoe).toBeUndefined();
  });
});
