import { execFile, spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readlinkSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a command of the engine left: its exit code (null after a signal) and what it printed; `text` is both. */
export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
  text: string;
}

/** A running command of the engine. */
export interface RunningCommand {
  child: ChildProcess;
  /** What it has printed so far, both streams as they came. */
  text(): string;
  /** Resolves once it has printed something that matches; rejects when it ends or `timeoutMs` pass before that. */
  printed(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /** Resolves when it has ended. */
  ended: Promise<CommandResult>;
}

/**
 * Starts a program in a process group of its own, without a terminal. After `timeoutMs` the group and every process that
 * works in `cwd` (the engine's plugins, which live in groups of their own) are killed, and `ended` rejects.
 */
export function startCommand(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; timeoutMs: number; input?: string },
): RunningCommand {
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, detached: true });
  let stdout = "";
  let stderr = "";
  let text = "";
  const watchers = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    text += chunk;
    watchers.forEach((watch) => watch());
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
    text += chunk;
    watchers.forEach((watch) => watch());
  });
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const command = `${program} ${args.join(" ")}`;
  const ended = new Promise<CommandResult>((resolvePromise, reject) => {
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
      killProcessesIn(options.cwd).catch(reject);
    }, options.timeoutMs);
    child.once("error", (error) => {
      clearTimeout(deadline);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(deadline);
      watchers.forEach((watch) => watch());
      if (late) reject(new Error(`${command} did not end in ${options.timeoutMs / 1000} s:\n${text}`));
      else resolvePromise({ code, stdout, stderr, text });
    });
  });
  // Whoever asks for the end later still gets the rejection.
  ended.catch(() => undefined);
  const printed = (pattern: RegExp, timeoutMs = 60_000): Promise<void> =>
    new Promise((resolvePromise, reject) => {
      const settle = (action: () => void): void => {
        clearTimeout(deadline);
        watchers.delete(watch);
        action();
      };
      const missing = (why: string): void =>
        settle(() => reject(new Error(`${command} ${why} before it printed ${pattern}:\n${text}`)));
      const watch = (): void => {
        if (pattern.test(text)) settle(resolvePromise);
        else if (child.exitCode !== null || child.signalCode !== null) missing("ended");
      };
      const deadline = setTimeout(() => missing(`ran ${timeoutMs / 1000} s`), timeoutMs);
      watchers.add(watch);
      watch();
    });
  return { child, text: () => text, printed, ended };
}

/** The ids of all processes whose working directory is `directory` or below it, this process excepted. */
export async function processesIn(directory: string): Promise<number[]> {
  const top = realpathSync(directory);
  const below = (path: string): boolean => path === top || path.startsWith(top + sep);
  const working = process.platform === "linux" ? workingDirectoriesFromProc() : await workingDirectoriesFromLsof();
  return working.filter(([pid, path]) => pid !== process.pid && below(path)).map(([pid]) => pid);
}

/** Kills every process that works in `directory` or below it. */
export async function killProcessesIn(directory: string): Promise<void> {
  for (const pid of await processesIn(directory)) signal(pid, "SIGKILL");
}

/** Sends a signal to the process group that `pid` leads; a group that is gone is no error. */
export function signalGroup(pid: number, name: NodeJS.Signals): void {
  signal(-pid, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function workingDirectoriesFromProc(): [number, string][] {
  const found: [number, string][] = [];
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      found.push([Number(name), readlinkSync(join("/proc", name, "cwd"))]);
    } catch (error) {
      // Processes end while they are listed, and others' are not ours to look at.
      if (!["ENOENT", "EACCES", "ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  return found;
}

async function workingDirectoriesFromLsof(): Promise<[number, string][]> {
  // It exits with 1 when it may not look at some process.
  const output = await run("lsof", ["-w", "-d", "cwd", "-F", "pn"], { timeout: 30_000 }).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? "" }),
  );
  const found: [number, string][] = [];
  let pid = 0;
  for (const line of output.stdout.split("\n")) {
    if (line.startsWith("p")) pid = Number(line.slice(1));
    else if (line.startsWith("n")) found.push([pid, line.slice(1)]);
  }
  return found;
}
