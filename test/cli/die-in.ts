import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import type { UserRequest } from "../../provider/rename/user-request";
import type { Simulator } from "../helpers/start-simulator";
import { idOf, renameRequest, settingsOf } from "../rename/stage";

const worker = resolve(__dirname, "../../dist/test/rename/renames.worker.js");

/** A run that renames jdoe to jsmith and is killed at a point: `after move-mailboxes`. Answers the old id. */
export async function dieIn(simulator: Simulator, point: string): Promise<string> {
  const id = await idOf(simulator, "jdoe");
  await dieOf(simulator, point, [renameRequest("jdoe", "jsmith", id)]);
  return id;
}

/** A run of these renames that is killed at a point; the mail host notices it after so many seconds of silence. */
export async function dieOf(
  simulator: Simulator,
  point: string,
  requests: UserRequest[],
  supervisor = 4,
): Promise<void> {
  const settings = settingsOf(simulator);
  const file = join(simulator.state, "settings.json");
  const quick = { ...settings, timeouts: { ...settings.timeouts, supervisor } };
  writeFileSync(file, JSON.stringify(quick), { mode: 0o600 });
  const child = spawn(process.execPath, [worker, file, JSON.stringify(requests), point], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (output += part));
  await new Promise((done) => child.once("close", done));
  expect(output).toContain(`dies ${point}`);
}
