import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { withLock } from "./lock.mjs";
import { userCache } from "./paths.mjs";
import { downloadTools } from "./pulumi-download.mjs";
import { buildTools } from "./pulumi-go-build.mjs";
import { hasAllTools, isSupported, pinnedVersion, versionIn } from "./pulumi-version.mjs";
import { say } from "./say.mjs";

/**
 * Returns the directory that holds `pulumi`, its Node language host and its launcher of dynamic providers: a suitable
 * one on PATH, else the one in the user's cache, which is filled by the vendor's installer or by a build from Go
 * modules when it is empty. Throws one error that names every way and why it did not work.
 */
export async function pulumiTools() {
  const ready = await readyTools();
  if (ready.directory !== undefined) return ready.directory;
  const destination = cachedDirectory();
  await withLock(`${destination}.lock`, { what: "Pulumi tools", timeoutMs: 60 * 60_000 }, async () => {
    if (!hasAllTools(destination)) await fill(destination, ready.reason);
  });
  return destination;
}

/** What is there without any work: `directory` of the tools, or `reason` why there is none on PATH or in the cache. */
export async function readyTools() {
  const onPath = await toolsOnPath();
  if (onPath.directory !== undefined) return onPath;
  const cached = cachedDirectory();
  if (hasAllTools(cached)) return { directory: cached };
  return onPath;
}

async function fill(destination, pathReason) {
  const version = pinnedVersion();
  const failures = [`on PATH: ${pathReason}`, `in the cache: nothing in ${destination}`];
  await mkdir(userCache(), { recursive: true });
  await removeAbandoned(destination);
  const ways = [
    ["the vendor's installer", downloadTools],
    ["a build from Go modules", buildTools],
  ];
  for (const [name, make] of ways) {
    const scratch = await mkdtemp(`${destination}.tmp-`);
    const candidate = join(scratch, "tools");
    try {
      await make({ version, scratch, destination: candidate });
      await accept(candidate, version);
      await moveInto(candidate, destination);
      say(`Pulumi tools: ${version} is ready in ${destination}`);
      return;
    } catch (error) {
      say(`Pulumi tools: ${name} does not work here: ${error.message.split("\n")[0]}`);
      failures.push(`${name}: ${error.message}`);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  throw new Error(
    `no Pulumi command line could be had; any one of these four ways is enough:\n${failures.map((text) => `- ${text}`).join("\n")}`,
  );
}

async function accept(candidate, version) {
  if (!hasAllTools(candidate)) throw new Error("it did not bring all three tools");
  const found = await versionIn(candidate);
  if (found !== version) throw new Error(`it brought version ${found} instead of ${version}`);
}

async function moveInto(candidate, destination) {
  await rm(destination, { recursive: true, force: true });
  await rename(candidate, destination);
}

/** Left by a process that was killed while it filled the cache; the lock says that none is at it now. */
async function removeAbandoned(destination) {
  const prefix = `${destination.split("/").at(-1)}.tmp-`;
  for (const name of await readdir(userCache())) {
    if (name.startsWith(prefix)) await rm(join(userCache(), name), { recursive: true, force: true });
  }
}

async function toolsOnPath() {
  const reasons = [];
  for (const directory of (process.env.PATH ?? "").split(delimiter).filter(isAbsolute)) {
    if (!hasAllTools(directory)) continue;
    try {
      const version = await versionIn(directory);
      if (isSupported(version)) return { directory };
      reasons.push(`${directory} has version ${version}, needed is 3.216 or later and before 4`);
    } catch (error) {
      reasons.push(error.message);
    }
  }
  return { reason: reasons.join("; ") || "no directory with pulumi and its Node language host and launcher" };
}

function cachedDirectory() {
  return join(userCache(), `pulumi-${pinnedVersion()}-${process.platform}-${process.arch}`);
}
