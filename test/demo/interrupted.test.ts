import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repositoryRoot } from "../helpers/pulumi-template";

const main = join(repositoryRoot(), "dist", "test", "demo", "main.js");
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pulumi-kerio-interrupted-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The demo's temporary directory, once there is one. */
function stageIn(): string | undefined {
  const name = readdirSync(directory).find((each) => each.startsWith("pulumi-kerio-demo-"));
  return name && join(directory, name);
}

function isReady(): boolean {
  const file = join(stageIn() ?? directory, "server.json");
  return existsSync(file) && readFileSync(file, "utf8").includes("\n");
}

test.each<["SIGINT" | "SIGTERM", number, string, () => boolean]>([
  ["SIGINT", 130, "the server has been started", () => existsSync(join(stageIn() ?? "", "server.log"))],
  ["SIGTERM", 143, "the server is ready", isReady],
])("after %s (%i) when %s nothing is left", async (signal, code, _moment, isThere) => {
  const demo = spawn(process.execPath, [main], { env: { ...process.env, TMPDIR: directory }, stdio: "ignore" });
  const ended = once(demo, "exit");
  while (!isThere() && demo.exitCode === null) await sleep(10);
  demo.kill(signal);
  expect(await ended).toEqual([code, null]);
  expect(stageIn()).toBeUndefined();
  expect(execFileSync("ps", ["-axww", "-o", "args="], { encoding: "utf8" })).not.toContain(directory);
});
