import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root directory. */
export const repoRoot = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Locks and other short-lived files of the toolchain, inside the repository and ignored by git. */
export const repoCache = join(repoRoot, ".cache");

/** The user's cache directory for tools that several clones share. */
export function userCache() {
  const base =
    process.env.XDG_CACHE_HOME ||
    (process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache"));
  return join(base, "pulumi-kerio");
}
