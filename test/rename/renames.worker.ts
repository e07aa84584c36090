/**
 * Renames of one update that die by SIGKILL at a point: `node renames.worker.js <settings file> <requests> <point>`. The
 * point is `before` or `after` a step, or `appears` and a path. Nothing dies elsewhere.
 */
import { existsSync, readFileSync } from "node:fs";
import type { ServerSettings } from "../../provider/config";
import type { RunHooks } from "../../provider/rename/run-context";
import type { UserRequest } from "../../provider/rename/user-request";
import { provider } from "./stage";

const [settingsFile = "", requests = "[]", point = ""] = process.argv.slice(2);
const settings = JSON.parse(readFileSync(settingsFile, "utf8")) as ServerSettings;

function dieAt(here: string): void {
  if (here !== point) return;
  process.stdout.write(`dies ${point}\n`);
  process.kill(process.pid, "SIGKILL");
}

const path = /^appears (.*)/.exec(point)?.[1];
// Looked for by the run's own process: another one might look too late on a busy machine.
if (path !== undefined) setInterval(() => existsSync(path) && dieAt(point), 1).unref();

const hooks: RunHooks = { before: (step) => dieAt(`before ${step}`), after: (step) => dieAt(`after ${step}`) };
const { coordinator } = provider(settings, { hooks });
const asked = (JSON.parse(requests) as UserRequest[]).map((request) => coordinator.create(request));
void Promise.allSettled(asked).then((results) => process.stdout.write(`finished ${JSON.stringify(results)}\n`));
