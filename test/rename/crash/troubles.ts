import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { NextFate } from "../../../provider/rename/effects";
import type { RunHooks } from "../../../provider/rename/run-context";
import type { Lane } from "./lane";

/** What goes wrong on the mail host while a run is at work. */
interface Trouble {
  /** When: just before the window · when the service has been stopped · when a mailbox was moved · while services are held. */
  when: "before" | "stopped" | "moved" | "held";
  begin(lane: Lane): Promise<unknown>;
  /** What somebody has to put right by hand before the next run; what cures itself has none. */
  cure?(lane: Lane): Promise<unknown> | void;
  /** What the server looks like then, and what becomes of the rename; for the table in the docs. */
  server: string;
  /** What becomes of the rename by the next run: `as told` where chance decides, and the run that met it says which. */
  next: { fate: NextFate | "as told"; text: string };
  /** What the run that met it tells: its error, or `finished`. */
  tells: RegExp;
  /** Stops of the service in all, the next run's included. */
  stops: number;
  /** To be done to the host before the run; throws a reason where it cannot be done here. */
  prepare?(lane: Lane): void;
  restore?(lane: Lane): void;
}

const rolledBack = /^RENAME_ROLLED_BACK/;
const fault =
  (...args: Parameters<Lane["simulator"]["control"]["fault"]>) =>
  (lane: Lane) =>
    lane.simulator.control.fault(...args);

/** Every trouble, by what it is. */
export const troubles = {
  "the engine refuses to stop": {
    server: "as before: no directory was touched",
    next: { fate: "roll-back", text: "the run itself removes the new account and says why; the next one begins anew" },
    when: "before",
    begin: fault("stop-refused", { times: 1 }),
    tells: rolledBack,
    stops: 1,
  },
  "the stop is killed by its timeout, nothing is written": {
    server: "as before, with the configuration of the last orderly stop",
    next: { fate: "roll-back", text: "the same; the engine may have forgotten what was changed since its last start" },
    when: "before",
    begin: fault("stop-timeout", { times: 1 }),
    tells: rolledBack,
    stops: 2,
  },
  "the engine does not come back at first": {
    server: "the supervisor tries the start again, until it succeeds",
    next: {
      fate: "finish",
      text: "the run says that the service does not run; the next one goes on from what it finds",
    },
    when: "stopped",
    begin: fault("start-fails", { times: 3 }),
    tells: /^RENAME_(OPEN|ROLLED_BACK)/,
    stops: 2,
  },
  "the engine comes back slowly": {
    server: "renamed",
    next: { fate: "finish", text: "nothing: the run waits for `kerio:timeouts.start`" },
    when: "stopped",
    begin: fault("start-slow", { times: 1, ms: 4000 }),
    tells: /^finished/,
    stops: 1,
  },
  "the engine crashes on start and is restarted": {
    server: "renamed",
    next: { fate: "finish", text: "nothing: the run waits for the service manager's own restart" },
    when: "stopped",
    begin: fault("crash-on-start", { times: 1 }),
    tells: /^finished/,
    stops: 1,
  },
  "somebody starts the engine in the window": {
    server: "as before: nothing is moved beside a running engine",
    next: { fate: "as told", text: "the run itself removes the new account and says why; the next one begins anew" },
    when: "stopped",
    begin: (lane) => lane.simulator.control.command("start"),
    tells: /^RENAME_ROLLED_BACK|^finished/,
    stops: 2,
  },
  "mv is not permitted": {
    server: "as before: the service has been started again",
    next: { fate: "roll-back", text: "the run itself removes the new account and says why; the next one begins anew" },
    when: "before",
    begin: (lane) => Promise.resolve(writeFileSync(refusal(lane), "")),
    cure: (lane) => rmSync(refusal(lane)),
    // A shell remembers where it has found a command: the other one has to be there from the beginning.
    prepare: (lane) => shim(lane, "mv", `[ ! -e ${refusal(lane)} ] || ${refusingMv}`),
    restore: (lane) => rmSync(join(lane.simulator.state, "bin/mv")),
    tells: rolledBack,
    stops: 2,
  },
  "the disk is full": {
    server: "as before: the supervisor starts the service without a record",
    next: { fate: "roll-back", text: "once there is room, the next one begins anew" },
    when: "stopped",
    begin: (lane) => Promise.resolve(fill(lane)),
    cure: (lane) => rmSync(filler(lane)),
    tells: /^(RENAME_OPEN|RENAME_ROLLED_BACK|LOCK_LOST|SSH_FAILED)/,
    stops: 2,
    prepare: (lane) => mount(lane),
    restore: (lane) => void spawnSync("umount", ["-l", join(lane.simulator.state, "home")]),
  },
  "the host reboots with the service stopped": {
    server: "as before: the service manager has started the service",
    next: { fate: "roll-back", text: "removes what was made and begins anew" },
    when: "stopped",
    begin: reboot,
    cure: (lane) => rmSync(join(lane.simulator.state, "bin/cat")),
    tells: /^(RENAME_OPEN|RENAME_ROLLED_BACK|LOCK_LOST|SSH_FAILED|CONNECTION_FAILED)/,
    stops: 2,
  },
  "the host reboots with the mailbox moved": {
    server: "the mailbox bears the new name, both accounts are there",
    next: { fate: "finish", text: "goes on from here" },
    when: "moved",
    begin: reboot,
    cure: (lane) => rmSync(join(lane.simulator.state, "bin/cat")),
    tells: /^(RENAME_OPEN|RENAME_ROLLED_BACK|LOCK_LOST|SSH_FAILED|CONNECTION_FAILED)/,
    stops: 1,
  },
  "the supervisor is killed with the service stopped": {
    server: "as before: its guard has taken the move back and started the service",
    next: { fate: "roll-back", text: "removes what was made and begins anew" },
    when: "stopped",
    begin: (lane) => Promise.resolve(kill(lane, "main")),
    tells: /^LOCK_LOST/,
    stops: 2,
  },
  "the supervisor is killed while services are held": {
    server: "its guard has restarted the engine, so every listener is open",
    next: { fate: "finish", text: "goes on from here" },
    when: "held",
    begin: (lane) => Promise.resolve(kill(lane, "main")),
    tells: /^(LOCK_LOST|RENAME_OPEN|SESSION_EXPIRED|CONNECTION_FAILED)/,
    stops: 2,
  },
  "the guard is killed": {
    server: "renamed",
    next: { fate: "finish", text: "nothing: the supervisor goes on" },
    when: "stopped",
    begin: (lane) => Promise.resolve(kill(lane, "guard")),
    tells: /^finished/,
    stops: 1,
  },
  "supervisor and guard are killed with the mailbox moved": {
    server:
      "as before: the run that finds them dead takes the move back and starts the service. Where that run is dead too, the next one does, and until then the service is down",
    next: { fate: "roll-back", text: "removes what was made and begins anew" },
    when: "moved",
    begin: (lane) => Promise.resolve(kill(lane, "guard", "main")),
    tells: /^LOCK_LOST/,
    stops: 2,
  },
} as const satisfies Record<string, Trouble>;

export type TroubleName = keyof typeof troubles;

/** The trouble of a name. */
export function troubleOf(name: TroubleName): Trouble {
  return troubles[name];
}

/** The steps that stop the service: the window, and where a later one can be. */
export type Stop = "move-mailboxes" | "place-mailboxes" | "roll-back";

/** The hooks that bring a trouble about in a stop of the service, and whether it has begun. */
export function bringAbout(
  lane: Lane,
  { when, begin }: Trouble,
  stop: Stop = "move-mailboxes",
): { hooks: RunHooks; begun(): Promise<boolean> } {
  // In a chain of names a step comes once a wave.
  const isHere = (step: string): boolean => step.split(" ", 1)[0] === stop;
  let beginning: Promise<unknown> | undefined;
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver && !beginning) {
      if (reached(lane, when)) beginning = begin(lane);
      await sleep(5);
    }
  };
  const hooks: RunHooks = {
    before: async (step) => {
      if (!isHere(step) || beginning) return;
      if (when === "before") await (beginning = begin(lane));
      else if (when !== "held") void watch();
    },
    after: async (step) => {
      if (isHere(step)) isOver = true;
      if (step === "hold-services" && when === "held") await (beginning ??= begin(lane));
    },
  };
  return {
    hooks,
    begun: async () => {
      isOver = true;
      await beginning;
      return beginning !== undefined;
    },
  };
}

function reached(lane: Lane, when: Trouble["when"]): boolean {
  return runFiles(lane).some((run) => {
    if (when === "moved")
      return existsSync(join(run, "moves")) && resultsOf(run).some((text) => text.includes("move=yes"));
    return contentOf(join(run, "phase")).trim() === "stopped";
  });
}

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

function kill(lane: Lane, ...roles: string[]): void {
  for (const run of runFiles(lane)) {
    for (const role of roles) {
      const pid = Number(contentOf(join(run, role)).split(" ")[0]);
      if (pid > 1) process.kill(pid, "SIGKILL");
    }
  }
}

function shim(lane: Lane, name: string, body: string): void {
  const real = join(lane.simulator.state, "tools", name);
  writeFileSync(join(lane.simulator.state, "bin", name), `#!/bin/sh\n${body}\nexec ${real} "$@"\n`, { mode: 0o755 });
}

const refusal = (lane: Lane): string => join(lane.simulator.state, "mv-is-refused");
const refusingMv = `case "$*" in */mail/example.com/*) echo "mv: Permission denied" >&2; exit 1 ;; esac`;

/** The machine is the same one, so its name for this boot has to be changed by hand. */
async function reboot(lane: Lane): Promise<void> {
  await lane.reboot();
  shim(lane, "cat", `case "$*" in /proc/sys/kernel/random/boot_id) echo another-boot; exit 0 ;; esac`);
}

/** Root's home on a disk of its own, so that it can be filled. */
function mount(lane: Lane): void {
  const home = join(lane.simulator.state, "home");
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=40m,mode=700", "none", home], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`a full disk needs the right to mount one: ${(stderr ?? "").trim()}`);
}

const filler = (lane: Lane): string => join(lane.simulator.state, "home/filler");

function fill(lane: Lane): void {
  spawnSync("dd", ["if=/dev/zero", `of=${filler(lane)}`, "bs=64k"]);
}

/** Why a trouble cannot be had on this machine; undefined where it can. */
export function whyNot(name: TroubleName): string | undefined {
  if (name !== "the disk is full") return undefined;
  if (process.getuid?.() !== 0) return "a full disk needs root, who may mount one";
  const probe = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"], { encoding: "utf8" });
  return probe.status === 0 ? undefined : `a full disk needs the right to mount one: ${(probe.stderr ?? "").trim()}`;
}
