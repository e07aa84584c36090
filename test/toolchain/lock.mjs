import { clearInterval, setInterval } from "node:timers";
import { randomUUID } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, rmdir, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { unlinkSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./say.mjs";

const heartbeatMs = 5_000;
const foreignStaleMs = 60_000;
// An owner's process id may have been given to another program since; no honest owner misses heartbeats this long.
const localStaleMs = 10 * 60_000;

/**
 * Runs `work` while no other process holds the lock directory `directory`; waits at most `timeoutMs` for it.
 *
 * The directory holds exactly one file, named after its owner's token. Taking the lock renames a prepared directory
 * onto it, which succeeds only where it is missing or empty. A dead owner's file is removed by its own name, so two
 * waiting processes can never remove each other's fresh lock.
 */
export async function withLock(directory, { what, timeoutMs = 30 * 60_000 }, work) {
  const ownerFile = await acquire(directory, what, timeoutMs);
  const onExit = () => {
    try {
      unlinkSync(ownerFile);
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  };
  process.once("exit", onExit);
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A heartbeat that cannot be written only makes the lock look older; the work itself is not at fault.
    utimes(ownerFile, now, now).catch((error) => say(`lock ${directory}: ${error.message}`));
  }, heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.removeListener("exit", onExit);
    await ignoring(["ENOENT"], unlink(ownerFile));
    await ignoring(["ENOENT", "ENOTEMPTY", "EEXIST"], rmdir(directory));
  }
}

async function acquire(directory, what, timeoutMs) {
  const token = `owner-${randomUUID()}.json`;
  const prepared = `${directory}.${token}.tmp`;
  const giveUpAt = Date.now() + timeoutMs;
  let lastSaid = 0;
  await mkdir(dirname(directory), { recursive: true });
  await mkdir(prepared);
  await writeFile(join(prepared, token), JSON.stringify({ pid: process.pid, host: hostname() }));
  try {
    for (;;) {
      try {
        await rename(prepared, directory);
        return join(directory, token);
      } catch (error) {
        if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
      }
      const owner = await currentOwner(directory);
      if (owner?.stale) {
        await ignoring(["ENOENT"], unlink(owner.file));
        continue;
      }
      if (Date.now() > giveUpAt) {
        throw new Error(`${what}: ${directory} is still held by ${owner?.text ?? "another process"}; gave up waiting`);
      }
      if (owner && Date.now() - lastSaid > 10_000) {
        lastSaid = Date.now();
        say(`${what}: waiting for ${owner.text}, which is doing the same work`);
      }
      await sleep(200);
    }
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    throw error;
  }
}

async function currentOwner(directory) {
  const [name] = (await ignoring(["ENOENT"], readdir(directory))) ?? [];
  if (name === undefined) return undefined;
  const file = join(directory, name);
  const seen = await ignoring(["ENOENT"], stat(file));
  const text = await ignoring(["ENOENT"], readFile(file, "utf8"));
  if (seen === undefined || text === undefined) return undefined;
  const { pid, host } = JSON.parse(text);
  const silentMs = Date.now() - seen.mtimeMs;
  const local = host === hostname();
  const stale = local ? !isAlive(pid) || silentMs > localStaleMs : silentMs > foreignStaleMs;
  return { file, stale, text: `process ${pid} on ${host}` };
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

async function ignoring(codes, promise) {
  try {
    return await promise;
  } catch (error) {
    if (codes.includes(error.code)) return undefined;
    throw error;
  }
}
