import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { environmentVariable } from "../../provider/config-source";
import { stackConfig } from "../helpers/stack";
import type { Simulator } from "../helpers/start-simulator";

/** The command as it is built and packed. */
export const cliScript = resolve(__dirname, "../../dist/provider/cli/main.js");

/** What a command line left. */
export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The settings of a stand-in as environment variables, with waits that suit a test. */
export function environmentOf(simulator: Simulator, timeouts: object = {}): Record<string, string> {
  const config = { ...stackConfig(simulator), "kerio:timeouts": JSON.stringify({ ...waits, ...timeouts }) };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [environmentVariable(key.slice("kerio:".length)), value]),
  );
}

const waits = { request: 20, stop: 30, start: 30, supervisor: 6 };

/** Where and how a command line is run. */
export interface CliOptions {
  cwd?: string;
  /** Called with all of standard error so far, whenever there is more. */
  onMessage?: (stderr: string) => void;
}

/** Runs `pulumi-kerio` with those settings and nothing else of the caller's. */
export function pulumiKerio(
  args: string[],
  env: NodeJS.ProcessEnv = {},
  { cwd, onMessage }: CliOptions = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [cliScript, ...args], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd !== undefined && { cwd }),
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    stderr += part;
    onMessage?.(stderr);
  });
  return new Promise((done, fail) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), 150_000);
    child.once("error", fail);
    child.once("close", (code) => {
      clearTimeout(timer);
      done({ code, stdout, stderr });
    });
  });
}

/** The names of the snapshot files on a host. */
export const snapshotsDirectory = (home: string): string => join(home, ".pulumi-kerio", "snapshots");
