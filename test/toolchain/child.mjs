import { spawn } from "node:child_process";
import { repoRoot } from "./paths.mjs";

/**
 * Runs a Node program of the repository with this terminal's output and without input; returns its exit code, 1 when a
 * signal ended it.
 */
export function runNode(args, env = {}) {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: repoRoot,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    // A terminal sends Ctrl-C to the child as well; a second one from here would look like impatience.
    const stay = () => {};
    const pass = () => child.kill("SIGTERM");
    process.on("SIGINT", stay);
    process.on("SIGTERM", pass);
    child.once("error", reject);
    child.once("close", (code) => {
      process.removeListener("SIGINT", stay);
      process.removeListener("SIGTERM", pass);
      resolvePromise(code ?? 1);
    });
  });
}
