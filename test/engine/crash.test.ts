import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningCommand } from "../helpers/pulumi-process";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { program, stackOf, startQuickHost, upQuietly } from "./stage";
import { accountOf, deliver, expectCleanHost, expectRenamed, mailboxOf, servicesOf } from "./truth";

const run = promisify(execFile);

/** Seconds after which the host puts itself back; every death costs as long. */
const silence = 6;

let simulator: Simulator;
let project: PulumiProject | undefined;

beforeEach(async () => {
  simulator = await startQuickHost();
});

afterEach(async () => {
  await project?.dispose();
  project = undefined;
  await simulator?.stop();
});

/** The process that runs the provider. */
async function pluginOf(stack: PulumiProject): Promise<number> {
  for (const pid of await stack.processes()) {
    const { stdout } = await run("ps", ["-o", "args=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
    if (/^\S*node\S* .*dynamic-provider/.test(stdout)) return pid;
  }
  throw new Error("the plugin is not running");
}

/** Moments of a rename: how it is made to last, and how it is seen from outside. */
const moments = {
  "during the window": {
    arm: () => simulator.control.fault("start-slow", { ms: 4000, times: 1 }),
    come: async () => (await simulator.control.downtimes()).at(-1)?.to === null,
  },
  "during the swap": {
    arm: () => simulator.control.fault("delay", { method: "Users.remove", ms: 4000, times: 1 }),
    come: async () => (await accountOf(simulator, newName))?.enabled === true,
  },
};

/** Who dies. */
const deaths = {
  "the plugin": async (stack: PulumiProject, running: RunningCommand) => {
    process.kill(await pluginOf(stack), "SIGKILL");
    expect((await running.ended).code).not.toBe(0);
  },
  pulumi: async (stack: PulumiProject, running: RunningCommand) => {
    running.child.kill("SIGKILL");
    await running.ended;
    const cancelled = await stack.pulumi(["cancel", "--yes"]);
    expect(cancelled.code, cancelled.text).toBe(0);
  },
};

/**
 * Stops of the service, at most. Without the plugin the host puts itself back: in the window it starts the service, and
 * the next run may stop it once more; in the swap it restarts it, which opens the services that were held. Without
 * `pulumi` the plugin goes on to the end, unheard.
 */
const cases = [
  ["the plugin", "during the window", 2],
  ["the plugin", "during the swap", 2],
  ["pulumi", "during the window", 1],
  ["pulumi", "during the swap", 1],
] as const;

const name = "ada";
const newName = "adele";
const person = (now: string) => `new User("ada", { domain, name: "${now}" });`;

describe.each(cases)("%s is killed %s", (victim, moment, stops) => {
  test("and the next update finishes the rename, each effect once", async () => {
    project = await stackOf(simulator, person(name), { supervisor: silence });
    await upQuietly(project);
    await deliver(simulator, name, ["one", "two"]);
    const mailbox = await mailboxOf(simulator, name);
    const services = await servicesOf(simulator);
    const id = (await accountOf(simulator, name))?.id;

    await moments[moment].arm();
    await project.writeProgram(program(person(newName)));
    const running = project.spawnUp();
    await expect
      .poll(() => moments[moment].come(), { timeout: 120_000, interval: 100, message: running.text() })
      .toBe(true);
    await deaths[victim](project, running);

    await upQuietly(project);
    await expectRenamed(simulator, name, newName, mailbox);
    await expect.poll(() => servicesOf(simulator), { timeout: 30_000 }).toEqual(services);
    const calls = await simulator.control.calls();
    const removals = calls.filter(
      (call) => call.method === "Users.remove" && JSON.stringify(call.params).includes(`${id}`),
    );
    expect(removals).toHaveLength(1);
    const downtimes = await simulator.control.downtimes();
    expect(downtimes.length).toBeLessThanOrEqual(stops);
    expect(downtimes.every((time) => time.to !== null && time.orderly)).toBe(true);
    expectCleanHost(simulator);
  });
});
