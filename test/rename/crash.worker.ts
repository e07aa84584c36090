/** A rename that dies by SIGKILL at a named point: `node crash.worker.js <settings file> <from> <to> <id> <point>`. */
import { readFileSync } from "node:fs";
import type { ServerSettings } from "../../provider/config";
import type { RunHooks } from "../../provider/rename/run-context";
import { provider, renameRequest } from "./stage";

const [settingsFile = "", from = "", to = "", id = "", point = ""] = process.argv.slice(2);
const settings = JSON.parse(readFileSync(settingsFile, "utf8")) as ServerSettings;

function dieAt(here: string): void {
  if (here !== point) return;
  process.stdout.write(`dies ${point}\n`);
  process.kill(process.pid, "SIGKILL");
}

const hooks: RunHooks = {
  before: (step) => dieAt(`before ${step}`),
  after: (step) => dieAt(`after ${step}`),
};

provider(settings, { hooks })
  .coordinator.create(renameRequest(from, to, id))
  .then(
    () => process.stdout.write("finished\n"),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    },
  );
