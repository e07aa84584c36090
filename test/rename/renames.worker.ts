/** Renames of one update that die by SIGKILL at a named point: `node renames.worker.js <settings file> <requests> <point>`. */
import { readFileSync } from "node:fs";
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

const hooks: RunHooks = { before: (step) => dieAt(`before ${step}`), after: (step) => dieAt(`after ${step}`) };
const { coordinator } = provider(settings, { hooks });
const asked = (JSON.parse(requests) as UserRequest[]).map((request) => coordinator.create(request));
void Promise.allSettled(asked).then((results) => process.stdout.write(`finished ${JSON.stringify(results)}\n`));
