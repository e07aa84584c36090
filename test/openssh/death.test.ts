import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, type TestContext } from "vitest";
import type { SshSettings } from "../../provider/host/session";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "../rename/picture";
import { domain, idOf, provider, renameRequest } from "../rename/stage";
import type { MachineChange } from "./machine";
import { leftOnHost, onMachine, seeRenamed, type Scene } from "./scene";
import { userWithSudo } from "./sudo-user";

const worker = resolve(__dirname, "../../dist/test/rename/renames.worker.js");

/** Looks again until it is so; a service that is being stopped and started is looked at very often. */
async function until(what: string, seconds: number, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(10);
  }
}

/** The listener's own line names no user. */
const isLogin = (commandLine: string): boolean => /^sshd(-session)?: \w+(@| \[)/.test(commandLine);

/** When our process dies: while the service is being stopped, or with the mailbox moved and the service not started. */
type Moment = "stopping" | "moved";

/** Starts a rename in a process of its own and kills that at the moment. */
async function dieInTheWindow(
  { simulator, settings }: Scene,
  ssh: Partial<SshSettings>,
  id: string,
  moment: Moment,
): Promise<void> {
  const moved = join(simulator.info.store, "mail", domain, "jsmith");
  const file = join(simulator.state, "settings.json");
  writeFileSync(file, JSON.stringify(settings(ssh)), { mode: 0o600 });
  const requests = JSON.stringify([renameRequest("jdoe", "jsmith", id)]);
  const point = moment === "moved" ? `appears ${moved}` : "never";
  const child = spawn(process.execPath, [worker, file, requests, point], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const closed = new Promise((done) => child.once("close", done));
  await until(`the rename is ${moment}`, 60, async () => {
    if (child.exitCode !== null) throw new Error(`the rename ended before it was ${moment}\n${output}`);
    if (moment === "moved") return child.signalCode === "SIGKILL";
    return (await simulator.control.service()).active !== "active";
  });
  child.kill("SIGKILL");
  await closed;
  expect((await simulator.control.service()).active).not.toBe("active");
  expect(output).not.toContain("finished");
}

/** The supervisor alone brings the service back, the old names with it; the next run does the rename. */
async function survives(
  context: TestContext,
  moment: Moment,
  change: MachineChange,
  ssh: Partial<SshSettings> = {},
): Promise<void> {
  // The time in which our process dies, long before the stop has come through.
  const switches = { "stop-delay-ms": "1500" };
  await onMachine(
    context,
    change,
    async (scene) => {
      const { simulator, machine, settings } = scene;
      const before = await picture(simulator);
      const id = await idOf(simulator, "jdoe");
      await dieInTheWindow(scene, ssh, id, moment);
      // What is left of the login has gone, and the supervisor has not.
      await until("no login is left", 20, () => !machine.processes().some(isLogin));
      await backByItself(simulator);
      expect((await picture(simulator)).directories.jdoe).toEqual(before.directories.jdoe);
      const next = provider(settings(ssh));
      const result = await next.coordinator.create(renameRequest("jdoe", "jsmith", id));
      await next.coordinator.heard(id);
      await next.close();
      await seeRenamed(simulator, before);
      expect((await simulator.control.login("jsmith", result.initialPassword ?? "")).ok).toBe(true);
      // The run that was rolled back, and the one that went through.
      const closed = expect.stringMatching(/^snapshots\/\w+\.closed\.json$/) as string;
      expect(await leftOnHost(simulator)).toEqual([closed, closed]);
    },
    switches,
  );
}

/** Nobody does anything: mail is accepted again within the supervisor's silence of 12 s and one start. */
async function backByItself(simulator: Simulator): Promise<void> {
  await until(
    "the supervisor has started the service again",
    45,
    async () => (await simulator.control.service()).running,
  );
  const ours = join(simulator.state, "home/.pulumi-kerio");
  const isFree = async () => !existsSync(join(ours, "lock")) && (await readdir(join(ours, "runs"))).length === 0;
  await until("the supervisor has gone", 30, isFree);
  await simulator.deliver({ to: `asmith@${domain}`, subject: "after the death" });
}

describe.concurrent(
  "a rename over OpenSSH whose process dies while the service is stopped",
  { timeout: 240_000 },
  () => {
    test("is put right by the supervisor, which outlives root's login", (context) => survives(context, "moved", {}));

    test("is put right by the supervisor, which outlives sudo", (context) =>
      survives(
        context,
        "stopping",
        { prepare: userWithSudo(["mailops ALL=(root) NOPASSWD: ALL"]) },
        { user: "mailops" },
      ));

    test("is put right by the supervisor on a host with one session at a time and no SFTP", (context) =>
      survives(context, "moved", { config: "MaxSessions 1", prepare: "sed -i '/^Subsystem/d' /etc/ssh/sshd_config" }));
  },
);
