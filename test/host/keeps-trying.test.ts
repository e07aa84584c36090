import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockHolder } from "../../provider/host/lock-holder";
import { startSupervisor } from "../../provider/host/supervisor";
import { silentLogger } from "../../provider/log";
import { eventually, FakeHost, kill } from "./fake-host";

let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
  host.service("start");
});
afterEach(() => host.destroy());

/** A run that has stopped the service and fallen silent, on a host whose service does not start; its id. */
async function silentAndStopped(): Promise<string> {
  const settings = host.settings({ heartbeat: 4, startTimeout: 2 });
  const supervisor = await startSupervisor(host.session(), settings, { wait: 0, log: silentLogger });
  await supervisor.stop();
  host.switches({ start_fails: "yes" });
  const unstarted = join(host.state, "runs", settings.run, "unstarted");
  await eventually("five starts have failed", () => existsSync(unstarted), 45);
  return settings.run;
}

test("a service that does not start is tried again for as long as it takes", async () => {
  await silentAndStopped();
  expect(host.lastEnd).toContain("could not be started: cannot start");
  expect(host.lastEnd).toContain("tried again every 4 seconds");
  host.switches({});
  await eventually("the service runs", () => host.running);
  await eventually("the lock is free", () => !host.locked);
  expect(host.lastEnd).toContain("the service runs");
  await eventually("its files are gone", () => readdirSync(join(host.state, "runs")).length === 0, 5);
});

test("whoever comes meanwhile hears what it waits for, and TERM ends it with the service down", async () => {
  const run = await silentAndStopped();
  const holder = await lockHolder(host.session());
  expect(holder).toMatchObject({ alive: true, unstarted: expect.stringContaining("cannot start") });
  await expect(startSupervisor(host.session(), host.settings(), { wait: 0, log: silentLogger })).rejects.toMatchObject({
    code: "RENAME_BUSY",
    message: expect.stringContaining("still tries to start the mail"),
  });
  process.kill(host.pid(run, "main"), "SIGTERM");
  await eventually("the lock is free", () => !host.locked);
  expect(host.running).toBe(false);
  expect(host.lastEnd).toContain("could not be started");
});

test.each(["main", "guard"] as const)("TERM ends it as well while the first starts are tried: %s", async (role) => {
  const settings = host.settings({ heartbeat: 4, startTimeout: 2 });
  const supervisor = await startSupervisor(host.session(), settings, { wait: 0, log: silentLogger });
  await supervisor.stop();
  host.switches({ start_fails: "yes" });
  const pid = host.pid(settings.run, role);
  // Its guard ends the run in its place.
  if (role === "guard") kill(host.pid(settings.run, "main"));
  await eventually("a start has failed", () => host.actions.filter((verb) => verb === "start").length === 2);
  process.kill(pid, "SIGTERM");
  await eventually("the lock is free", () => !host.locked, 60);
  expect(host.running).toBe(false);
  const starts = host.actions.length;
  await sleep(6000);
  expect(host.actions).toHaveLength(starts);
});
