import { clearInterval, setInterval } from "node:timers";
import { spawn } from "node:child_process";
import { say } from "./say.mjs";

const progressEveryMs = 10_000;
const keptCharacters = 200_000;

/**
 * Runs a program to its end, bounded in time, and returns what it printed.
 *
 * `what` names the work in progress lines and errors; `progress(lines, last)` turns the number of lines printed so
 * far, and the last of them, into a text that says how far the work is. Throws when the program cannot be started, fails or takes longer than
 * `timeoutMs`; the message ends with the last lines it printed.
 */
export function run(program, args, { what, cwd, env, timeoutMs, progress }) {
  return new Promise((resolvePromise, reject) => {
    const started = Date.now();
    // A group of its own: a compiler's or npm's children must end with it when the time is up.
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const output = { stdout: "", stderr: "" };
    let lines = 0;
    let last = "";
    let timedOut = false;
    const killGroup = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    };
    const onSignal = (signal) => {
      killGroup("SIGTERM");
      process.exit(signal === "SIGINT" ? 130 : 143);
    };
    process.once("SIGINT", onSignal);
    process.once("SIGTERM", onSignal);
    const ticker = setInterval(() => {
      const seconds = Math.round((Date.now() - started) / 1000);
      say(`${what}: ${progress ? `${progress(lines, last)}, ` : ""}${seconds} s so far`);
    }, progressEveryMs);
    const deadline = setTimeout(() => {
      timedOut = true;
      killGroup("SIGTERM");
      setTimeout(() => killGroup("SIGKILL"), 5_000).unref();
    }, timeoutMs);
    const finish = (action) => {
      clearInterval(ticker);
      clearTimeout(deadline);
      process.removeListener("SIGINT", onSignal);
      process.removeListener("SIGTERM", onSignal);
      action();
    };
    for (const stream of ["stdout", "stderr"]) {
      child[stream].setEncoding("utf8").on("data", (text) => {
        lines += text.split("\n").length - 1;
        last = text.trim().split("\n").at(-1) || last;
        output[stream] = (output[stream] + text).slice(-keptCharacters);
      });
    }
    child.on("error", (error) => finish(() => reject(new Error(`${what}: cannot start ${program}: ${error.message}`))));
    child.on("close", (code, signal) =>
      finish(() => {
        if (code === 0 && !timedOut) return resolvePromise(output);
        const reason = timedOut ? `not done after ${timeoutMs / 1000} s` : `ended with ${signal ?? `code ${code}`}`;
        const tail = `${output.stdout}\n${output.stderr}`.trim().split("\n").slice(-40).join("\n");
        reject(new Error(`${what}: ${program} ${args[0] ?? ""} ${reason}\n${tail}`));
      }),
    );
  });
}
