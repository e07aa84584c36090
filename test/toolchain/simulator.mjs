// `npm run simulator`: makes sure that everything is installed and built, then runs the stand-in mail server.
// Its standard output is the stand-in's alone: `--json` promises one line of JSON there.
import { spawn } from "node:child_process";
import { clearInterval, setInterval } from "node:timers";
import { fileURLToPath } from "node:url";
import { prepare, runAsCommand } from "./prepare.mjs";

const script = fileURLToPath(new URL("../../dist/test/simulator/main.js", import.meta.url));

await runAsCommand(async () => {
  await prepare({ pulumi: false });
  const child = spawn(process.execPath, [script, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal's Ctrl-C reaches the child by itself; a signal sent to this process alone does not.
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGTERM"));
  if (process.env.npm_lifecycle_event !== undefined) whenOrphaned(() => child.kill("SIGTERM"));
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
});

/** A signal to npm ends npm and the shell it has started, but goes no further: that the parent has gone is all we hear. */
function whenOrphaned(act) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, 200);
  watch.unref();
}
