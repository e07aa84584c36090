import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { KerioError } from "../../provider/errors";
import { markOf } from "../../provider/rename/mark";
import { markedDescription, type RenameRecord, type Snapshot } from "../../provider/rename/snapshot";
import type { UserRequest } from "../../provider/rename/user-request";
import { holdSwitch } from "../helpers/hold-switch";
import type { Simulator } from "../helpers/start-simulator";
import { aroundCalls, removeAccount } from "./meddle";
import { picture } from "./picture";
import {
  domain,
  idOf,
  madeAtFirstUse,
  newcomer,
  provider,
  renameRequest,
  seatsForAll,
  settingsOf,
  stage,
  type Provider,
} from "./stage";

const mark = markedDescription(
  { mark: "[pulumi-kerio 0123456789abcdef]" } as Snapshot,
  { from: "jdoe", to: "jsmith" } as RenameRecord,
);

let simulator: Simulator;
let plugin: Provider;

beforeAll(async () => {
  simulator = await stage({ switches: { ...madeAtFirstUse, ...seatsForAll } });
});
afterAll(() => simulator?.stop());
beforeEach(() => {
  plugin = provider(settingsOf(simulator));
});
afterEach(async () => {
  await simulator.control.clearFaults();
  await plugin.close();
});

describe("the mark of a rename", () => {
  it("is read from the text that a rename writes, and from no other", () => {
    expect(markOf(mark)).toEqual({ from: "jdoe", to: "jsmith" });
    expect(markOf(`${mark} (and a note by hand)`)).toEqual({ from: "jdoe", to: "jsmith" });
    for (const other of [undefined, "", "accounting", "jdoe is being renamed to jsmith"])
      expect(markOf(other)).toBeUndefined();
  });
});

describe("the half-made account of a rename that died", () => {
  beforeAll(async () => {
    const domainId = (await simulator.control.truth()).domains[0]?.id;
    const user = { domainId, loginName: "jsmith", password: "Orchard.7.Gate", isEnabled: false, description: mark };
    await simulator.adminCall("Users.create", { users: [user] });
  });
  afterAll(async () => removeAccount(simulator, await idOf(simulator, "jsmith"), { method: "UDeleteUser" }));

  it.each([false, true])("becomes nobody else's (adopt: %s)", async (adopt) => {
    const error: unknown = await plugin.coordinator.create(newcomer("jsmith", { adopt })).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "RENAME_OPEN" });
    expect(String(error)).toMatch(/jdoe@example\.com to jsmith@example\.com.*pulumi up/);
    expect((await picture(simulator)).account("jsmith")).toMatchObject({ description: mark, enabled: false });
  });

  it("is told in the preview: refused to one who adopts, a warning to one who does not", async () => {
    const asked = { domain, name: "jsmith", adoptMailbox: false };
    const adopting = await plugin.coordinator.checkNewcomer({ ...asked, adopt: true });
    expect(adopting.refusals.join()).toMatch(/jdoe@example\.com to jsmith@example\.com/);
    const plain = await plugin.coordinator.checkNewcomer({ ...asked, adopt: false });
    expect(plain.refusals).toEqual([]);
    expect(plain.warnings.join()).toMatch(/jdoe@example\.com to jsmith@example\.com/);
    expect(plain.warnings.join()).not.toContain("adopt: true");
  });
});

describe("the alias that a rename of this update has left under a newcomer's name", () => {
  const alias = `jsmith@${domain}`;

  it("stays where the newcomer is refused or not made, and goes where it is made", async () => {
    await plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
    expect((await picture(simulator)).aliases.jdoe).toEqual([alias]);
    const rows = async () => (await simulator.control.truth()).aliases.filter((row) => row.name === "jdoe");
    const [before] = await rows();

    const create = (groups?: string[]) => plugin.coordinator.create(newcomer("jdoe", groups && { groups }));
    await expect(create(["nobody"])).rejects.toThrow(/nobody/);
    expect((await picture(simulator)).aliases.jdoe).toEqual([alias]);

    await simulator.control.fault("refuse", { method: "Batch.run", times: 1, code: 1000, message: "not here" });
    await simulator.control.fault("refuse", { method: "Users.create", times: 2, code: 1003, message: "licence" });
    await expect(create()).rejects.toThrow(/licence/);
    const [restored] = await rows();
    expect({ ...restored, id: "" }).toEqual({ ...before, id: "" });

    await simulator.control.fault("drop-before", { method: "Batch.run", times: 1 });
    await simulator.control.fault("drop-before", { method: "Users.create", times: 1 });
    await expect(create()).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    expect((await picture(simulator)).aliases.jdoe).toEqual([alias]);

    await simulator.control.fault("drop-after", { method: "Batch.run", times: 1 });
    await create();
    const after = await picture(simulator);
    expect(after.names).toEqual(["asmith", "jdoe", "jsmith"]);
    expect(after.aliases.jdoe).toBeUndefined();
  });
});

describe("the alias that a rename has left for the next bearer of the name", () => {
  it("gives way in any later process, once the newcomer is there, and is no refusal in the preview", async () => {
    await holdSwitch(simulator, "user-beside-alias", "allowed");
    const isDeclared = (_domain: string, name: string) => name === "asmith";
    const renaming = provider(settingsOf(simulator), { isDeclared });
    await renaming.coordinator.create(renameRequest("asmith", "bsmith", await idOf(simulator, "asmith")));
    await renaming.close();
    expect((await picture(simulator)).aliases.asmith).toEqual([`bsmith@${domain}`]);

    const asked = { domain, name: "asmith", adopt: false, adoptMailbox: false };
    expect((await plugin.coordinator.checkNewcomer(asked)).refusals).toEqual([]);
    const before = (await simulator.control.calls()).length;
    await plugin.coordinator.create(newcomer("asmith"));
    const after = await picture(simulator);
    expect(after.names).toContain("asmith");
    expect(after.aliases.asmith).toBeUndefined();
    const writes = (await simulator.control.calls()).slice(before).map((call) => call.method);
    expect(writes.filter((method) => /Batch|create$|remove$/.test(method))).toEqual(["Users.create", "Aliases.remove"]);
  });
});

/** An account that was there before, by the server's id. */
async function account(loginName: string): Promise<string> {
  const domainId = (await simulator.control.truth()).domains[0]?.id;
  await simulator.adminCall("Users.create", {
    users: [{ domainId, loginName, isEnabled: true, password: "Orchard.7.Gate" }],
  });
  return idOf(simulator, loginName);
}

describe("a newcomer whose name an account bears", () => {
  it.each([
    { from: "ada", to: "adele", adopt: false, delay: 0 },
    { from: "bea", to: "beatrice", adopt: true, delay: 0 },
    // The rename is announced while the newcomer is being looked at.
    { from: "cyd", to: "cydney", adopt: false, delay: 600 },
  ])(
    "waits for a rename that the engine has not come to yet ($from, adopt: $adopt)",
    async ({ from, to, adopt, delay }) => {
      const fromId = await account(from);
      if (delay > 0) await simulator.control.fault("delay", { method: "Users.get", times: 1, ms: delay });
      const early = plugin.coordinator.create(newcomer(from, { adopt }));
      await sleep(400);
      const [made, renamed] = await Promise.all([early, plugin.coordinator.create(renameRequest(from, to, fromId))]);
      expect([made.address, renamed.address]).toEqual([`${from}@${domain}`, `${to}@${domain}`]);
      expect(made.userId).not.toBe(fromId);
      expect((await simulator.control.login(`${from}@${domain}`, made.initialPassword ?? "")).ok).toBe(true);
      expect((await picture(simulator)).aliases[from]).toBeUndefined();
    },
  );
});

/** A rename that dies once the old account is gone; `declares` tells whether the program gives the old name away. */
async function dieLate(from: string, to: string, declares: boolean): Promise<UserRequest> {
  const isDeclared = (_domain: string, name: string) => declares && name === from;
  const before = (step: string) => {
    if (step === "release-services") throw new Error("the run ends here");
  };
  const dying = provider(settingsOf(simulator), { isDeclared, hooks: { before, after: () => {} } });
  const request = renameRequest(from, to, await account(from));
  await expect(dying.coordinator.create(request)).rejects.toThrow(/ends here/);
  await dying.close();
  expect((await picture(simulator)).aliases[from]).toEqual([`${to}@${domain}`]);
  return request;
}

it("has no alias beside it when the rename that freed its name is finished afterwards", async () => {
  const request = await dieLate("eva", "evelyn", true);
  await plugin.coordinator.create(newcomer("eva"));
  const finished = await plugin.coordinator.finishOpen(await idOf(simulator, "evelyn"), request, false);
  expect(finished).toMatchObject({ address: `evelyn@${domain}` });
  const after = await picture(simulator);
  expect(after.names).toEqual(expect.arrayContaining(["eva", "evelyn"]));
  expect(after.aliases.eva).toBeUndefined();
});

it("is told of by the rename that is finished, where an administrator has made it and no program", async () => {
  await holdSwitch(simulator, "user-beside-alias", "allowed");
  const request = await dieLate("flo", "flora", false);
  await account("flo");
  const finish = plugin.coordinator.finishOpen(await idOf(simulator, "flora"), request, false);
  await expect(finish).rejects.toThrow(/does not deliver mail for flo@example\.com to the new account alone/);
});

it("is told of its own account alone, where the server has refused several together and one is asked for in vain", async () => {
  const met = (code: "API_REFUSED" | "OUTCOME_UNKNOWN", apiCode?: number) =>
    new KerioError(code, { object: "server", doing: "creating users", happened: "not so", apiCode });
  let creations = 0;
  aroundCalls(plugin.server.client, async ({ method }, call) => {
    if (method !== "Users.create") return call();
    const turn = ++creations;
    if (turn === 1) throw met("API_REFUSED", 1003);
    if (turn === 3) throw met("API_REFUSED", 1000);
    const answer = await call();
    if (turn === 4) throw met("OUTCOME_UNKNOWN");
    return answer;
  });
  const names = ["gus", "hal", "ida"];
  const ends = await Promise.allSettled(names.map((name) => plugin.coordinator.create(newcomer(name))));
  expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((await picture(simulator)).names).toEqual(expect.arrayContaining(["gus", "ida"]));
  for (const [index, end] of ends.entries()) {
    const password = end.status === "fulfilled" ? end.value.initialPassword : undefined;
    const { ok } = await simulator.control.login(`${names[index]}@${domain}`, password ?? "");
    expect(ok, names[index]).toBe(end.status === "fulfilled");
  }
});

it("is not asked for again that is there although the server has refused the call about it", async () => {
  const before = (await simulator.control.calls()).length;
  await simulator.control.fault("refuse-after", { method: "Users.create", times: 1, code: 1000, message: "no" });
  const names = ["jan", "kim"];
  const made = await Promise.all(names.map((name) => plugin.coordinator.create(newcomer(name))));
  const calls = (await simulator.control.calls()).slice(before).map(({ method }) => method);
  expect(calls.filter((method) => method === "Users.create")).toHaveLength(1);
  for (const { address, initialPassword } of made)
    expect((await simulator.control.login(address, initialPassword ?? "")).ok, address).toBe(true);
});

describe.each(["first-use", "create"])(
  "an account as declared on a server that makes its mailbox at %s",
  (directoryAt) => {
    let server: Simulator;
    let own: Provider;

    beforeAll(async () => {
      server = await stage({ switches: { "directory-at": directoryAt, "email-addresses": "full", ...seatsForAll } });
      own = provider(settingsOf(server));
    });
    afterAll(async () => {
      await own?.close();
      await server?.stop();
    });

    const request = (name: string) =>
      newcomer(name, { declared: { fullName: "B. Doe", emailAddresses: [`${name}.b`, `${name}.a`] } });

    /** What a create leaves whose answer nobody has heard. */
    async function made(loginName: string): Promise<string> {
      const domainId = (await server.control.truth()).domains[0]?.id;
      const emailAddresses = [`${loginName}.a`, `${loginName}.b`];
      const user = {
        domainId,
        loginName,
        isEnabled: true,
        password: "Orchard.7.Gate",
        fullName: "B. Doe",
        emailAddresses,
      };
      await server.adminCall("Users.create", { users: [user] });
      return idOf(server, loginName);
    }

    it("is taken for the result of an earlier create, with a password that is told", async () => {
      const id = await made("bdoe");
      expect((await picture(server)).directories["bdoe"] !== undefined).toBe(directoryAt === "create");
      const { userId, initialPassword, notes } = await own.coordinator.create(request("bdoe"));
      expect({ userId, notes }).toEqual({ userId: id, notes: [expect.stringContaining("never used")] });
      expect((await server.control.login(`bdoe@${domain}`, initialPassword ?? "")).ok).toBe(true);
    });

    it("is somebody's once mail has come for it", async () => {
      await made("cdoe");
      await server.deliver({ to: `cdoe@${domain}`, subject: "one" });
      await expect(own.coordinator.create(request("cdoe"))).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    });

    it("is not taken over with a mailbox that nobody can look into", async () => {
      const id = await made("edoe");
      const blind = provider(settingsOf(server, { ssh: undefined }));
      const result = blind.coordinator.create(request("edoe"));
      if (directoryAt === "create") await expect(result).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
      else await expect(result).resolves.toMatchObject({ userId: id });
      await blind.close();
    });
  },
);
