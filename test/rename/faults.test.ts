import { afterEach, beforeEach, expect, it } from "vitest";
import type { RunHooks } from "../../provider/rename/run-context";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "./picture";
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

let simulator: Simulator;
let plugin: Provider;

beforeEach(async () => {
  // The manager that says when it has killed a service, and starts one that was killed by others.
  simulator = await stage({ switches: { "init-system": "systemd", restart: "auto", ...seatsForAll } });
});

afterEach(async () => {
  await plugin?.close().catch(() => undefined);
  await simulator?.stop();
});

/** Does something on the server just before a step, once. */
function before(step: string, act: () => Promise<unknown>): RunHooks {
  let done = false;
  return {
    after: () => {},
    before: async (here) => {
      if (here !== step || done) return;
      done = true;
      await act();
    },
  };
}

it("goes on when somebody removes a mailing list in the middle", async () => {
  const { mailingLists } = await simulator.control.truth();
  const remove = () => simulator.adminCall("MailingLists.remove", { mlIds: mailingLists.map((list) => list.id) });
  plugin = provider(settingsOf(simulator), { hooks: before("swap-at-once", remove) });
  await plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "jsmith"]);
  expect(after.directories.jsmith?.messages).toBe(3);
});

it("rolls back when the service does not stop in order, and leaves everything as it was", async () => {
  plugin = provider(settingsOf(simulator));
  await simulator.control.command("restart");
  const was = await picture(simulator);
  await simulator.control.fault("stop-timeout");
  const rename = plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  await expect(rename).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
  const after = await picture(simulator);
  expect(after.names).toEqual(was.names);
  expect(after.directories).toEqual(was.directories);
  expect(after.messages("jdoe")).toEqual(was.messages("jdoe"));
  expect(after.account("jdoe")).toMatchObject({ enabled: true });
  expect(after.readers).toEqual(was.readers);
  expect(after.services).toEqual(was.services);
});

it("gives everything back when it fails just before the point of no return", async () => {
  const fail = () => Promise.reject(new Error("the disk of this machine is full"));
  plugin = provider(settingsOf(simulator), { hooks: before("remove-old", fail) });
  const was = await picture(simulator);
  const rename = plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  await expect(rename).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
  const after = await picture(simulator);
  expect(was.readers).toEqual({ news: ["TrusteeGroup", "jdoe"] });
  for (const part of ["names", "directories", "groups", "lists", "readers", "managers", "aliases", "services"] as const)
    expect([part, after[part]]).toEqual([part, was[part]]);
  expect(after.account("jdoe")).toEqual(was.account("jdoe"));
});

it("leaves a new account alone that somebody has taken over by its description", async () => {
  const takeOver = async () => {
    const pattern = { description: "front desk" };
    await simulator.adminCall("Users.set", { userIds: [await idOf(simulator, "jsmith")], pattern });
    throw new Error("the disk of this machine is full");
  };
  plugin = provider(settingsOf(simulator), { hooks: before("move-mailboxes", takeOver) });
  const was = await picture(simulator);
  const rename = plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  await expect(rename).rejects.toMatchObject({ code: "RENAME_OPEN" });
  await expect(rename).rejects.toThrow(
    /jsmith@example\.com: somebody has changed its description, so it is left alone/,
  );
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "jdoe", "jsmith"]);
  expect(after.account("jsmith")).toMatchObject({ description: "front desk" });
  expect(after.account("jdoe")).toEqual(was.account("jdoe"));
  expect(after.directories).toMatchObject(was.directories);
  expect(after.directories.jsmith?.messages ?? 0).toBe(0);
});

it("lets one person's refusal be nobody else's, in one stop", async () => {
  plugin = provider(settingsOf(simulator));
  const [jdoe, asmith] = [await idOf(simulator, "jdoe"), await idOf(simulator, "asmith")];
  await simulator.deliver({ to: `asmith@${domain}`, subject: "hers" });
  await plugin.coordinator.create(newcomer("bdoe"));
  const [first, second, third] = await Promise.allSettled([
    plugin.coordinator.create(renameRequest("jdoe", "jsmith", jdoe)),
    plugin.coordinator.create(renameRequest("asmith", "bdoe", asmith)),
    plugin.coordinator.create(newcomer("jdoe")),
  ]);
  expect(first).toMatchObject({ status: "fulfilled" });
  expect(second).toMatchObject({ status: "rejected", reason: { code: "RENAME_REFUSED" } });
  expect(third).toMatchObject({ status: "fulfilled" });
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "bdoe", "jdoe", "jsmith"]);
  expect(after.directories.jsmith?.messages).toBe(3);
  expect(after.directories.asmith?.messages).toBe(1);
  expect(after.directories.jdoe?.messages ?? 0).toBe(0);
  expect(after.aliases.jdoe).toBeUndefined();
  expect(await simulator.control.downtimes()).toHaveLength(1);
});

it("puts right what a crash of the engine has undone before the result was heard", { timeout: 120_000 }, async () => {
  await simulator.control.setSwitch("config-save", "at-stop");
  plugin = provider(settingsOf(simulator));
  const id = await idOf(simulator, "jdoe");
  const was = await picture(simulator);
  await plugin.coordinator.create(renameRequest("jdoe", "jsmith", id));
  // What the engine had in its memory alone is lost: the old account is back, and the new one as it was at the stop.
  await simulator.control.command("kill");
  await expect.poll(async () => (await simulator.control.service()).running, { timeout: 30_000 }).toBe(true);
  await expect.poll(() => idOf(simulator, "jdoe").catch(() => ""), { timeout: 30_000 }).toBe(id);
  const next = provider(settingsOf(simulator));
  await next.coordinator.create(renameRequest("jdoe", "jsmith", id));
  await next.close();
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "jsmith"]);
  expect(after.directories.jsmith).toEqual(was.directories.jdoe);
  expect(after.account("jsmith")).toMatchObject({ enabled: true, description: "accounting" });
  expect(after.groups).toEqual({ staff: ["jsmith"] });
  expect(after.aliases.jdoe).toEqual([`jsmith@${domain}`]);
});
