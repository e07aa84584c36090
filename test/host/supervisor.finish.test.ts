import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../provider/log";
import { startSupervisor } from "../../provider/host/supervisor";
import { eventually, FakeHost, kill } from "./fake-host";

const options = { wait: 0, log: silentLogger };
let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
  host.service("start");
});
afterEach(() => host.destroy());

describe("the orderly end", () => {
  test("is refused when held services cannot be opened again, and the start is tried on", async () => {
    const supervisor = await startSupervisor(host.session(), host.settings({ heartbeat: 4, startTimeout: 2 }), options);
    await supervisor.hold();
    host.switches({ start_fails: "yes" });
    await expect(supervisor.finish()).rejects.toMatchObject({
      code: "RENAME_REFUSED",
      message: expect.stringContaining("does not run") as string,
    });
    expect(host.locked).toBe(true);
    host.switches({});
    await eventually("the lock is free", () => !host.locked);
    expect(host.running).toBe(true);
  });

  test.each([5, 8])("leaves a running service behind a stop that comes through after %s seconds", async (delay) => {
    host.switches({ stop_delay: String(delay) });
    const supervisor = await startSupervisor(host.session(), host.settings({ stopTimeout: 3 }), options);
    const began = Date.now();
    expect(await supervisor.stop()).toMatchObject({ orderly: false, processGone: false });
    expect(await supervisor.start()).toMatchObject({ running: true });
    await supervisor.finish();
    await sleep(Math.max(0, began + (delay + 2) * 1000 - Date.now()));
    expect(host.running).toBe(true);
  });

  test("of held services starts no engine beside one that is on its way out", async () => {
    host.switches({ stop_lingers: "2" });
    const supervisor = await startSupervisor(host.session(), host.settings(), options);
    await supervisor.hold();
    await supervisor.finish();
    await sleep(3000);
    expect(host.running).toBe(true);
  });

  test("starts a service again that has crashed since its start", async () => {
    const supervisor = await startSupervisor(host.session(), host.settings(), options);
    await supervisor.stop();
    await supervisor.start();
    await crash();
    await supervisor.finish();
    expect(host.running).toBe(true);
  });
});

describe("the end by silence", () => {
  test("starts a service again that has crashed since its start", async () => {
    const supervisor = await startSupervisor(host.session(), host.settings({ heartbeat: 4 }), options);
    await supervisor.stop();
    await supervisor.start();
    await crash();
    await eventually("the lock is free", () => !host.locked);
    expect(host.running).toBe(true);
    expect(host.lastEnd).toContain("the service had ended again: the service runs");
  });

  test("of held services starts no engine beside one that is on its way out", async () => {
    host.switches({ stop_lingers: "2" });
    const supervisor = await startSupervisor(host.session(), host.settings({ heartbeat: 4 }), options);
    await supervisor.hold();
    await eventually("the lock is free", () => !host.locked);
    await sleep(3000);
    expect(host.running).toBe(true);
    expect(host.lastEnd).toContain("the service runs");
  });

  test("leaves a service alone that this run never stopped", async () => {
    const supervisor = await startSupervisor(host.session(), host.settings({ heartbeat: 4 }), options);
    await supervisor.beat();
    await crash();
    await eventually("the lock is free", () => !host.locked);
    expect(host.running).toBe(false);
    expect(host.lastEnd).toContain("left alone");
  });

  test("waits for a stop that takes longer than it may", async () => {
    host.switches({ stop_delay: "8" });
    const settings = host.settings({ heartbeat: 4, stopTimeout: 5 });
    const supervisor = await startSupervisor(host.session(), settings, options);
    await supervisor.stop();
    await eventually("the lock is free", () => !host.locked);
    await sleep(1000);
    expect(host.actions).toEqual(["start", "stop", "start"]);
    expect(host.running).toBe(true);
  });
});

async function crash(): Promise<void> {
  kill(Number(readFileSync(join(host.root, "engine.pid"), "utf8")));
  await eventually("the engine is gone", () => !host.running);
}
