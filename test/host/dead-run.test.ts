import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clearDeadRun } from "../../provider/host/dead-run";
import { lockHolder } from "../../provider/host/lock-holder";
import { startSupervisor, type Supervisor, type SupervisorSettings } from "../../provider/host/supervisor";
import { silentLogger } from "../../provider/log";
import { eventually, FakeHost, kill } from "./fake-host";

const nothing = { found: false, detail: "" };
let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
  host.service("start");
});
afterEach(() => host.destroy());

const runs = () => readdirSync(join(host.state, "runs"));

/** A run that has moved a mailbox, held or stopped, and has lost its supervisor and its guard. */
async function died(
  reach: (run: Supervisor) => Promise<unknown>,
  changed: Partial<SupervisorSettings> = {},
): Promise<string> {
  const settings = host.settings(changed);
  await reach(await startSupervisor(host.session(), settings, { wait: 0, log: silentLogger }));
  for (const role of ["guard", "main"] as const) kill(host.pid(settings.run, role));
  return settings.run;
}

async function stopAndMove(run: Supervisor): Promise<void> {
  const inode = host.mailbox("jdoe", ["one"]);
  await run.stop();
  const paths = { from: join(host.domain, "jdoe"), to: join(host.domain, "jroe") };
  await run.move([{ inode, ...paths, directory: host.domain, parking: host.parking }]);
}

test("a run that died with the service stopped is brought to its end over SSH alone", async () => {
  await died(stopAndMove);
  expect(host.running).toBe(false);
  expect(await clearDeadRun(host.session())).toEqual({
    found: true,
    detail: "the supervisor and its guard were killed; 1 moves taken back; the service runs",
  });
  expect(host.running).toBe(true);
  expect(host.names).toEqual(["jdoe"]);
  expect(host.actions).toEqual(["start", "stop", "start"]);
  expect(host.locked).toBe(false);
  expect(runs()).toEqual([]);
  expect(await clearDeadRun(host.session())).toEqual(nothing);
});

test("one that died while it buried another, an hour ago, is brought to its end with that other", async () => {
  const stopped = await died(stopAndMove);
  const burying = join(host.state, "runs", "burying");
  mkdirSync(burying);
  writeFileSync(join(burying, "settings"), "owner=a run that clears away a dead one\n");
  writeFileSync(join(burying, "predecessor"), `${stopped}\n`);
  renameSync(join(host.state, "lock", stopped), join(host.state, "lock", "burying"));
  const anHourAgo = new Date(Date.now() - 3_600_000);
  for (const run of [stopped, "burying"]) utimesSync(join(host.state, "runs", run), anHourAgo, anHourAgo);
  expect(await clearDeadRun(host.session())).toMatchObject({ found: true });
  expect(host.running).toBe(true);
  expect(host.names).toEqual(["jdoe"]);
  expect(runs()).toEqual([]);
});

test("what a run that ended an hour ago has left is swept, and what another left just now is not", async () => {
  const left = join(host.state, "runs", "ended");
  mkdirSync(left, { recursive: true });
  const anHourAgo = new Date(Date.now() - 3_600_000);
  utimesSync(left, anHourAgo, anHourAgo);
  mkdirSync(join(host.state, "runs", "fresh"));
  expect(await clearDeadRun(host.session())).toEqual(nothing);
  expect(runs()).toEqual(["fresh"]);
});

test("one that held the mail services has the engine restarted", async () => {
  await died((run) => run.hold());
  expect(await clearDeadRun(host.session())).toMatchObject({ found: true });
  expect(host.actions).toEqual(["start", "stop", "start"]);
  expect(host.locked).toBe(false);
});

test("a service that does not start is told, and the lock is kept by whoever goes on trying", async () => {
  await died((run) => run.stop(), { startTimeout: 2, heartbeat: 4 });
  host.switches({ start_fails: "yes" });
  const { found, detail } = await clearDeadRun(host.session());
  expect(found).toBe(true);
  expect(detail).toContain("could not be started: cannot start");
  expect(await lockHolder(host.session())).toMatchObject({ alive: true, unstarted: expect.stringContaining("cannot") });
  host.switches({});
  await eventually("the service runs", () => host.running);
  await eventually("the lock is free", () => !host.locked);
  expect(host.lastEnd).toContain("the service runs");
});

test("a host without a lock is not touched", async () => {
  expect(await clearDeadRun(host.session())).toEqual(nothing);
  expect(existsSync(host.state)).toBe(false);
});

test("a living run is left alone", async () => {
  const supervisor = await startSupervisor(host.session(), host.settings(), { wait: 0, log: silentLogger });
  await supervisor.stop();
  expect(await clearDeadRun(host.session())).toEqual(nothing);
  expect(host.running).toBe(false);
  await supervisor.finish();
});

test("a lock of an earlier boot is freed, and the service left to the boot", async () => {
  const run = await died((supervisor) => supervisor.stop());
  for (const role of ["guard", "main"]) writeFileSync(join(host.state, "runs", run, role), "1 1 another-boot\n");
  expect(await clearDeadRun(host.session())).toEqual({ found: true, detail: "nothing was left to do" });
  expect(host.actions).toEqual(["start", "stop"]);
  expect(host.locked).toBe(false);
});

test("several at once bring it to its end once", async () => {
  await died((run) => run.stop());
  const all = await Promise.all([1, 2, 3].map(() => clearDeadRun(host.session())));
  expect(all.filter((one) => one.found)).toHaveLength(1);
  expect(host.actions).toEqual(["start", "stop", "start"]);
  expect(host.running).toBe(true);
  expect(runs()).toEqual([]);
});

test.each(["the clearing", "the next run"])("what %s left when it died itself is cleared by the next", async (what) => {
  const first = await died(stopAndMove);
  host.switches({ start_fails: "yes" });
  const session = host.session();
  const cut =
    what === "the clearing"
      ? clearDeadRun(session)
      : startSupervisor(session, host.settings(), { wait: 0, log: silentLogger });
  cut.catch(() => undefined);
  await eventually("it is at it", () => host.actions.filter((verb) => verb === "start").length > 1);
  const second = runs().find((run) => run !== first) ?? "";
  await killAllOf(second);
  host.switches({});
  expect(host.running).toBe(false);
  expect(await clearDeadRun(host.session())).toMatchObject({
    found: true,
    detail: expect.stringContaining("the service runs") as string,
  });
  expect(host.running).toBe(true);
  expect(host.names).toEqual(["jdoe"]);
  expect(host.locked).toBe(false);
});

/** Its guard and what that has forked, until none is left. */
async function killAllOf(run: string): Promise<void> {
  for (let left = 1; left > 0; await sleep(100)) {
    const found = execFileSync("sh", ["-c", `grep -lF 'runs/${run}' /proc/[0-9]*/cmdline 2>/dev/null || true`]);
    const pids = found.toString().match(/\d+/g)?.map(Number) ?? [];
    // The shell that looks bears the name too.
    const others = pids.filter((pid) => existsSync(`/proc/${pid}`));
    others.forEach(kill);
    left = others.length;
  }
}

test("a run that waits for the lock meanwhile gets it", async () => {
  await died((run) => run.stop());
  const log = { wait: 60, log: silentLogger };
  const [, supervisor] = await Promise.all([
    clearDeadRun(host.session()),
    startSupervisor(host.session(), host.settings(), log),
  ]);
  await supervisor.finish();
  expect(host.running).toBe(true);
  expect(host.locked).toBe(false);
});

test("a lock whose run left nothing else is freed", async () => {
  mkdirSync(join(host.state, "lock"), { recursive: true });
  writeFileSync(join(host.state, "lock/gone"), "");
  expect(await clearDeadRun(host.session())).toEqual({ found: true, detail: "nothing was left to do" });
  expect(host.locked).toBe(false);
  expect(host.actions).toEqual(["start"]);
});
