import { expect } from "vitest";
import type { CommandResult } from "../helpers/pulumi-process";
import type { PulumiProject } from "../helpers/pulumi-project";

/** What is run next; each ends with an update, after which a preview is empty. */
const nexts = {
  up: (stack: PulumiProject) => [() => stack.up()],
  "up --refresh": (stack: PulumiProject) => [() => stack.up({ flags: ["--refresh"] })],
  "refresh, then up": (stack: PulumiProject) => [() => stack.refresh(), () => stack.up()],
  "preview --refresh, then up": (stack: PulumiProject) => [() => stack.preview({ refresh: true }), () => stack.up()],
  "preview --refresh, then up --refresh": (stack: PulumiProject) => [
    () => stack.preview({ refresh: true }),
    () => stack.up({ flags: ["--refresh"] }),
  ],
};

export type Next = keyof typeof nexts;

/** Commands that have to begin while something lasts. */
export interface Meeting {
  /** How many of the commands, the first ones. */
  commands: number;
  isAtWork(): Promise<boolean>;
  /** Called once all of them have begun so. */
  end(): Promise<void>;
}

/** Runs what comes next, each command successful. */
export async function goOnWith(stack: PulumiProject, next: Next, meeting?: Meeting): Promise<void> {
  for (const [turn, command] of nexts[next](stack).entries()) {
    const running = command();
    if (meeting && turn < meeting.commands) await expectToMeet(running, meeting, `${next}, command ${turn + 1}`);
    if (meeting && turn === meeting.commands - 1) await meeting.end();
    const result = await running;
    expect(result.code, result.text).toBe(0);
    expect(result.text).not.toMatch(/exists already|already exists/);
  }
}

/** Otherwise the command would only play what the other tests play. */
async function expectToMeet(running: Promise<CommandResult>, { isAtWork }: Meeting, what: string): Promise<void> {
  let isOver = false;
  const over = () => void (isOver = true);
  running.then(over, over);
  const met = async () => isOver || (await isAtWork());
  await expect.poll(met, { timeout: 300_000, interval: 200, message: what }).toBe(true);
  expect(isOver, `${what} began while the run was at work`).toBe(false);
}
