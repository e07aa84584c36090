import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { User } from "../../provider/kerio/methods/users";
import { lackingSettings } from "../../provider/rename/lacking-settings";
import { PartialFailure } from "../../provider/rename/partial-failure";
import type { Simulator } from "../helpers/start-simulator";
import { aroundCalls } from "./meddle";
import { picture } from "./picture";
import { idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

const members = ["emailForwarding", "diskSizeLimit", "role"];

describe("settings that the server leaves out of a new account", { timeout: 120_000 }, () => {
  let simulator: Simulator;
  let plugin: Provider;
  let were: Record<string, unknown>;

  beforeEach(async () => {
    simulator = await stage();
    plugin = provider(settingsOf(simulator));
    were = await settings("jdoe");
  });
  afterEach(async () => {
    await plugin?.close();
    await simulator?.stop();
  });

  async function settings(name: string): Promise<Record<string, unknown>> {
    const account: Record<string, unknown> = (await picture(simulator)).account(name);
    return Object.fromEntries(members.map((member) => [member, account[member]]));
  }

  /** The server takes them no more than a version would that does not know them. */
  function ignore(isAlsoSet: boolean): void {
    aroundCalls(plugin.server.client, async ({ method, params }, call) => {
      const { users = [], pattern } = (params ?? {}) as { users?: object[]; pattern?: object };
      const given = [...(method === "Users.create" ? users : []), ...(method === "Users.set" ? [pattern ?? {}] : [])];
      const isAbout = given.some((one) => members.some((member) => member in one));
      if (!isAbout) return call();
      if (method === "Users.set") return isAlsoSet ? {} : call();
      for (const one of given) for (const member of members) Reflect.deleteProperty(one, member);
      return call();
    });
  }

  it("are given before the person is handed over", async () => {
    ignore(false);
    const { notes } = await plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
    expect(notes).toEqual([]);
    expect(await settings("jsmith")).toEqual(were);
  });

  it("are told by name where it never takes them, and keep the rename from being open no longer than that", async () => {
    ignore(true);
    const request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"));
    const failure = await plugin.coordinator.create(request).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    expect(String(failure)).toMatch(/other settings of jsmith@example\.com .*: .*diskSizeLimit/);
    for (const member of members) expect(String(failure)).toContain(member);
    const id = await idOf(simulator, "jsmith");
    expect(await plugin.coordinator.openRename(id)).toBeUndefined();
    expect(await plugin.coordinator.finishOpen(id, request, true)).toMatchObject({ userId: id });
  });
});

it("are those that the server tells, in whichever form", () => {
  const user = (more: object) => ({ id: "u", loginName: "jdoe", ...more }) as User;
  const size = (value: number, units: string, isActive = true) => ({
    diskSizeLimit: { isActive, limit: { value, units } },
  });
  const forwarding = (mode: string, ...emailAddresses: string[]) => ({ emailForwarding: { mode, emailAddresses } });
  const lacking = (wanted: object, seen: object) => lackingSettings({ settings: wanted }, user(seen));
  expect(lacking(size(2, "GigaBytes"), size(2048, "MegaBytes"))).toEqual([]);
  expect(lacking(size(2, "GigaBytes"), size(2, "MegaBytes"))).toEqual(["diskSizeLimit"]);
  expect(lacking(size(2, "GigaBytes"), size(2, "GigaBytes", false))).toEqual(["diskSizeLimit"]);
  expect(lacking(size(2, "GigaBytes", false), size(0, "Bytes", false))).toEqual([]);
  expect(lacking(forwarding("UForwardYes", "b@x", "A@x"), forwarding("UForwardYes", "a@x", "B@x"))).toEqual([]);
  expect(lacking(forwarding("UForwardYes", "b@x"), forwarding("UForwardNone"))).toEqual(["emailForwarding"]);
  expect(lacking(forwarding("UForwardNone", "b@x"), forwarding("UForwardNone"))).toEqual([]);
  expect(lacking({ fullName: "J. Doe" }, {})).toEqual([]);
  expect(lacking({ fullName: "J. Doe" }, { fullName: "" })).toEqual(["fullName"]);
});
