import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connect } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { downtimesOf, type ServiceEvent } from "../simulator/host/downtimes";
import { runOnce } from "./ssh-client";
import { answers, eventually, lives } from "./wait";

const running: Simulator[] = [];
const directories: string[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.stop()));
  for (const dir of directories.splice(0)) rmSync(dir, { recursive: true, force: true });
});

async function started(options: Parameters<typeof startSimulator>[0] = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  running.push(simulator);
  return simulator;
}

function directory(): string {
  const dir = mkdtempSync(join(tmpdir(), "stand-in-"));
  directories.push(dir);
  return dir;
}

const main = process.env.STAND_IN_MAIN ?? resolve(__dirname, "../../dist/test/simulator/main.js");
const cli = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: "utf8", timeout: 20_000 });

describe("a stand-in", () => {
  it("runs beside another one, each unseen by the other", async () => {
    const [one, two] = await Promise.all([started(), started()]);
    await runOnce(one.info, "systemctl stop kerio-connect");
    expect(await answers(Number(new URL(one.info.adminUrl).port))).toBe(false);
    expect(await answers(Number(new URL(two.info.adminUrl).port))).toBe(true);
    expect(await two.control.downtimes()).toEqual([]);
    expect((await runOnce(two.info, "systemctl is-active kerio-connect")).stdout).toBe("active\n");
  });

  it("comes back on its directory with the same ports, keys and password, and counts no downtime for it", async () => {
    const state = directory();
    const first = await startSimulator({ state });
    await first.stop();
    const second = await started({ state });
    expect({ ...second.info, control: "" }).toEqual({ ...first.info, control: "" });
    expect(await second.control.downtimes()).toEqual([]);
  });

  it("refuses a second host on its directory, and comes back after having been killed", async () => {
    const state = directory();
    const first = await startSimulator({ state });
    const { pid } = await first.control.service();
    const second = cli("--state", state, "--json");
    expect(second).toMatchObject({ status: 1, stdout: "" });
    expect(second.stderr).toContain("runs on");
    await first.kill();
    await eventually("the engine's end", () => !lives(pid ?? 0));
    expect((await (await started({ state })).control.service()).running).toBe(true);
  });

  it("leaves no process behind, not even one that a login has detached", async () => {
    const simulator = await startSimulator();
    const { pid } = await simulator.control.service();
    const { stdout } = await runOnce(simulator.info, "setsid sleep 30 >/dev/null 2>&1 </dev/null & echo $!");
    expect(lives(Number(stdout))).toBe(true);
    await simulator.stop();
    expect(existsSync(simulator.state)).toBe(false);
    await eventually("the end of both", () => !lives(Number(stdout)) && !lives(pid ?? 0));
  });

  it("has a certificate for its address, signed by its own authority", async () => {
    const { info } = await started();
    const { hostname, port } = new URL(info.adminUrl);
    const authorized = await new Promise((done, fail) => {
      const socket = connect({ host: hostname, port: Number(port), ca: readFileSync(info.caFile) }, () => {
        done(socket.authorized);
        socket.destroy();
      });
      socket.once("error", fail);
    });
    expect(authorized).toBe(true);
    expect(statSync(info.ssh.privateKeyFile).mode & 0o077).toBe(0);
  });

  it("works in a directory whose path is too long for a socket", async () => {
    const state = join(directory(), "x".repeat(120));
    const { info } = await started({ state });
    expect((await runOnce(info, "systemctl is-active kerio-connect")).stdout).toBe("active\n");
  });

  it("refuses a wrong command line with the reason", () => {
    const dir = directory();
    const reason = (...args: string[]) => {
      const { status, stderr } = cli("--state", dir, ...args);
      return `${status}: ${stderr.split("\n")[0]}`;
    };
    expect(reason("--seed", "full")).toBe('1: --seed: "full" is none of empty, demo, first-run');
    expect(reason("--switch", "init-system")).toBe('1: --switch: "init-system" is not of the form name=value');
    expect(reason("--switch", "init-system=cron")).toMatch(/^1: switch init-system: "cron" is none of systemd/);
    expect(reason("--switch", "nonsense=1")).toMatch(/^1: --switch: there is no "nonsense"/);
    expect(reason("--admin-port", "x")).toBe('1: --admin-port: "x" is not a port number');
  });
});

describe("downtimes", () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  const events = (...list: [number, ServiceEvent["event"], boolean?][]): ServiceEvent[] =>
    list.map(([second, event, orderly]) => ({ at: at(second), event, ...(orderly === undefined ? {} : { orderly }) }));

  it("reach from the stop to the next readiness", () => {
    const list = events(
      [0, "host-up"],
      [1, "ready"],
      [5, "stopping"],
      [6, "exited", true],
      [7, "starting"],
      [9, "ready"],
    );
    expect(downtimesOf(list)).toEqual([{ from: at(5), to: at(9), seconds: 4, orderly: true }]);
  });

  it("count a crash, with all starts that failed in between, as one that is not orderly", () => {
    const list = events([0, "host-up"], [1, "ready"], [5, "exited", false], [6, "starting"], [7, "exited", false]);
    expect(downtimesOf(list, new Date(at(10)))).toEqual([{ from: at(5), to: null, seconds: 5, orderly: false }]);
  });

  it("leave out the time in which the host itself was down", () => {
    const list = events([0, "host-up"], [1, "ready"], [2, "host-down"], [3, "stopping"], [4, "exited", true]);
    expect(downtimesOf([...list, ...events([8, "host-up"], [9, "ready"])])).toEqual([]);
  });
});
