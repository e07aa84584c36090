import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Layout } from "../layout";

/** Marks every process of a login in its environment, so that a power-off can find those that outlive it. */
const marker = "STAND_IN_DIR";

/** The one account of the host that can log in. */
export class Login {
  constructor(
    readonly user: string,
    readonly layout: Layout,
    private readonly path: string,
  ) {}

  /** Runs a command as sshd does: through the shell, in HOME, in a session of its own; without one, a shell. */
  run(command: string | undefined, sent: Record<string, string>): ChildProcessWithoutNullStreams {
    return spawn("/bin/sh", command === undefined ? [] : ["-c", command], {
      cwd: this.layout.homeDir,
      env: { ...sent, ...this.environment() },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
  }

  private environment(): Record<string, string> {
    return {
      PATH: this.path,
      HOME: this.layout.homeDir,
      USER: this.user,
      LOGNAME: this.user,
      SHELL: "/bin/sh",
      TMPDIR: this.layout.tmpDir,
      STAND_IN_UID: this.user === "root" ? "0" : "1000",
      [marker]: this.layout.dir,
    };
  }
}

/**
 * Kills what logins of the stand-in in `dir` have left running, as switching a machine off does. Gives their number.
 * Works where /proc shows the environment of processes (Linux); elsewhere it finds none.
 */
export function killLeftovers(dir: string): number {
  const wanted = `${marker}=${dir}`;
  const pids = processIds().filter((pid) => pid !== process.pid && environmentOf(pid).includes(wanted));
  return pids.filter((pid) => killed(pid)).length;
}

function processIds(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    // It has ended meanwhile, or belongs to somebody else: not ours.
    return [];
  }
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
