// `npm run simulator`: makes sure that everything is installed and built, then runs the stand-in mail server.
// Its standard output is the stand-in's alone: `--json` promises one line of JSON there.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

const main = fileURLToPath(new URL("../../dist/test/simulator/main.js", import.meta.url));
await prepare({ install: true, build: true, pulumi: false });
const child = spawn(process.execPath, [main, ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"])
  process.on(signal, () => child.kill(signal === "SIGHUP" ? "SIGTERM" : signal));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
