import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Lane } from "./lane";

/** What somebody, or chance, does to a mail host, and how it is put right. */
export const harm = {
  /** The machine is the same one, so its name for this boot has to be changed by hand. */
  async reboot(lane: Lane): Promise<void> {
    await lane.reboot();
    shim(lane, "cat", `case "$*" in /proc/sys/kernel/random/boot_id) echo another-boot; exit 0 ;; esac`);
  },
  forgetReboot: (lane: Lane): void => rmSync(join(lane.simulator.state, "bin/cat"), { force: true }),

  /** Kills what holds the host: the supervisor itself is `main`, who watches over it `guard`. */
  kill(lane: Lane, ...roles: ("main" | "guard")[]): void {
    const pids = runFiles(lane).flatMap((run) => roles.map((role) => Number(contentOf(join(run, role)).split(" ")[0])));
    if (pids.length === 0 || pids.some((pid) => !(pid > 1))) throw new Error(`nobody to kill: ${pids.join(", ")}`);
    for (const pid of pids) process.kill(pid, "SIGKILL");
  },

  /** A shell remembers where it has found a command: the one that refuses has to be there from the beginning. */
  preparedMv: (lane: Lane): void => shim(lane, "mv", `[ ! -e ${refusal(lane)} ] || ${refusingMv}`),
  refuseMv: (lane: Lane): void => writeFileSync(refusal(lane), ""),
  allowMv: (lane: Lane): void => rmSync(refusal(lane)),
  forgetMv: (lane: Lane): void => rmSync(join(lane.simulator.state, "bin/mv")),

  /** Root's home on a disk of its own, so that it can be filled. */
  mount(lane: Lane): void {
    const home = join(lane.simulator.state, "home");
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=40m,mode=700", "none", home], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`a full disk needs the right to mount one: ${(stderr ?? "").trim()}`);
  },
  unmount: (lane: Lane): void => void spawnSync("umount", ["-l", join(lane.simulator.state, "home")]),
  fill: (lane: Lane): void => void spawnSync("dd", ["if=/dev/zero", `of=${filler(lane)}`, "bs=64k"]),
  makeRoom: (lane: Lane): void => rmSync(filler(lane)),

  /** Why a disk cannot be filled on this machine; undefined where it can. */
  whyNotFill(): string | undefined {
    if (process.getuid?.() !== 0) return "a full disk needs root, who may mount one";
    const probe = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"], { encoding: "utf8" });
    return probe.status === 0 ? undefined : `a full disk needs the right to mount one: ${(probe.stderr ?? "").trim()}`;
  },

  /** Whether the supervisor has stopped the service, or has moved a mailbox besides. */
  hasReached(lane: Lane, what: "stopped" | "moved"): boolean {
    return runFiles(lane).some((run) => {
      if (what === "moved")
        return existsSync(join(run, "moves")) && resultsOf(run).some((text) => text.includes("move=yes"));
      return contentOf(join(run, "phase")).trim() === "stopped";
    });
  },
} as const;

function runFiles(lane: Lane): string[] {
  const runs = join(lane.stateDirectory, "runs");
  return existsSync(runs) ? readdirSync(runs).map((name) => join(runs, name)) : [];
}

function resultsOf(run: string): string[] {
  return readdirSync(run)
    .filter((name) => /^result\.\d+$/.test(name))
    .map((name) => contentOf(join(run, name)));
}

/** Empty for a file that has just gone. */
function contentOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function shim(lane: Lane, name: string, body: string): void {
  const real = join(lane.simulator.state, "tools", name);
  writeFileSync(join(lane.simulator.state, "bin", name), `#!/bin/sh\n${body}\nexec ${real} "$@"\n`, { mode: 0o755 });
}

const refusal = (lane: Lane): string => join(lane.simulator.state, "mv-is-refused");
const refusingMv = `case "$*" in */mail/example.com/*) echo "mv: Permission denied" >&2; exit 1 ;; esac`;

const filler = (lane: Lane): string => join(lane.simulator.state, "home/filler");
