import { afterEach, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "./picture";
import { idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

/** The manager that says when it has killed a service: elsewhere a configuration that is there is all that counts. */
const systemd = { "init-system": "systemd" };

let simulator: Simulator;
let plugin: Provider;

afterEach(async () => {
  await plugin?.close().catch(() => undefined);
  await simulator?.stop();
});

it.each([
  ["the answer to the removal of the new account is lost", "0", { method: "Users.remove", times: 1 }],
  ["the server removes the new account later", "1500", undefined],
])("leaves nothing in the way of the next attempt when %s", async (_, delay, lost) => {
  const switches = { "directory-at": "create", "removal-delay-ms": delay, "config-save": "after-change", ...systemd };
  simulator = await stage({ switches });
  const before = async (step: string) => {
    if (step !== "roll-back") return;
    await simulator.control.clearFaults();
    if (lost) await simulator.control.fault("drop-after", lost);
  };
  plugin = provider(settingsOf(simulator), { hooks: { before, after: () => {} } });
  const was = await picture(simulator);
  await simulator.control.fault("stop-timeout", { times: 1 });
  const jdoe = await idOf(simulator, "jdoe");
  const first = plugin.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
  await expect(first).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
  const back = await picture(simulator);
  expect(back.names).toEqual(was.names);
  expect(back.directories).toEqual(was.directories);

  const question = { domain: "example.com", from: "jdoe", to: "jsmith", fromId: jdoe };
  expect((await plugin.coordinator.checkRename(question)).refusals).toEqual([]);
  await plugin.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "jsmith"]);
  expect(after.messages("jsmith")).toEqual(was.messages("jdoe"));
});

it.each([
  ["1002", "5000"],
  ["1003", "4000"],
])(
  "waits for a removal of the new account that goes on unheard, and is refused by %s when asked for again",
  async (code, delay) => {
    const switches = {
      "removal-delay-ms": delay,
      "unknown-id-code": code,
      "config-save": "after-change",
      ...systemd,
    };
    simulator = await stage({ switches });
    let isLost = false;
    const before = async (step: string) => {
      if (step !== "roll-back" || isLost) return;
      isLost = true;
      await simulator.control.fault("drop-after", { method: "Users.remove", times: 1 });
    };
    plugin = provider(settingsOf(simulator), { hooks: { before, after: () => {} } });
    await simulator.control.fault("stop-timeout", { times: 1 });
    const jdoe = await idOf(simulator, "jdoe");
    const request = renameRequest("jdoe", "jsmith", jdoe);
    await expect(plugin.coordinator.create(request)).rejects.toMatchObject({ code: "RENAME_OPEN" });
    expect((await picture(simulator)).names).toContain("jsmith");
    await plugin.coordinator.create(request);
    const { names, account } = await picture(simulator);
    expect(names).toEqual(["asmith", "jsmith"]);
    expect(account("jsmith").id).not.toBe(jdoe);
  },
);
