import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KerioError } from "../../provider/errors";
import type { CoordinatorOptions } from "../../provider/rename/coordinator";
import { recoverAll } from "../../provider/rename/recover-all";
import { dieIn } from "../cli/die-in";
import type { Simulator } from "../helpers/start-simulator";
import { aroundCalls } from "./meddle";
import {
  domain,
  idOf,
  newcomer,
  provider,
  renameRequest,
  seatsForAll,
  settingsOf,
  stage,
  type Provider,
} from "./stage";

const shop = "shop.example";
/** Another name of the people's own domain. */
const net = "example.net";

let simulator: Simulator;
let plugin: Provider | undefined;
let shopId: string;

beforeEach(async () => {
  simulator = await stage({ switches: seatsForAll });
  const domainId = (await simulator.control.truth()).domains[0]?.id;
  const made = await simulator.adminCall<{ result: { id: string }[] }>("Domains.create", { domains: [{ name: shop }] });
  shopId = made.result[0]?.id ?? "";
  await simulator.adminCall("Domains.set", { domainIds: [domainId], pattern: { aliasList: [net] } });
  const aliases = [
    { domainId: shopId, name: "orders", deliverTo: `jdoe@${domain}` },
    { domainId: shopId, name: "bills", deliverTo: `JDoe@${net}` },
    // A bare local part is somebody of the alias's own domain, and its alias bears the new name without being in the way.
    { domainId: shopId, name: "local", deliverTo: "jdoe" },
    { domainId: shopId, name: "jsmith", deliverTo: `jdoe@${domain}` },
    { domainId, name: "sales", deliverTo: `jdoe@${net}` },
  ];
  await simulator.adminCall("Aliases.create", {
    aliases: aliases.map((one) => ({ ...one, type: "TypeEmailAddress" })),
  });
});

afterEach(async () => {
  await plugin?.close().catch(() => undefined);
  plugin = undefined;
  await simulator?.stop();
});

function plug(options: CoordinatorOptions = {}): Provider {
  return (plugin = provider(settingsOf(simulator), options));
}

async function targets(): Promise<Record<string, string>> {
  const rows = (await simulator.control.truth()).aliases as unknown as {
    domainId: string;
    name: string;
    deliverTo: string;
  }[];
  return Object.fromEntries(
    rows.map((row) => [`${row.name}@${row.domainId === shopId ? shop : domain}`, row.deliverTo]),
  );
}

async function subjects(name: string): Promise<string[]> {
  return (await simulator.control.messages(domain, name)).map(({ subject }) => subject).sort();
}

function refused(happened: string): KerioError {
  return new KerioError("API_REFUSED", { object: "domain", doing: "asking", happened, outcome: "rejected" });
}

const asBefore = {
  [`orders@${shop}`]: `jdoe@${domain}`,
  [`bills@${shop}`]: `JDoe@${net}`,
  [`local@${shop}`]: "jdoe",
  [`jsmith@${shop}`]: `jdoe@${domain}`,
  [`sales@${domain}`]: `jdoe@${net}`,
  [`books@${domain}`]: "jdoe",
};

const followed = (name: string) => ({
  ...Object.fromEntries(Object.keys(asBefore).map((alias) => [alias, `${name}@${domain}`])),
  [`local@${shop}`]: "jdoe",
});

const own = ["one", "three", "two"];

describe("an alias of another domain, or through another name of the domain", { timeout: 180_000 }, () => {
  it("follows the person where a newcomer takes the old name", async () => {
    const { coordinator } = plug({ isDeclared: (_, name) => name === "jdoe" });
    const id = await idOf(simulator, "jdoe");
    const renamed = coordinator.create(renameRequest("jdoe", "jsmith", id));
    await Promise.all([renamed, coordinator.create(newcomer("jdoe"))]);
    for (const to of [`orders@${shop}`, `bills@${shop}`, `sales@${domain}`])
      await simulator.deliver({ to, subject: `to ${to}` });
    expect(await subjects("jsmith")).toEqual(
      [...own, `to bills@${shop}`, `to orders@${shop}`, `to sales@${domain}`].sort(),
    );
    expect(await subjects("jdoe")).toEqual([]);
    expect(await targets()).toEqual(followed("jsmith"));
  });

  it("leads to the person where the old address is not kept, also on a server that knows no call of several", async () => {
    await simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
    const request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"), { keepOldAddress: false });
    const { notes } = await plug().coordinator.create(request);
    expect(notes).toEqual([]);
    await simulator.deliver({ to: `orders@${shop}`, subject: "an order" });
    expect(await subjects("jsmith")).toContain("an order");
    expect(await targets()).toEqual(followed("jsmith"));
  });

  it("follows each of two people who hand a name on", async () => {
    const domainId = shopId;
    const alias = { domainId, name: "ann", deliverTo: `asmith@${domain}`, type: "TypeEmailAddress" };
    await simulator.adminCall("Aliases.create", { aliases: [alias] });
    const { coordinator } = plug();
    const [jdoe, asmith] = [await idOf(simulator, "jdoe"), await idOf(simulator, "asmith")];
    await Promise.all([
      coordinator.create(renameRequest("jdoe", "jsmith", jdoe)),
      coordinator.create(renameRequest("asmith", "jdoe", asmith)),
    ]);
    const { [`asmith@${domain}`]: left, ...rest } = await targets();
    expect(left).toBe(`jdoe@${domain}`);
    expect(rest).toEqual({ ...followed("jsmith"), [`ann@${shop}`]: `jdoe@${domain}` });
  });

  it("is asked for with one list a domain, however many are renamed", async () => {
    const asked: unknown[] = [];
    const { coordinator, server } = plug({
      hooks: { before: (step) => void (isOver ||= step === "write-snapshot"), after: () => {} },
    });
    let isOver = false;
    aroundCalls(server.client, ({ method, params }, call) => {
      if (method === "Aliases.get" && !isOver) asked.push((params as { domainId: string }).domainId);
      return call();
    });
    const [jdoe, asmith] = [await idOf(simulator, "jdoe"), await idOf(simulator, "asmith")];
    await Promise.all([
      coordinator.create(renameRequest("jdoe", "jsmith", jdoe)),
      coordinator.create(renameRequest("asmith", "ann", asmith)),
    ]);
    expect(asked.filter((id) => id === shopId)).toHaveLength(1);
  });

  it("is left where it is by a login that is not shown its domain, or not its aliases", async () => {
    const { coordinator, server } = plug();
    aroundCalls(server.client, async ({ method, params }, call) => {
      if (method !== "Aliases.get" || (params as { domainId: string }).domainId !== shopId) return call();
      const facts = { object: "domain", doing: "listing aliases", happened: "access denied" };
      throw new KerioError("API_REFUSED", { ...facts, outcome: "rejected" });
    });
    await coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
    expect(await targets()).toMatchObject({
      [`orders@${shop}`]: `jdoe@${domain}`,
      [`sales@${domain}`]: `jsmith@${domain}`,
    });
  });

  it.each([
    { keepOldAddress: true, ends: true },
    { keepOldAddress: false, ends: false },
  ])("that cannot be changed keeps a rename open only where the old name is not kept: $keepOldAddress", async (one) => {
    const { coordinator, server } = plug();
    aroundCalls(server.client, async ({ method, params }, call) => {
      if (method === "Batch.run") throw refused("no such method");
      const { aliasIds = [] } = (params ?? {}) as { aliasIds?: string[] };
      const { aliases } = (await simulator.control.truth()) as unknown as {
        aliases: { id: string; domainId: string }[];
      };
      const isElsewhere = aliases.some(({ id, domainId }) => aliasIds.includes(id) && domainId === shopId);
      if (method === "Aliases.set" && isElsewhere) throw refused("access denied");
      return call();
    });
    const request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"), {
      keepOldAddress: one.keepOldAddress,
    });
    const end = await coordinator.create(request).then(
      ({ notes }) => notes.join(),
      (error: unknown) => String(error),
    );
    if (one.ends) expect(end).toMatch(/alias orders@shop\.example: .*access denied/);
    else expect(end).toMatch(/an alias, resource or archive .*does not name the new account.*RENAME_OPEN/s);
  });

  it("that cannot be looked at while it is to be repointed keeps a rename open where the old name is not kept", async () => {
    let isBegun = false;
    const { coordinator, server } = plug({
      hooks: { before: (step) => void (isBegun ||= step === "write-snapshot"), after: () => {} },
    });
    aroundCalls(server.client, async ({ method, params }, call) => {
      if (method === "Aliases.get" && isBegun && (params as { domainId: string }).domainId === shopId)
        throw refused("access denied");
      return call();
    });
    const request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"), { keepOldAddress: false });
    await expect(coordinator.create(request)).rejects.toThrow(
      /alias orders@shop\.example was not looked at: .*RENAME_OPEN/s,
    );
  });

  it("leads where it led after a rename that was taken back", async () => {
    const seen: Record<string, string>[] = [];
    const before = async (step: string): Promise<void> => {
      if (step !== "remove-old") return;
      seen.push(await targets());
      throw new KerioError("API_REFUSED", {
        object: "the test",
        doing: "removing",
        happened: "no",
        outcome: "rejected",
      });
    };
    const { coordinator } = plug({ hooks: { before, after: () => {} } });
    const request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"));
    await expect(coordinator.create(request)).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
    expect(seen[0]).toMatchObject(followed("jsmith"));
    expect(await targets()).toEqual(asBefore);
  });

  it("follows when the run that had begun has died, and only what is still there", async () => {
    await simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
    await dieIn(simulator, "before repoint");
    expect(await targets()).toMatchObject(asBefore);
    const { server } = plug();
    expect(await recoverAll(server)).toMatchObject([{ result: "finished" }]);
    const { [`jdoe@${domain}`]: left, ...rest } = await targets();
    expect(left).toBe(`jsmith@${domain}`);
    expect(rest).toEqual(followed("jsmith"));
  });

  it("keeps nobody from the end of a rename when its domain has been removed meanwhile", async () => {
    await simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
    await dieIn(simulator, "before repoint");
    const { errors } = await simulator.adminCall<{ errors: unknown[] }>("Domains.remove", { domainIds: [shopId] });
    expect(errors).toEqual([]);
    const { server } = plug();
    expect((await recoverAll(server)).map(({ result }) => result)).toEqual(["finished"]);
    expect(await targets()).toMatchObject({ [`sales@${domain}`]: `jsmith@${domain}` });
  });
});
