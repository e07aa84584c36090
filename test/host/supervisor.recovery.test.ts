import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../provider/log";
import { startSupervisor, type Move, type Supervisor } from "../../provider/host/supervisor";
import { eventually, FakeHost, kill } from "./fake-host";

const options = { wait: 0, log: silentLogger };
let host: FakeHost;

function begin(): { inode: string; move: Move } {
  host = new FakeHost();
  host.service("start");
  const inode = host.mailbox("jdoe", ["one"]);
  const paths = { from: join(host.domain, "jdoe"), to: join(host.domain, "jroe") };
  return { inode, move: { inode, ...paths, directory: host.domain, parking: host.parking } };
}

afterEach(() => host.destroy());

/** How far a run got, and what must be seen once nobody has spoken for it. */
const stages: {
  stage: string;
  reach: (run: Supervisor, move: Move) => Promise<unknown>;
  names: string[];
  actions: string[];
}[] = [
  { stage: "before the stop", reach: (run) => run.beat(), names: ["jdoe"], actions: ["start"] },
  { stage: "stopped", reach: (run) => run.stop(), names: ["jdoe"], actions: ["start", "stop", "start"] },
  {
    stage: "moved",
    reach: async (run, move) => [await run.stop(), await run.move([move])],
    names: ["jdoe"],
    actions: ["start", "stop", "start"],
  },
  {
    stage: "started",
    reach: async (run, move) => [await run.stop(), await run.move([move]), await run.start()],
    names: ["jroe"],
    actions: ["start", "stop", "start"],
  },
  {
    stage: "held",
    reach: async (run, move) => [await run.stop(), await run.move([move]), await run.start(), await run.hold()],
    names: ["jroe"],
    actions: ["start", "stop", "start", "stop", "start"],
  },
  {
    stage: "no longer held",
    reach: async (run) => [await run.hold(), await run.unhold()],
    names: ["jdoe"],
    actions: ["start"],
  },
];

function expectEnded(inode: string, names: string[], actions: string[]): void {
  expect(host.running).toBe(true);
  expect(host.names).toEqual(names);
  expect(host.inode(names[0] ?? "")).toBe(inode);
  expect(host.actions).toEqual(actions);
  expect(readdirSync(join(host.state, "runs"))).toEqual([]);
  expect(host.lastEnd).toContain("ended");
}

describe.each(stages)("a run that is $stage", ({ reach, names, actions }) => {
  test("and falls silent is ended by the supervisor", async () => {
    const { inode, move } = begin();
    const supervisor = await startSupervisor(host.session(), host.settings({ heartbeat: 4 }), options);
    await reach(supervisor, move);
    await eventually("the lock is free", () => !host.locked);
    await eventually("its files are gone", () => readdirSync(join(host.state, "runs")).length === 0, 5);
    expectEnded(inode, names, actions);
    await expect(supervisor.beat()).rejects.toMatchObject({ code: "LOCK_LOST" });
    await expect(supervisor.stop()).rejects.toThrow(/no sign of life/);
  });

  test("and loses its supervisor to SIGKILL is ended by the guard", async () => {
    const { inode, move } = begin();
    const settings = host.settings();
    const supervisor = await startSupervisor(host.session(), settings, options);
    await reach(supervisor, move);
    kill(host.pid(settings.run, "main"));
    await eventually("the lock is free", () => !host.locked);
    await eventually("its files are gone", () => readdirSync(join(host.state, "runs")).length === 0, 5);
    expectEnded(inode, names, actions);
    await expect(supervisor.move([move])).rejects.toMatchObject({ code: "LOCK_LOST" });
  });

  test("and loses both to SIGKILL is ended by the next run", async () => {
    const { inode, move } = begin();
    const settings = host.settings();
    await reach(await startSupervisor(host.session(), settings, options), move);
    kill(host.pid(settings.run, "guard"));
    kill(host.pid(settings.run, "main"));
    const next = await startSupervisor(host.session(), host.settings(), options);
    await next.finish();
    expect(host.locked).toBe(false);
    expect(host.running).toBe(true);
    expect(host.names).toEqual(names);
    expect(host.inode(names[0] ?? "")).toBe(inode);
    expect(host.actions).toEqual(actions);
    expect(readdirSync(join(host.state, "runs"))).toEqual([]);
  });
});

describe("the supervisor", () => {
  test("goes on when its guard is killed", async () => {
    const { move } = begin();
    const settings = host.settings();
    const supervisor = await startSupervisor(host.session(), settings, options);
    kill(host.pid(settings.run, "guard"));
    await supervisor.stop();
    await supervisor.move([move]);
    await supervisor.start();
    await supervisor.finish();
    expect(host.names).toEqual(["jroe"]);
    expect(host.locked).toBe(false);
  });

  test("ends in order on SIGTERM, as when the host shuts down", async () => {
    const { move } = begin();
    const settings = host.settings();
    const supervisor = await startSupervisor(host.session(), settings, options);
    await supervisor.stop();
    await supervisor.move([move]);
    for (const role of ["guard", "main"] as const) process.kill(host.pid(settings.run, role), "SIGTERM");
    await eventually("the lock is free", () => !host.locked);
    expect(host.names).toEqual(["jdoe"]);
    expect(host.running).toBe(true);
  });

  test("waits for a slow stop before it starts the service again", { timeout: 120_000 }, async () => {
    begin();
    // Long enough that the loss is before the end of the stop, on a machine that is slow to notice its beginning too.
    host.switches({ stop_delay: "15" });
    const session = host.session();
    const supervisor = await startSupervisor(session, host.settings({ heartbeat: 3, stopTimeout: 45 }), options);
    const lost = supervisor.stop();
    lost.catch(() => undefined);
    await eventually("the stop has begun", () => host.actions.includes("stop"));
    session.broken = true;
    await eventually("the lock is free", () => !host.locked, 60);
    expect(host.actions).toEqual(["start", "stop", "start"]);
    expect(host.running).toBe(true);
    await expect(lost).rejects.toBeDefined();
  });

  test("starts the service although the status command hangs in the stop", { timeout: 180_000 }, async () => {
    begin();
    host.switches({ status_delay: "600" });
    const session = host.session();
    const settings = host.settings({ heartbeat: 3, stopTimeout: 3, startTimeout: 3 });
    const lost = (await startSupervisor(session, settings, options)).stop();
    lost.catch(() => undefined);
    await eventually("the stop has begun", () => host.actions.includes("stop"));
    session.broken = true;
    const starts = () => host.actions.filter((verb) => verb === "start").length;
    await eventually("it has been started", () => starts() > 1, 60);
    host.switches({});
    await eventually("the lock is free", () => !host.locked, 60);
    expect(host.running).toBe(true);
    await expect(lost).rejects.toBeDefined();
  });

  test("takes no service for stopped whose status nobody knows", { timeout: 180_000 }, async () => {
    begin();
    host.switches({ status_delay: "600" });
    const supervisor = await startSupervisor(host.session(), host.settings({ heartbeat: 60, stopTimeout: 3 }), options);
    expect(await supervisor.stop()).toMatchObject({ inactive: false });
    host.switches({});
    await supervisor.finish();
    expect(host.running).toBe(true);
  });

  test("starts the service when no record can be written", async () => {
    const { move } = begin();
    const settings = host.settings({ heartbeat: 4 });
    const supervisor = await startSupervisor(host.session(), settings, options);
    await supervisor.stop();
    await supervisor.move([move]);
    // A file where each record would go: even root cannot write there.
    const run = join(host.state, "runs", settings.run);
    for (const role of ["guard", "main"] as const) {
      for (const name of ["phase", "job"]) mkdirSync(join(run, `${name}.new.${host.pid(settings.run, role)}`));
    }
    await eventually("the lock is free", () => !host.locked);
    expect(host.running).toBe(true);
    expect(host.names).toEqual(["jdoe"]);
  });

  test("refuses a stop that cannot be recorded", async () => {
    begin();
    const settings = host.settings();
    const supervisor = await startSupervisor(host.session(), settings, options);
    mkdirSync(join(host.state, "runs", settings.run, `phase.new.${host.pid(settings.run, "main")}`));
    await expect(supervisor.stop()).rejects.toThrow(/disk full/);
    expect(host.actions).toEqual(["start"]);
    await supervisor.finish();
  });

  test("refuses what cannot be recorded while the service runs: a hold, and a mailbox that stays parked", async () => {
    begin();
    const settings = host.settings();
    const supervisor = await startSupervisor(host.session(), settings, options);
    const run = join(host.state, "runs", settings.run);
    mkdirSync(join(run, `held.new.${host.pid(settings.run, "main")}`));
    await expect(supervisor.hold()).rejects.toThrow(/hold could not be recorded.*disk full/);
    writeFileSync(join(run, "moves"), "1\t/store/mail/example.com/jdoe\t/store/parking/mailbox-1\n");
    mkdirSync(join(run, "moves.new"));
    await expect(supervisor.keepParked(["1"])).rejects.toThrow(/what stays parked could not be recorded.*disk full/);
    rmSync(join(run, "moves"));
    await supervisor.finish();
  });

  test("tries the start again", async () => {
    begin();
    const supervisor = await startSupervisor(host.session(), host.settings({ heartbeat: 3, startTimeout: 2 }), options);
    await supervisor.stop();
    host.switches({ start_fails: "yes" });
    await eventually("it has tried", () => host.actions.filter((verb) => verb === "start").length >= 3);
    host.switches({});
    await eventually("the lock is free", () => !host.locked);
    expect(host.running).toBe(true);
  });

  test("takes no move back under a running engine", async () => {
    const { move } = begin();
    const supervisor = await startSupervisor(host.session(), host.settings({ heartbeat: 4 }), options);
    await supervisor.stop();
    await supervisor.move([move]);
    host.service("start");
    await eventually("the lock is free", () => !host.locked);
    expect(host.names).toEqual(["jroe"]);
    expect(host.lastEnd).toContain("no move was taken back");
  });

  test("moves nothing while somebody else has started the engine", async () => {
    const { move } = begin();
    const supervisor = await startSupervisor(host.session(), host.settings(), options);
    await supervisor.stop();
    host.service("start");
    expect(await supervisor.move([move])).toMatchObject([{ ok: false }]);
    expect(host.names).toEqual(["jdoe"]);
    await supervisor.finish();
  });

  test("moves nothing beside an engine that the service manager does not know of", async () => {
    const { move } = begin();
    const supervisor = await startSupervisor(host.session(), host.settings(), options);
    await supervisor.stop();
    const engine = spawn(join(host.program, "mailserver"), ["600"], { stdio: "ignore" });
    const ended = new Promise((done) => engine.once("exit", done));
    const [report] = await supervisor.move([move]);
    engine.kill();
    await ended;
    expect(report).toMatchObject({ ok: false, reason: expect.stringContaining("a server process is there") as string });
    expect(host.names).toEqual(["jdoe"]);
    await supervisor.finish();
  });

  test("is kept alive by beats of their own connection, and hears a client that lost one", async () => {
    begin();
    const session = host.session();
    const supervisor = await startSupervisor(session, host.settings({ heartbeat: 4 }), options);
    supervisor.startBeating(async () => host.session());
    session.broken = true;
    const stopped = supervisor.stop();
    await sleep(5000);
    session.broken = false;
    expect(await stopped).toMatchObject({ orderly: true });
    expect(host.actions).toEqual(["start", "stop"]);
    await supervisor.finish();
    expect(host.actions).toEqual(["start", "stop", "start"]);
  });
});

describe("the fence before a write", () => {
  test("asks nothing while the run has just been heard, and the host after half a heartbeat", async () => {
    begin();
    const session = host.session();
    const supervisor = await startSupervisor(session, host.settings({ heartbeat: 4 }), options);
    session.broken = true;
    await supervisor.fence();
    await sleep(2500);
    await expect(supervisor.fence()).rejects.toMatchObject({ code: "SSH_FAILED" });
    session.broken = false;
    await supervisor.fence();
    await supervisor.finish();
  });

  test("stays closed once the run is known to be over", async () => {
    begin();
    const session = host.session();
    const supervisor = await startSupervisor(session, host.settings({ heartbeat: 3 }), options);
    await eventually("the lock is free", () => !host.locked);
    await expect(supervisor.fence()).rejects.toMatchObject({ code: "LOCK_LOST" });
    session.broken = true;
    await expect(supervisor.fence()).rejects.toMatchObject({ code: "LOCK_LOST" });
  });
});

describe("the lock", () => {
  test("names the run that holds it, and is waited for", async () => {
    begin();
    const first = await startSupervisor(host.session(), host.settings({ owner: "jsmith@desk" }), options);
    const second = startSupervisor(host.session(), host.settings(), options);
    await expect(second).rejects.toMatchObject({
      code: "RENAME_BUSY",
      message: expect.stringContaining("jsmith@desk") as string,
    });
    expect(readdirSync(join(host.state, "runs"))).toHaveLength(1);
    const told: string[] = [];
    const log = { ...silentLogger, info: (text: string) => told.push(text) };
    const third = startSupervisor(host.session(), host.settings(), { wait: 60, log });
    await eventually("it is told for whom it waits", () => told.length > 0);
    expect(told).toEqual(["Waiting for jsmith@desk, which holds the mail host."]);
    await first.finish();
    await (await third).finish();
  });

  test("goes to one of several that find a dead run", async () => {
    begin();
    const dead = host.settings();
    await startSupervisor(host.session(), dead, options);
    kill(host.pid(dead.run, "main"));
    kill(host.pid(dead.run, "guard"));
    await eventually("the dead run is dead", () => !host.running || host.locked);
    const takers = await Promise.allSettled(
      [1, 2, 3].map(() => startSupervisor(host.session(), host.settings(), options)),
    );
    const winners = takers.flatMap((taker) => (taker.status === "fulfilled" ? [taker.value] : []));
    expect(winners).toHaveLength(1);
    for (const taker of takers)
      if (taker.status === "rejected") expect(taker.reason).toMatchObject({ code: "RENAME_BUSY" });
    await winners[0]?.finish();
  });

  test.each([
    ["of an earlier boot", (pid: number, start: string) => `${pid} ${start} another-boot\n`],
    ["whose process id is somebody else's now", (pid: number) => `${pid} 1 ${bootId()}\n`],
  ])("%s is stale", async (_what, identity) => {
    begin();
    const stranger = spawn("sleep", ["100"]);
    const pid = stranger.pid ?? 0;
    const start = execFileSync("sh", ["-c", `sed 's/^.*) //' /proc/${pid}/stat | cut -d' ' -f20`])
      .toString()
      .trim();
    mkdirSync(join(host.state, "runs/dead"), { recursive: true });
    mkdirSync(join(host.state, "lock"));
    writeFileSync(join(host.state, "lock/dead"), "");
    writeFileSync(join(host.state, "runs/dead/settings"), "owner=asmith\n");
    writeFileSync(join(host.state, "runs/dead/guard"), identity(pid, start));
    const supervisor = await startSupervisor(host.session(), host.settings(), options);
    await supervisor.finish();
    stranger.kill();
    expect(existsSync(join(host.state, "runs/dead"))).toBe(false);
  });

  test("of a run that died while taking it is cleared away", async () => {
    begin();
    mkdirSync(join(host.state, "lock"), { recursive: true });
    const supervisor = await startSupervisor(host.session(), host.settings(), { wait: 30, log: silentLogger });
    await supervisor.finish();
    expect(host.locked).toBe(false);
  });
});

function bootId(): string {
  return execFileSync("cat", ["/proc/sys/kernel/random/boot_id"]).toString().trim();
}
