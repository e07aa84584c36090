import { afterEach, expect, it } from "vitest";
import type { UserRequest } from "../../provider/rename/user-request";
import { sleep } from "../../provider/retry";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "./picture";
import { domain, idOf, newcomer, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let plugin: Provider;

afterEach(async () => {
  await plugin?.close().catch(() => undefined);
  await simulator?.stop();
});

it("leaves the process alive while a newcomer waits for a name, and serves the rename that comes later", async () => {
  simulator = await stage();
  plugin = provider(settingsOf(simulator), { isDeclared: (_domain, name) => name === "jdoe" });
  const fromId = await idOf(simulator, "jdoe");
  plugin.coordinator.announce({ domain, from: "jdoe", to: "jsmith", fromId });

  const begun = Date.now();
  const waiting = plugin.coordinator.create(newcomer("jdoe"));
  waiting.catch(() => undefined);
  let ticks = 0;
  const clock = setInterval(() => (ticks += 1), 100);
  await sleep(3000);
  clearInterval(clock);
  expect(Date.now() - begun).toBeLessThan(5000);
  expect(ticks).toBeGreaterThan(10);

  const renamed = await plugin.coordinator.create(renameRequest("jdoe", "jsmith", fromId));
  const fresh = await waiting;
  const after = await picture(simulator);
  expect(after.account("jsmith").id).toBe(renamed.userId);
  expect(after.account("jdoe").id).toBe(fresh.userId);
  expect(fresh.userId).not.toBe(fromId);
  expect(after.aliases.jdoe).toBeUndefined();
});

it("tells of a further stop when the service is stopped again, and not of a batch that never stopped it", async () => {
  simulator = await stage();
  plugin = provider(settingsOf(simulator));
  const { coordinator, lines } = plugin;
  const told = () => lines.filter((line) => line.startsWith("The mail service is stopped once more"));
  const [jdoe, asmith] = [await idOf(simulator, "jdoe"), await idOf(simulator, "asmith")];
  await expect(coordinator.create(renameRequest("jdoe", "asmith", jdoe))).rejects.toMatchObject({
    code: "RENAME_REFUSED",
  });
  await coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
  expect(told()).toEqual([]);
  await simulator.deliver({ to: `asmith@${domain}`, subject: "one" });
  await coordinator.create(renameRequest("asmith", "bsmith", asmith));
  expect(told()).toHaveLength(1);
  expect(await simulator.control.downtimes()).toHaveLength(2);
});

it("does not call a rename finished, or a user without one unfinished, where the stack has no SSH settings", async () => {
  simulator = await stage();
  const settings = settingsOf(simulator);
  delete settings.ssh;
  plugin = provider(settings);
  const finish = (request: UserRequest) => plugin.coordinator.finishOpen("an id", request, true);
  await expect(finish(renameRequest("jdoe", "jsmith"))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  expect(await finish(newcomer("asmith"))).toBeUndefined();
});
