import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { idOf, renameRequest, settingsOf } from "../rename/stage";

const worker = resolve(__dirname, "../../dist/test/rename/renames.worker.js");

/** A run that renames jdoe to jsmith and is killed at a point: `after move-mailboxes`. Answers the old id. */
export async function dieIn(simulator: Simulator, point: string): Promise<string> {
  const settings = settingsOf(simulator);
  const file = join(simulator.state, "settings.json");
  const quick = { ...settings, timeouts: { ...settings.timeouts, supervisor: 4 } };
  writeFileSync(file, JSON.stringify(quick), { mode: 0o600 });
  const id = await idOf(simulator, "jdoe");
  const child = spawn(process.execPath, [worker, file, JSON.stringify([renameRequest("jdoe", "jsmith", id)]), point], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (output += part));
  await new Promise((done) => child.once("close", done));
  expect(output).toContain(`dies ${point}`);
  return id;
}
