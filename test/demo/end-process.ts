import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Asks a process to end, kills it where it has not after `limitMs`, and resolves when it is gone: with how it went. */
export async function endProcess(child: ChildProcess, limitMs: number): Promise<"ended" | "killed"> {
  if (child.exitCode !== null || child.signalCode !== null) return "ended";
  child.ref();
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const deadline = setTimeout(() => child.kill("SIGKILL"), limitMs);
  await gone;
  clearTimeout(deadline);
  return child.signalCode === "SIGKILL" ? "killed" : "ended";
}
