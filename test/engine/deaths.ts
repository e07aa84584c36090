import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { signalGroup, type RunningCommand } from "../helpers/pulumi-process";
import { succeeded, type PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { goOnWith, type Next } from "./go-on";
import { keepWhatIsLeft } from "./keep-what-is-left";
import { program, stackOf, type StackChange } from "./stage";
import {
  accountOf,
  deliver,
  expectCleanHost,
  expectRenamed,
  holderOf,
  mailboxOf,
  servicesOf,
  type MailboxTruth,
} from "./truth";

const run = promisify(execFile);

/** Seconds after which the host puts itself back; every death costs as long. */
const silence = 6;

const name = "jdoe";
const newName = "jsmith";
const person = (now: string) => `exports.password = new User("person", { domain, name: "${now}" }).initialPassword;`;

/** The processes that run the provider: one, or none. */
export async function pluginsOf(stack: PulumiProject): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await stack.processes()) {
    const { stdout } = await run("ps", ["-o", "args=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
    if (/^\S*node\S* .*dynamic-provider/.test(stdout)) found.push(pid);
  }
  return found;
}

async function killPlugin(stack: PulumiProject): Promise<void> {
  const plugins = await pluginsOf(stack);
  expect(plugins).toHaveLength(1);
  for (const pid of plugins) process.kill(pid, "SIGKILL");
}

/** Milliseconds for which a start or a call is held up, so that somebody can die meanwhile. */
const [slowStart, slowCall] = [4_000, 60_000];

/** The same for a start where the next command has to begin before it is over. */
const slowestStart = 20_000;

/** Moments of a rename: each makes itself last, and answers how it is seen from outside that it has come. */
const moments = {
  "during the window": (simulator: Simulator, meets: number) => slowWindow(simulator, meets),
  // A number of times would be forgotten with the engine that the window stops.
  "during the swap": async (simulator: Simulator) => {
    await simulator.control.fault("delay", { method: "Users.remove", ms: slowCall });
    return async () => (await accountOf(simulator, newName))?.enabled === true;
  },
  "in the window, with a slow swap to come,": async (simulator: Simulator, meets: number) => {
    await simulator.control.fault("delay", { method: "Users.remove", ms: slowCall });
    return slowWindow(simulator, meets);
  },
  // A password is made up twice: for the new account while it is disabled, and as the last act.
  "with all done and nothing written down": (simulator: Simulator) => {
    let isArmed = false;
    return Promise.resolve(async () => {
      const [old, now] = [await accountOf(simulator, name), await accountOf(simulator, newName)];
      if (old || !now) return false;
      if (!isArmed) {
        isArmed = true;
        await simulator.control.fault("delay", { method: "Domains.generatePassword", ms: slowCall, times: 1 });
      }
      return now.enabled && !now.description.includes("pulumi-kerio");
    });
  },
};

async function slowWindow(simulator: Simulator, meets: number): Promise<() => Promise<boolean>> {
  await simulator.control.fault("start-slow", { ms: meets > 0 ? slowestStart : slowStart, times: 1 });
  return async () => (await simulator.control.downtimes()).at(-1)?.to === null;
}

/** Who dies, and how. */
const deaths = {
  "the plugin alone": async (stack: PulumiProject) => killPlugin(stack),
  "pulumi alone": (_stack: PulumiProject, running: RunningCommand) => void running.child.kill("SIGKILL"),
  both: async (stack: PulumiProject, running: RunningCommand) => {
    running.child.kill("SIGKILL");
    await killPlugin(stack);
  },
  "nobody, by one Ctrl-C,": (_stack: PulumiProject, running: RunningCommand) => interrupt(running),
  "pulumi, by two Ctrl-Cs,": async (_stack: PulumiProject, running: RunningCommand) => {
    await interrupt(running);
    if (running.child.pid !== undefined) signalGroup(running.child.pid, "SIGINT");
  },
};

/** One Ctrl-C, which the command has noticed when this resolves. */
async function interrupt(running: RunningCommand): Promise<void> {
  if (running.child.pid !== undefined) signalGroup(running.child.pid, "SIGINT");
  await running.printed(/\^C again|cancel/i);
}

/** One death and what comes next. */
export interface Death {
  who: keyof typeof deaths;
  when: keyof typeof moments;
  /** What is run next; several only where nothing is left to do but to hear the result, see `keepWhatIsLeft`. */
  nexts: Next[];
  /** Stops of the service, at most, over both runs. */
  stops: number;
  /** How many commands of the next have to begin while the plugin that was left behind is at work. Default: none. */
  meets?: number;
  /** Whether the next command waits until the plugin that was left behind has ended itself. */
  afterOrphan?: boolean;
}

/** A stack whose rename was interrupted, and what was true before. */
export interface Interrupted {
  stack: PulumiProject;
  oldId: string;
  mailbox: MailboxTruth;
  services: string[];
  /** The run that held the mail host when somebody died; undefined where it had ended by itself. */
  run: string | undefined;
}

/** Makes a person with mail, begins her rename, and lets somebody die in it; the stack is unlocked afterwards. */
export async function interrupted(
  simulator: Simulator,
  { who, when, meets = 0 }: Pick<Death, "who" | "when" | "meets">,
  change: StackChange = {},
): Promise<Interrupted> {
  const stack = await stackOf(simulator, person(name), { supervisor: silence, request: 90, ...change });
  try {
    succeeded(await stack.up());
    await deliver(simulator, name, ["one", "two"]);
    const mailbox = await mailboxOf(simulator, name);
    const services = await servicesOf(simulator);
    const oldId = (await accountOf(simulator, name))?.id ?? "";
    const hasCome = await moments[when](simulator, meets);
    await stack.writeProgram(program(person(newName)));
    const running = stack.spawnUp();
    await expect.poll(hasCome, { timeout: 120_000, interval: 100, message: running.text() }).toBe(true);
    await deaths[who](stack, running);
    const run = holderOf(simulator);
    // Whoever is to be met at work goes on being held up.
    if (meets === 0) await simulator.control.clearFaults();
    expect((await running.ended).code).not.toBe(0);
    await unlock(stack);
    return { stack, oldId, mailbox, services, run };
  } catch (error) {
    await stack.dispose();
    throw error;
  }
}

/** `pulumi cancel`, where the death has left the stack locked. */
export async function unlock(stack: PulumiProject): Promise<void> {
  const locks = resolve(stack.stateFile, "../../../locks");
  const isLocked =
    existsSync(locks) &&
    readdirSync(locks, { recursive: true, encoding: "utf8" }).some((path) => path.endsWith(".json"));
  if (!isLocked) return;
  const cancelled = await stack.pulumi(["cancel", "--yes"]);
  expect(cancelled.code, cancelled.text).toBe(0);
}

/** The plugin that was left behind ends itself. */
export async function expectNoOrphan(stack: PulumiProject): Promise<void> {
  await expect.poll(() => pluginsOf(stack), { timeout: 120_000, interval: 500 }).toEqual([]);
}

/** By the server's truth: the rename has happened, each effect once, and the living account was never removed. */
export async function expectOneRename(
  simulator: Simulator,
  { oldId, mailbox, services }: Omit<Interrupted, "stack" | "run">,
  stops: number,
): Promise<void> {
  await expectRenamed(simulator, name, newName, mailbox);
  expect((await mailboxOf(simulator, newName)).messages).toHaveLength(mailbox.messages.length);
  await expect.poll(() => servicesOf(simulator), { timeout: 30_000 }).toEqual(services);
  const newId = (await accountOf(simulator, newName))?.id ?? "";
  const removals = (await simulator.control.calls()).filter((call) => call.method === "Users.remove");
  const of = (id: string) => removals.filter((call) => JSON.stringify(call.params).includes(JSON.stringify(id)));
  expect(of(oldId)).toHaveLength(1);
  expect(of(newId)).toEqual([]);
  const downtimes = await simulator.control.downtimes();
  expect(downtimes.length).toBeLessThanOrEqual(stops);
  expect(downtimes.every((time) => time.to !== null && time.orderly)).toBe(true);
  expectCleanHost(simulator);
}

/** The whole story of one death. */
export async function survive(simulator: Simulator, death: Death): Promise<void> {
  const { stack, run, ...before } = await interrupted(simulator, death);
  try {
    if (death.afterOrphan) await expectNoOrphan(stack);
    const left = keepWhatIsLeft(stack, simulator);
    for (const [turn, next] of death.nexts.entries()) {
      if (turn > 0) left.bringBack();
      await goOnWith(stack, next, {
        commands: turn > 0 ? 0 : (death.meets ?? 0),
        isAtWork: () => isOrphanAtWork(stack, simulator, run),
        end: () => simulator.control.clearFaults(),
      });
      await expectOneRename(simulator, before, death.stops);
      await expectNoOrphan(stack);
      const { password } = await stack.stackOutput();
      expect(await simulator.control.login(newName, String(password)), next).toMatchObject({ ok: true });
    }
  } finally {
    await stack.dispose();
  }
}

/** Whether the plugin that was left behind holds the mail host while another one has begun. */
async function isOrphanAtWork(stack: PulumiProject, simulator: Simulator, run: string | undefined): Promise<boolean> {
  if (run === undefined || holderOf(simulator) !== run) return false;
  return (await pluginsOf(stack)).length === 2 && holderOf(simulator) === run;
}
