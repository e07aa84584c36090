import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { codeOf } from "../../../provider/errors";
import type { CoordinatorOptions } from "../../../provider/rename/coordinator";
import type { UserRequest } from "../../../provider/rename/user-request";
import { Network } from "../../helpers/network";
import { provider, type Provider } from "../stage";
import type { Task } from "./crash.worker";
import type { Lane } from "./lane";
import { hookOf, isOneByOne, type Point } from "./points";
import { refuseBefore, strayBefore, Trigger } from "./trigger";

/**
 * How a run ends at its point: its process is killed · every connection is cut, or swallows everything · its process
 * sleeps for longer than the timeouts · one answer is lost, and it lives.
 */
export type Death = "killed" | "cut off" | "black-holed" | "asleep" | "alive";

/** A run that has reached its point. */
export interface FirstRun {
  /** How it ended, as far as it has. */
  ended: string[];
  /** The mail host gives up connections that it hears nothing from; a shell that waits for its input there ends with them. */
  hangUp?(): void;
  /** Lets the run go on that was cut off or asleep; answers how it ended. Its lock is gone by then. */
  wake(): Promise<string[]>;
}

const worker = resolve(__dirname, "../../../dist/test/rename/crash/crash.worker.js");

/** Begins a run and lets it come to its point. Throws when it never does. */
export async function firstRun(lane: Lane, requests: UserRequest[], point: Point, death: Death): Promise<FirstRun> {
  if (isOneByOne(point)) await lane.simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
  if (death === "killed" || death === "asleep") return inProcess(lane, requests, point, death);
  return death === "alive" ? unheard(lane, requests, point) : overNetwork(lane, requests, point, death);
}

/** A run in this process from its beginning to its end, whatever that is. */
export async function wholeRun(
  lane: Lane,
  requests: UserRequest[],
  options: CoordinatorOptions,
  prepare: (plugin: Provider) => void = () => {},
): Promise<string[]> {
  const plugin = provider(lane.settings(), options);
  prepare(plugin);
  const results = await Promise.allSettled(requests.map((request) => plugin.coordinator.create(request)));
  await plugin.close();
  return results.map(told);
}

function told(result: PromiseSettledResult<unknown>): string {
  return result.status === "fulfilled" ? "finished" : `${codeOf(result.reason) ?? ""} ${String(result.reason)}`;
}

async function inProcess(
  lane: Lane,
  requests: UserRequest[],
  point: Point,
  death: "killed" | "asleep",
): Promise<FirstRun> {
  const task: Task = {
    settings: lane.settings(),
    requests,
    point,
    places: lane.places,
    signal: death === "killed" ? "SIGKILL" : "SIGSTOP",
  };
  const file = join(lane.simulator.state, "task.json");
  writeFileSync(file, JSON.stringify(task), { mode: 0o600 });
  const child = spawn(process.execPath, [worker, file], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const closed = new Promise<void>((done) => child.once("close", () => done()));
  const reached = new Promise<void>((done) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => {
        output += part;
        if (output.includes("reached\n")) done();
      });
    }
  });
  await Promise.race([reached, closed]);
  if (!output.includes("reached\n")) throw new Error(`the run never came to its point:\n${output}`);
  if (death === "killed") {
    await closed;
    return { ended: [], wake: () => Promise.resolve([]) };
  }
  return {
    ended: [],
    wake: async () => {
      child.kill("SIGCONT");
      await closed;
      return output.trim().split("\n").slice(1);
    },
  };
}

async function overNetwork(
  lane: Lane,
  requests: UserRequest[],
  point: Point,
  death: "cut off" | "black-holed",
): Promise<FirstRun> {
  const settings = lane.settings();
  const api = await Network.to(Number(new URL(settings.api.url).port));
  const ssh = await Network.to(settings.ssh?.port ?? 0);
  let hasStruck: () => void = () => {};
  const struck = new Promise<void>((done) => (hasStruck = done));
  const trigger = new Trigger(point, lane.places, () => {
    for (const network of [api, ssh])
      if (death === "cut off") network.cut();
      else network.swallow();
    hasStruck();
  });
  const url = `https://127.0.0.1:${api.port}`;
  const plugin = provider(
    {
      ...settings,
      api: { ...settings.api, url },
      ...(settings.ssh && { ssh: { ...settings.ssh, port: ssh.port } }),
    },
    { hooks: trigger.hooks },
  );
  trigger.watch(plugin.server.client);
  const ended = Promise.allSettled(requests.map((request) => plugin.coordinator.create(request)));
  const isOver = await Promise.race([struck.then(() => false), ended.then(() => true)]);
  if (isOver) throw new Error(`the run never came to its point: ${(await ended).map(told).join("; ")}`);
  return {
    ended: [],
    hangUp: () => {
      for (const network of [api, ssh]) network.hangUp();
    },
    wake: async () => {
      for (const network of [api, ssh]) network.heal();
      const results = await ended;
      await plugin.close();
      await Promise.all([api.close(), ssh.close()]);
      return results.map(told);
    },
  };
}

/** The server does one write and drops the connection instead of answering; the run has to find out by itself. */
async function unheard(lane: Lane, requests: UserRequest[], point: Point): Promise<FirstRun> {
  if (point.at !== "unheard") throw new Error("only an answer can be lost to a run that lives");
  const { write } = point;
  let armed = false;
  const before = async (here: string) => {
    strayBefore(here, point, lane.places);
    refuseBefore(here, point);
    if (here !== hookOf(point) || armed) return;
    armed = true;
    await lane.simulator.control.fault("drop-after", { method: write, times: 1 });
  };
  const ended = await wholeRun(lane, requests, { hooks: { before, after: () => {} } });
  if (!armed) throw new Error(`the run never came to its point: ${ended.join("; ")}`);
  return { ended, wake: () => Promise.resolve([]) };
}
