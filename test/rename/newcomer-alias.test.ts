import { afterEach, describe, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { idOfDomain } from "./crowd";
import { aroundCalls } from "./meddle";
import { picture } from "./picture";
import {
  besideEachOther,
  domain,
  idOf,
  newcomer,
  provider,
  renameRequest,
  settingsOf,
  stage,
  type Provider,
} from "./stage";

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server, without `Batch.run` unless it is to have that, on which jdoe has become jsmith, and the alias leads to them. */
async function renamed(
  switches: Record<string, string> = {},
  hasBatch = false,
): Promise<{ simulator: Simulator; plugin: Provider }> {
  const simulator = await stage({
    switches: {
      "start-delay-ms": "50",
      "stop-delay-ms": "20",
      "unknown-method": "error",
      ...besideEachOther,
      ...switches,
    },
  });
  open.push(() => simulator.stop());
  if (!hasBatch) await simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
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
    const { simulator, plugin } = await renamed({ "alias-beside-user": "refused", "user-beside-alias": "refused" });
    await plugin.coordinator.create(newcomer("jdoe"));
    const { names, aliases } = await picture(simulator);
    expect(names).toEqual(["asmith", "jdoe", "jsmith"]);
    expect(aliases.jdoe).toBeUndefined();
  });
});

describe("a newcomer whom another administrator is faster than", { timeout: 180_000 }, () => {
  /** An account of the name is made just before ours. */
  function overtakenBy(plugin: Provider, simulator: Simulator, more: Record<string, unknown>): void {
    let isMade = false;
    aroundCalls(plugin.server.client, async ({ method }, call) => {
      if (method === "Users.create" && !isMade) {
        isMade = true;
        const domainId = await idOfDomain(simulator);
        const users = [{ domainId, loginName: "jdoe", isEnabled: true, password: "Stranger.1.Gate", ...more }];
        await simulator.adminCall("Users.create", { users });
      }
      return call();
    });
  }

  it.each([
    ["just as declared", {}],
    ["with a name of their own", { fullName: "A Stranger" }],
  ])("is refused, and the account made %s stays theirs, with their password", async (_, more) => {
    const { simulator, plugin } = await renamed({}, true);
    overtakenBy(plugin, simulator, more);
    await expect(plugin.coordinator.create(newcomer("jdoe"))).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    expect((await simulator.control.login("jdoe", "Stranger.1.Gate")).ok).toBe(true);
    expect((await picture(simulator)).aliases.jdoe).toEqual([`jsmith@${domain}`]);
  });
});

describe("a newcomer on a server that lets no user stand beside an alias", { timeout: 180_000 }, () => {
  // The second is the code for a seat that is missing, too.
  it.each([1001, 1003])(
    "that says so by %i takes the name in one call, also where it gets mail at once",
    async (code) => {
      const { simulator, plugin } = await renamed({}, true);
      await simulator.control.fault("refuse", { method: "Users.create", code, times: 1 });
      aroundCalls(plugin.server.client, async ({ method }, call) => {
        const answer = await call();
        if (method === "Batch.run") await simulator.deliver({ to: `jdoe@${domain}`, subject: "welcome" });
        return answer;
      });
      const before = (await simulator.control.calls()).length;
      const { userId, initialPassword } = await plugin.coordinator.create(newcomer("jdoe"));
      const after = await picture(simulator);
      expect(after.account("jdoe")).toMatchObject({ id: userId });
      expect(after.aliases.jdoe).toBeUndefined();
      expect((await simulator.control.login("jdoe", String(initialPassword))).ok).toBe(true);
      const writes = (await simulator.control.calls()).slice(before).map((call) => call.method);
      expect(writes.filter((method) => /Batch|create$|remove$/.test(method))).toEqual(["Users.create", "Batch.run"]);
    },
  );
});
