import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../provider/log";
import { startSupervisor, type Move, type Supervisor } from "../../provider/host/supervisor";
import { eventually, FakeHost, kill } from "./fake-host";

/** Seconds of silence after which the supervisor ends the run: more than a busy machine takes for a command. */
const heartbeat = 12;

/** A host with one mailbox, and a run that holds it. */
class Stage {
  readonly host = new FakeHost();
  readonly inode: string;
  readonly settings = this.host.settings({ heartbeat });
  run!: Supervisor;

  constructor() {
    this.host.service("start");
    this.inode = this.host.mailbox("jdoe", ["one"]);
  }

  get home(): string {
    return join(this.host.domain, "jdoe");
  }
  get parked(): string {
    return join(this.host.parking, `mailbox-${this.inode}`);
  }
  get target(): string {
    return join(this.host.domain, "jroe");
  }

  move(from: string, to: string): Move {
    return { inode: this.inode, from, to, directory: this.host.domain, parking: this.host.parking };
  }

  async park(): Promise<void> {
    await this.run.stop();
    expect(await this.run.move([this.move(this.home, this.parked)])).toMatchObject([{ ok: true }]);
    expect(this.host.names).toEqual([]);
  }

  async isOver(): Promise<void> {
    await eventually("the lock is free", () => !this.host.locked, 60);
    await eventually("its files are gone", () => readdirSync(join(this.host.state, "runs")).length === 0, 10);
    expect(this.host.running).toBe(true);
  }
}

async function onStage(act: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = new Stage();
  try {
    stage.run = await startSupervisor(stage.host.session(), stage.settings, { wait: 0, log: silentLogger });
    await act(stage);
  } finally {
    stage.host.destroy();
  }
}

describe.concurrent("a parked mailbox", () => {
  test("is placed beside the running engine, under a free name alone", () =>
    onStage(async (stage) => {
      const { host, inode, run } = stage;
      await stage.park();
      expect(await run.place([stage.move(stage.parked, stage.target)])).toMatchObject([
        { ok: false, reason: /stopped or started/ },
      ]);
      await run.start();
      mkdirSync(stage.target);
      expect(await run.place([stage.move(stage.parked, stage.target)])).toMatchObject([
        { ok: false, reason: /jroe exists/ },
      ]);
      const other = join(host.domain, "other");
      expect(await run.place([{ ...stage.move(stage.parked, other), inode: "1" }])).toMatchObject([
        { ok: false, reason: /another/ },
      ]);
      expect(await run.place([stage.move(stage.target, other)])).toMatchObject([{ ok: false, reason: /not parked/ }]);
      expect(await run.place([stage.move(stage.parked, join(host.store, "x"))])).toMatchObject([
        { ok: false, reason: /outside/ },
      ]);
      expect(readdirSync(host.parking)).toEqual([`mailbox-${inode}`]);
      expect(await run.place([stage.move(stage.parked, other)])).toMatchObject([{ ok: true }]);
      expect(host.inode("other")).toBe(inode);
      await run.finish();
    }));

  test("goes home with the other moves when the run falls silent while the service is stopped", () =>
    onStage(async (stage) => {
      const { host, inode } = stage;
      await stage.park();
      await stage.isOver();
      expect(host.inode("jdoe")).toBe(inode);
      expect(host.actions).toEqual(["start", "stop", "start"]);
    }));

  test.each(["held", "not held"])("goes home, with the engine away, when the run falls silent later: %s", (how) =>
    onStage(async (stage) => {
      const { host, inode, run } = stage;
      await stage.park();
      await run.start();
      if (how === "held") await run.hold();
      await stage.isOver();
      expect(host.names).toEqual(["jdoe"]);
      expect(host.inode("jdoe")).toBe(inode);
      expect(host.actions).toEqual(["start", "stop", "start", "stop", "start"]);
      expect(host.lastEnd).toContain("1 parked mailboxes given back");
    }),
  );

  test("goes home when the supervisor is killed", () =>
    onStage(async (stage) => {
      const { host, inode, run } = stage;
      await stage.park();
      await run.start();
      kill(host.pid(stage.settings.run, "main"));
      await stage.isOver();
      expect(host.inode("jdoe")).toBe(inode);
    }));

  test.each<[string, (stage: Stage) => unknown]>([
    ["no account of that name is left", ({ host }) => host.writeUsers(["jsmith"])],
    ["somebody else is about to bear the name", ({ run, inode }) => run.keepParked([inode])],
    ["something has appeared under the name", ({ home }) => mkdirSync(home)],
  ])("stays where it is when %s", (_why, happens) =>
    onStage(async (stage) => {
      const { host, inode, run } = stage;
      await stage.park();
      await run.start();
      await run.hold();
      await happens(stage);
      await stage.isOver();
      expect(readdirSync(host.parking)).toEqual([`mailbox-${inode}`]);
      if (host.names.includes("jdoe")) expect(host.inode("jdoe")).not.toBe(inode);
    }),
  );

  test("that has been placed is left alone", () =>
    onStage(async (stage) => {
      const { host, run } = stage;
      await stage.park();
      await run.start();
      await run.hold();
      await run.place([stage.move(stage.parked, stage.target)]);
      await stage.isOver();
      expect(host.names).toEqual(["jroe"]);
    }));
});
