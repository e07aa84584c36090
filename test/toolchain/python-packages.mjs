import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { userCache } from "./paths.mjs";
import { run } from "./run.mjs";

const limitMs = 2 * 60_000;

/**
 * The Python packages that a file of requirements names with their hashes, as a directory for PYTHONPATH: `directory`,
 * or the `reason` why there is none. They are kept in the user's cache; the machine's own packages stay as they are.
 */
export async function pythonPackages(requirements) {
  const key = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  const destination = join(userCache(), `python-${key.slice(0, 16)}`);
  if (existsSync(destination)) return { directory: destination };
  await mkdir(userCache(), { recursive: true });
  return withLock(join(userCache(), "python.lock"), { what: "Python packages" }, async () => {
    if (existsSync(destination)) return { directory: destination };
    const scratch = await mkdtemp(join(userCache(), "python.tmp-"));
    try {
      const flags = ["--quiet", "--disable-pip-version-check", "--no-cache-dir", "--no-input", "--no-deps"];
      const wanted = ["--only-binary", ":all:", "--require-hashes", "--requirement", requirements];
      const args = ["-m", "pip", "install", ...flags, ...wanted];
      // pip asks for the version of Rust, and a rustup that is asked makes a directory of settings.
      const env = { ...process.env, RUSTUP_HOME: join(scratch, "rustup") };
      const options = { what: "Python packages", env, timeoutMs: limitMs };
      await run("python3", [...args, "--target", join(scratch, "packages")], options);
      await rename(join(scratch, "packages"), destination);
      return { directory: destination };
    } catch (error) {
      const lines = error.message.split("\n").filter(Boolean);
      return { reason: `${lines[0]} (${lines.at(-1)})` };
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}
