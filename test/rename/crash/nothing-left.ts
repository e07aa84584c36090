import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { domain } from "../stage";
import type { Lane } from "./lane";

/**
 * On the host there is the closed snapshot, and the copies of the configuration; no process, no directory.
 *
 * @param told what else may lie there: a run that nobody has come after tells how it ended
 */
export async function expectNothingLeft(lane: Lane, told: string[] = []): Promise<void> {
  const { stateDirectory, simulator } = lane;
  const list = (directory: string) => (existsSync(directory) ? readdirSync(directory) : []);
  expect(list(stateDirectory).filter((entry) => !["snapshots", "copies", "runs", ...told].includes(entry))).toEqual([]);
  expect(list(join(stateDirectory, "runs"))).toEqual([]);
  expect(list(join(stateDirectory, "snapshots")).filter((file) => !file.endsWith(".closed.json"))).toEqual([]);
  const { store } = simulator.info;
  expect(list(store).filter((entry) => entry.startsWith("pulumi-kerio"))).toEqual([]);
  expect(list(join(store, "mail", domain)).filter((entry) => entry.startsWith("."))).toEqual([]);
  // What a login was asked to wait for is bounded by some six seconds of a machine that has nothing else to do.
  const until = Date.now() + 30_000;
  while (processesOf(simulator.state).length > 0 && Date.now() < until) await sleep(100);
  // As one string, because a list is told by its length alone.
  expect(processesOf(simulator.state).join("\n")).toBe("");
}

/** What logins have left running. */
function processesOf(state: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`STAND_IN_DIR=${state}`);
        // What the kernel says of it tells whether it sleeps, and whose child it is.
        const tells = ["cmdline", "stat"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8").trim());
        return isOurs ? [tells.join(" ").replaceAll("\0", " ")] : [];
      } catch {
        // It has ended meanwhile, or is somebody else's.
        return [];
      }
    });
}
