import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "./run.mjs";

/** Where Go keeps its telemetry and settings on a Mac, below the home directory. */
const macConfig = ["Library", "Application Support"];

/**
 * The environment for a `go` that writes nothing but its caches: the directory in which it would keep telemetry is one
 * below `scratch`, which looks like the user's own in all that is not Go's, so that git finds its settings. The user's
 * settings of Go, modules and caches are used as ever.
 */
export async function goEnvironment(scratch, platform = process.platform) {
  const place = join(scratch, "go-environment");
  return platform === "darwin" ? macEnvironment(place) : xdgEnvironment(place);
}

async function xdgEnvironment(place) {
  const config = process.env.XDG_CONFIG_HOME || join(homedir(), ".config");
  await mirrorWithout(config, place, ["go"]);
  await silence(place);
  return { ...process.env, XDG_CONFIG_HOME: place, GOENV: process.env.GOENV || join(config, "go", "env") };
}

/** There the directory follows from HOME alone, and so do the caches, which are to stay where they are. */
async function macEnvironment(place) {
  const home = homedir();
  await mirrorWithout(home, place, [...macConfig, "go"]);
  await silence(join(place, ...macConfig));
  const GOENV = process.env.GOENV || join(home, ...macConfig, "go", "env");
  const env = { ...process.env, HOME: place, GOENV };
  const names = ["GOPATH", "GOMODCACHE", "GOCACHE"];
  const what = "Pulumi tools: directories of go";
  const { stdout } = await run("go", ["env", "-json", ...names], { what, cwd: place, env, timeoutMs: 60_000 });
  const found = Object.entries(JSON.parse(stdout)).map(([name, value]) => [name, value.replaceAll(place, home)]);
  return { ...env, ...Object.fromEntries(found) };
}

/** Makes `copy` a directory of links to all that `original` holds, except what lies at the path `[first, ...rest]`. */
async function mirrorWithout(original, copy, [first, ...rest]) {
  await mkdir(copy, { recursive: true });
  for (const name of await namesIn(original)) {
    if (name !== first) await symlink(join(original, name), join(copy, name));
  }
  if (rest.length > 0) await mirrorWithout(join(original, first), join(copy, first), rest);
}

async function namesIn(directory) {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}

/** Otherwise go leaves a process behind that goes on writing there. */
async function silence(config) {
  await mkdir(join(config, "go", "telemetry"), { recursive: true });
  await writeFile(join(config, "go", "telemetry", "mode"), "off");
}
