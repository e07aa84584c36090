/**
 * A rename that dies, or is put to sleep, at a point: `node crash.worker.js <file>`, a file of JSON with settings,
 * requests, point, places and signal.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerSettings } from "../../../provider/config";
import type { RunHooks } from "../../../provider/rename/run-context";
import type { UserRequest } from "../../../provider/rename/user-request";
import { provider } from "../stage";
import type { Point } from "./points";
import { Trigger, type Places } from "./trigger";

/** What the file holds. */
export interface Task {
  settings: ServerSettings;
  requests: UserRequest[];
  point: Point;
  places: Places;
  signal: "SIGKILL" | "SIGSTOP";
}

const task = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Task;

const trigger = new Trigger(task.point, task.places, async () => {
  process.stdout.write(`reached\n`);
  process.kill(process.pid, task.signal);
  // A stop may take effect a moment later.
  await sleep(50);
});
const hooks: RunHooks = trigger.hooks;
const plugin = provider(task.settings, { hooks });
trigger.watch(plugin.server.client);

Promise.allSettled(task.requests.map((request) => plugin.coordinator.create(request)))
  .then((results) => {
    for (const result of results) {
      const said = result.status === "fulfilled" ? "finished" : `error ${String(result.reason)}`;
      process.stdout.write(`${said.replaceAll("\n", " ")}\n`);
    }
    return plugin.close();
  })
  .then(
    () => process.exit(0),
    () => process.exit(1),
  );
