import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { signalGroup, type CommandResult, type RunningCommand } from "../helpers/pulumi-process";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { expectNoChanges, program, stackOf, upQuietly, type StackChange } from "./stage";
import { accountOf, deliver, expectCleanHost, expectRenamed, mailboxOf, servicesOf, type MailboxTruth } from "./truth";

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

/** Moments of a rename: how it is made to last, and how it is seen from outside. */
const moments = {
  "during the window": {
    arm: (simulator: Simulator) => simulator.control.fault("start-slow", { ms: 4000, times: 1 }),
    come: async (simulator: Simulator) => (await simulator.control.downtimes()).at(-1)?.to === null,
  },
  "during the swap": {
    arm: (simulator: Simulator) => simulator.control.fault("delay", { method: "Users.remove", ms: 4000, times: 1 }),
    come: async (simulator: Simulator) => (await accountOf(simulator, newName))?.enabled === true,
  },
};

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
    interrupt(running);
    await running.printed(/\^C again to terminate|cancel/i).catch(() => undefined);
    interrupt(running);
  },
};

function interrupt(running: RunningCommand): void {
  if (running.child.pid !== undefined) signalGroup(running.child.pid, "SIGINT");
}

/** What is run next; each ends with an update. */
const nexts = {
  up: (stack: PulumiProject) => [() => stack.up()],
  "up --refresh": (stack: PulumiProject) => [() => stack.up({ flags: ["--refresh"] })],
  "refresh, then up": (stack: PulumiProject) => [() => stack.refresh(), () => stack.up()],
  "preview --refresh, then up": (stack: PulumiProject) => [() => stack.preview({ refresh: true }), () => stack.up()],
};

export type Next = keyof typeof nexts;

/** One death and what comes next. */
export interface Death {
  who: keyof typeof deaths;
  when: keyof typeof moments;
  next: Next;
  /** Stops of the service, at most, over both runs. */
  stops: number;
  /** Whether the next command waits until the plugin that was left behind has ended itself. */
  afterOrphan?: boolean;
}

/** A stack whose rename was interrupted, and what was true before. */
export interface Interrupted {
  stack: PulumiProject;
  oldId: string;
  mailbox: MailboxTruth;
  services: string[];
}

/** Makes a person with mail, begins her rename, and lets somebody die in it; the stack is unlocked afterwards. */
export async function interrupted(
  simulator: Simulator,
  { who, when }: Pick<Death, "who" | "when">,
  change: StackChange = {},
): Promise<Interrupted> {
  const stack = await stackOf(simulator, person(name), { supervisor: silence, ...change });
  try {
    await upQuietly(stack);
    await deliver(simulator, name, ["one", "two"]);
    const mailbox = await mailboxOf(simulator, name);
    const services = await servicesOf(simulator);
    const oldId = (await accountOf(simulator, name))?.id ?? "";
    await moments[when].arm(simulator);
    await stack.writeProgram(program(person(newName)));
    const running = stack.spawnUp();
    await expect
      .poll(() => moments[when].come(simulator), { timeout: 120_000, interval: 100, message: running.text() })
      .toBe(true);
    await deaths[who](stack, running);
    expect((await running.ended).code).not.toBe(0);
    await unlock(stack);
    return { stack, oldId, mailbox, services };
  } catch (error) {
    await stack.dispose();
    throw error;
  }
}

/** `pulumi cancel`, where the death has left the stack locked. */
async function unlock(stack: PulumiProject): Promise<void> {
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

/** Runs what comes next, each command successful; then a preview is empty. */
export async function goOnWith(stack: PulumiProject, next: Next): Promise<void> {
  for (const command of nexts[next](stack)) {
    const result: CommandResult = await command();
    expect(result.code, result.text).toBe(0);
    expect(result.text).not.toMatch(/exists already|already exists/);
  }
  await expectNoChanges(stack);
}

/** By the server's truth: the rename has happened, each effect once, and the living account was never removed. */
export async function expectOneRename(
  simulator: Simulator,
  { oldId, mailbox, services }: Omit<Interrupted, "stack">,
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
  const { stack, ...before } = await interrupted(simulator, death);
  try {
    if (death.afterOrphan) await expectNoOrphan(stack);
    await goOnWith(stack, death.next);
    await expectOneRename(simulator, before, death.stops);
    await expectNoOrphan(stack);
    const { password } = await stack.stackOutput();
    expect(await simulator.control.login(newName, String(password))).toMatchObject({ ok: true });
  } finally {
    await stack.dispose();
  }
}
