import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { stepsOf } from "../../provider/rename/run";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage } from "./stage";

const worker = resolve(__dirname, "../../dist/test/rename/crash.worker.js");

/** Every boundary of every step, taken from the steps themselves, so that a new one cannot be forgotten. */
const names = [
  "write-snapshot",
  ...stepsOf("accountFirst").map((step) => step.name),
  "release-services",
  "clear-marks",
  "set-passwords",
].filter((name) => !["see-adoption", "sweep-strays"].includes(name));
const points = ["after write-snapshot", ...names.slice(1).flatMap((name) => [`before ${name}`, `after ${name}`])];

/** Points that a run reaches only on a server that refuses `Batch.run`, for otherwise nothing is left to do there. */
const isOneByOne = (point: string): boolean =>
  stepsOf("accountFirst").some((step) => step.doneAtOnce && point.endsWith(` ${step.name}`));

describe.concurrent("a rename whose process is killed", () => {
  it.each(points)("%s is finished by the next run", { timeout: 180_000 }, async (point) => {
    const simulator = await stage();
    try {
      const id = await idOf(simulator, "jdoe");
      const before = await picture(simulator);
      if (isOneByOne(point)) await simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
      expect(await dieIn(simulator, id, point)).toContain(`dies ${point}`);
      const next = provider(settingsOf(simulator));
      const result = await next.coordinator.create(renameRequest("jdoe", "jsmith", id));
      await next.close();
      const after = await picture(simulator);
      expect(after.names).toEqual(["asmith", "jsmith"]);
      expect(after.directories.jsmith).toEqual(before.directories.jdoe);
      expect(Object.keys(after.directories).sort()).toEqual(["jsmith"]);
      expect(after.messages("jsmith")).toEqual(before.messages("jdoe"));
      expect(after.account("jsmith")).toMatchObject({
        enabled: true,
        description: "accounting",
        emailAddresses: ["j.d"],
      });
      expect(after.text).not.toContain(id);
      expect(after.groups).toEqual({ staff: ["jsmith"] });
      expect(after.lists).toEqual({ news: ["jsmith Moderator"] });
      expect(after.managers).toEqual({ room: "jsmith" });
      expect(after.aliases).toEqual({ books: [`jsmith@${domain}`], jdoe: [`jsmith@${domain}`] });
      expect(after.services).toEqual(before.services);
      expect((await simulator.control.login("jsmith", result.initialPassword ?? "")).ok).toBe(true);
    } finally {
      await simulator.stop();
    }
  });
});

async function dieIn(simulator: Simulator, id: string, point: string): Promise<string> {
  const settingsFile = join(simulator.state, "settings.json");
  writeFileSync(settingsFile, JSON.stringify(settingsOf(simulator)), { mode: 0o600 });
  const child = spawn(process.execPath, [worker, settingsFile, "jdoe", "jsmith", id, point], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (output += part));
  await new Promise((done) => child.once("close", done));
  return output;
}
