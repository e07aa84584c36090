import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { runOnce } from "./ssh-client";
import { answers, eventually } from "./wait";

let simulator: Simulator;
let adminPort: number;

beforeAll(async () => {
  simulator = await startSimulator();
  adminPort = Number(new URL(simulator.info.adminUrl).port);
});
afterEach(async () => {
  await simulator.control.clearFaults();
  await simulator.control.command("start");
});
afterAll(() => simulator?.stop());

const ssh = (command: string) => runOnce(simulator.info, command);
const show = async (properties: string) => (await ssh(`systemctl show -p ${properties} kerio-connect`)).stdout;

describe("systemctl over SSH", () => {
  it("stops the engine: ports refuse, directories stay; starts it again with the same ports", async () => {
    const mailbox = join(simulator.info.store, "mail/example.com/jdoe");
    mkdirSync(mailbox, { recursive: true });
    const { ino } = statSync(mailbox);
    const before = await simulator.control.downtimes();

    expect(await ssh("systemctl stop kerio-connect")).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect([await answers(adminPort), await answers(simulator.info.smtp.port)]).toEqual([false, false]);
    expect((await ssh("pgrep -f ^$PWD/../opt")).stdout).toBe("");
    expect(statSync(mailbox).ino).toBe(ino);
    expect((await simulator.control.downtimes()).at(-1)).toMatchObject({ to: null, orderly: true });

    expect(await ssh("systemctl start kerio-connect.service")).toMatchObject({ code: 0 });
    expect([await answers(adminPort), await answers(simulator.info.smtp.port)]).toEqual([true, true]);
    const downtimes = await simulator.control.downtimes();
    expect(downtimes).toHaveLength(before.length + 1);
    expect(downtimes.at(-1)?.seconds).toBeGreaterThan(0.1);
    expect(await simulator.control.directories("example.com")).toContainEqual({
      name: "jdoe",
      inode: ino,
      messages: 0,
    });
  });

  it("shows properties, by name and alone, and leaves unknown ones out", async () => {
    const { pid } = await simulator.control.service();
    expect(await show("ActiveState,MainPID,Nonsense")).toBe(`MainPID=${pid}\nActiveState=active\n`);
    expect((await ssh("systemctl show --property=LoadState --value kerio-connect")).stdout).toBe("loaded\n");
    expect((await ssh("systemctl show -p LoadState other.service")).stdout).toBe("LoadState=not-found\n");
    expect(await show("ExecStart")).toContain(`path=${join(simulator.state, "opt/kerio/mailserver/mailserver")} ;`);
    expect(await show("InvocationID")).toMatch(/^InvocationID=[0-9a-f]{32}\n$/);
    expect((await ssh("systemctl cat kerio-connect")).stdout).toContain("Restart=on-failure");
  });

  it("answers with systemd's exit codes", async () => {
    const codes = async (...commands: string[]) => Promise.all(commands.map(async (one) => (await ssh(one)).code));
    expect(await codes("systemctl is-active -q kerio-connect", "systemctl status kerio-connect")).toEqual([0, 0]);
    expect(await codes("systemctl stop other", "systemctl start other", "systemctl status other")).toEqual([5, 5, 4]);
    await ssh("systemctl stop kerio-connect");
    expect(await codes("systemctl is-active kerio-connect", "systemctl status kerio-connect")).toEqual([3, 3]);
    expect(await show("ActiveState,SubState,Result,MainPID")).toBe(
      "MainPID=0\nResult=success\nActiveState=inactive\nSubState=dead\n",
    );
  });

  it("refuses a stop when told so, and nothing happens", async () => {
    await simulator.control.fault("stop-refused", { times: 1 });
    const refused = await ssh("systemctl stop kerio-connect");
    expect(refused).toMatchObject({ code: 4, stdout: "" });
    expect(refused.stderr).toMatch(/^Failed to stop kerio-connect.service: Access denied\n/);
    expect(await answers(adminPort)).toBe(true);
    expect((await ssh("systemctl stop kerio-connect")).code).toBe(0);
  });

  it("kills an engine that does not end in time: the command succeeds, the unit has failed", async () => {
    await simulator.control.fault("stop-timeout", { ms: 200, times: 1 });
    expect((await ssh("systemctl stop kerio-connect")).code).toBe(0);
    const { pid } = await simulator.control.service();
    expect(pid).toBeNull();
    expect(await show("ActiveState,Result,ExecMainStatus")).toBe(
      "Result=timeout\nExecMainStatus=9\nActiveState=failed\n",
    );
    expect(await show("MainPID,ExecMainPID")).toMatch(/^MainPID=0\nExecMainPID=[1-9]\d*\n$/);
    expect((await simulator.control.downtimes()).at(-1)).toMatchObject({ orderly: false, to: null });
  });

  it("starts the engine again after a crash", async () => {
    const before = await simulator.control.service();
    const downtimes = (await simulator.control.downtimes()).length;
    await simulator.control.command("kill");
    const after = await eventually("another engine", async () => {
      const now = await simulator.control.service();
      return now.running && now.pid !== before.pid ? now : undefined;
    });
    expect(after).toMatchObject({ active: "active", restarts: 1 });
    const list = await simulator.control.downtimes();
    expect(list).toHaveLength(downtimes + 1);
    expect(list.at(-1)).toMatchObject({ orderly: false });
  });

  it("reports a start that fails, one that crashes, and one that is slow", async () => {
    await ssh("systemctl stop kerio-connect");
    await simulator.control.fault("start-fails", { times: 1 });
    const failed = await ssh("systemctl start kerio-connect");
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/^Job for kerio-connect.service failed because the control process exited/);
    expect(await show("ActiveState,Result")).toBe("Result=exit-code\nActiveState=failed\n");

    await simulator.control.fault("crash-on-start", { times: 1 });
    const crashed = await ssh("systemctl start kerio-connect");
    expect(crashed.code).toBe(1);
    expect(crashed.stderr).toContain("a fatal signal was delivered");
    await eventually("the automatic restart", async () => (await simulator.control.service()).running);

    await ssh("systemctl stop kerio-connect");
    await simulator.control.fault("start-slow", { ms: 1200, times: 1 });
    const starting = ssh("systemctl start kerio-connect");
    await eventually("activating", async () => (await show("ActiveState")) === "ActiveState=activating\n");
    expect(await answers(adminPort)).toBe(false);
    expect((await starting).code).toBe(0);
    expect(await answers(adminPort)).toBe(true);
  });

  it("cancels a start when a stop comes in between", async () => {
    await ssh("systemctl stop kerio-connect");
    await simulator.control.fault("start-slow", { ms: 5000, times: 1 });
    const starting = ssh("systemctl start kerio-connect");
    await eventually("activating", async () => (await simulator.control.service()).active === "activating");
    expect((await ssh("systemctl stop kerio-connect")).code).toBe(0);
    expect(await starting).toMatchObject({ code: 1, stderr: "Job for kerio-connect.service canceled.\n" });
    expect((await simulator.control.service()).active).toBe("inactive");
  });
});
