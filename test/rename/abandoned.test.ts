import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockHolder } from "../../provider/host/lock-holder";
import { openHost } from "../../provider/rename/mail-server";
import type { Simulator } from "../helpers/start-simulator";
import { aroundCalls } from "./meddle";
import { picture } from "./picture";
import { idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
const open: Provider[] = [];

beforeEach(async () => {
  simulator = await stage({ switches: { "start-delay-ms": "50", "stop-delay-ms": "20" } });
});
afterEach(async () => {
  for (const plugin of open.splice(0)) await plugin.close();
  await simulator.stop();
});

function next(...args: Parameters<typeof provider>): Provider {
  const plugin = provider(...args);
  open.push(plugin);
  return plugin;
}

const snapshots = () => readdirSync(join(simulator.state, "home/.pulumi-kerio/snapshots"));
const refused = {
  code: "RENAME_REFUSED",
  message: expect.stringMatching(/engine that asked for it is gone/) as string,
};

/** That nothing was begun for whoever is gone, and the host is free. */
async function expectUntouched(plugin: Provider): Promise<void> {
  expect((await picture(simulator)).names).toContain("asmith");
  const host = await openHost(plugin.server);
  expect(await lockHolder(host)).toBeUndefined();
  await host.close();
}

describe("a run begins nothing for an engine that has died", { timeout: 180_000 }, () => {
  it("while it waited for another run", async () => {
    const [jdoe, asmith] = [await idOf(simulator, "jdoe"), await idOf(simulator, "asmith")];
    let release = () => {};
    const released = new Promise<void>((done) => (release = done));
    let isHeld = false;
    const hold = (step: string) => {
      if (step !== "release-services") return;
      isHeld = true;
      return released;
    };
    const first = next(settingsOf(simulator), { hooks: { before: hold, after: () => {} } });
    const done = first.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
    await expect.poll(() => isHeld, { timeout: 60_000 }).toBe(true);

    let isGone = false;
    const orphan = next(settingsOf(simulator), { isAbandoned: () => Promise.resolve(isGone) });
    const waiting = orphan.coordinator.create(renameRequest("asmith", "stale", asmith));
    const answer = expect(waiting).rejects.toMatchObject(refused);
    const waits = () => orphan.lines.some((line) => line.startsWith("Waiting for"));
    await expect.poll(waits, { timeout: 60_000 }).toBe(true);
    isGone = true;
    release();
    await done;
    await answer;
    await expectUntouched(orphan);
    expect(snapshots()).toHaveLength(1);
    expect(await simulator.control.downtimes()).toHaveLength(1);
  });

  it("while it backed the server up", async () => {
    let isGone = false;
    const orphan = next(settingsOf(simulator, { backup: "full" }), { isAbandoned: () => Promise.resolve(isGone) });
    aroundCalls(orphan.server.client, ({ method }, call) => {
      isGone ||= method === "Backup.start";
      return call();
    });
    const request = renameRequest("asmith", "stale", await idOf(simulator, "asmith"));
    await expect(orphan.coordinator.create(request)).rejects.toMatchObject(refused);
    expect(isGone).toBe(true);
    await expectUntouched(orphan);
    expect(await simulator.control.downtimes()).toEqual([]);
  });

  it("with an update that waited to finish what an earlier run has left", async () => {
    const orphan = next(settingsOf(simulator), { isAbandoned: () => Promise.resolve(true) });
    const request = renameRequest("asmith", "stale", await idOf(simulator, "asmith"));
    await expect(orphan.coordinator.finishOpen("the new account", request, true)).rejects.toMatchObject(refused);
    await expectUntouched(orphan);
  });
});
