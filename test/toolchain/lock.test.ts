import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const run = promisify(execFile);
const lockModule = pathToFileURL(join(__dirname, "lock.mjs")).href;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pulumi-kerio-lock-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** A process that raises the number in a file `times` times, each time under the lock and with a pause inside. */
async function countUp(times: number, timeoutMs = 60_000): Promise<string> {
  const script = `
    import { readFile, writeFile } from "node:fs/promises";
    import { setTimeout as sleep } from "node:timers/promises";
    import { withLock } from ${JSON.stringify(lockModule)};
    const [lock, file] = process.argv.slice(1);
    for (let i = 0; i < ${times}; i++) {
      await withLock(lock, { what: "counting", timeoutMs: ${timeoutMs} }, async () => {
        const value = Number(await readFile(file, "utf8"));
        await sleep(3);
        await writeFile(file, String(value + 1));
      });
    }`;
  const args = ["--input-type=module", "-e", script, join(directory, "lock"), join(directory, "count")];
  const { stderr } = await run(process.execPath, args, { timeout: 50_000 });
  return stderr;
}

async function leaveLock(owner: { pid: number; host: string }): Promise<string> {
  const file = join(directory, "lock", "owner-left.json");
  await mkdir(join(directory, "lock"));
  await writeFile(file, JSON.stringify(owner));
  return file;
}

async function deadPid(): Promise<number> {
  const { stdout } = await run(process.execPath, ["-p", "process.pid"]);
  return Number(stdout);
}

test("processes at once never work at the same time, and leave nothing behind", async () => {
  await writeFile(join(directory, "count"), "0");
  await Promise.all([countUp(8), countUp(8), countUp(8), countUp(8)]);
  expect(await readFile(join(directory, "count"), "utf8")).toBe("32");
  expect(existsSync(join(directory, "lock"))).toBe(false);
});

test("the lock of a dead process is taken over by exactly one at a time", async () => {
  await writeFile(join(directory, "count"), "0");
  await leaveLock({ pid: await deadPid(), host: hostname() });
  await Promise.all([countUp(3), countUp(3), countUp(3)]);
  expect(await readFile(join(directory, "count"), "utf8")).toBe("9");
});

test("the lock of a living process is respected, and the waiting one says who holds it", async () => {
  await writeFile(join(directory, "count"), "0");
  await leaveLock({ pid: process.pid, host: hostname() });
  await expect(countUp(1, 1_000)).rejects.toThrow(`held by process ${process.pid} on ${hostname()}; gave up waiting`);
  expect(await readFile(join(directory, "count"), "utf8")).toBe("0");
});

test("the lock of another machine is taken over once its heartbeat has stopped", async () => {
  await writeFile(join(directory, "count"), "0");
  const file = await leaveLock({ pid: 1, host: "other.example.com" });
  await expect(countUp(1, 1_000)).rejects.toThrow("process 1 on other.example.com");
  const longAgo = new Date(Date.now() - 2 * 60_000);
  await utimes(file, longAgo, longAgo);
  await countUp(1);
  expect(await readFile(join(directory, "count"), "utf8")).toBe("1");
});
