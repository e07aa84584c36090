import { spawn } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { defaultTimeouts } from "../../provider/config-fields";
import type { UserRequest } from "../../provider/rename/user-request";
import type { Downtime } from "../simulator/host/downtimes";
import { crowd, renamesOf, type Crowd } from "./crowd";
import { provider, settingsOf } from "./stage";

let people: Crowd;

beforeAll(async () => {
  people = await crowd(201, 1000);
});
afterAll(() => people?.simulator.stop());

interface Cost {
  calls: number;
  /** Seconds without the service. */
  away: number;
  /** Processes that a shell beside it started one after the other while the service was away. */
  processes: number;
}

async function costOf(requests: UserRequest[]): Promise<Cost> {
  const { control } = people.simulator;
  const calls = (await control.calls()).length;
  const plugin = provider(settingsOf(people.simulator, { timeouts: { ...defaultTimeouts } }));
  const pace = startPace();
  await Promise.all(requests.map((request) => plugin.coordinator.create(request)));
  await plugin.close();
  const { from, to, seconds: away } = (await control.downtimes()).at(-1) as Downtime;
  const processes = pace.stop(Date.parse(from), Date.parse(to as string));
  return { calls: (await control.calls()).length - calls, away, processes };
}

/** A shell that starts one process after the other: the machine's pace, whatever else it does meanwhile. */
function startPace(): { stop: (from: number, to: number) => number } {
  const child = spawn("sh", ["-c", "while :; do /bin/echo; done"], { stdio: ["ignore", "pipe", "inherit"] });
  const heard: { at: number; processes: number }[] = [];
  child.stdout.on("data", (newlines: Buffer) => heard.push({ at: Date.now(), processes: newlines.length }));
  return {
    stop: (from, to) => {
      child.kill("SIGKILL");
      const within = heard.filter(({ at }) => at >= from && at <= to);
      return within.reduce((sum, { processes }) => sum + processes, 0);
    },
  };
}

it("200 renames in one window cost a few calls each, and a move the time of some processes", async () => {
  const all = renamesOf(people, 201);
  const one = await costOf(all.slice(0, 1));
  const many = await costOf(all.slice(1));
  const told = JSON.stringify({ one, many });
  // What grows for each rename: its questions, and its card in the address book.
  expect((many.calls - one.calls) / 199, told).toBeLessThan(4);
  // On a busy machine both get their share; on a quiet one the shell has a processor to itself.
  expect((many.processes - one.processes) / 199, told).toBeLessThan(35);
}, 300_000);
