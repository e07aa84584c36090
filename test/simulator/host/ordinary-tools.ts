import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const places = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/**
 * Makes `target` a directory of links to the machine's own commands, without the hidden ones: the directories of the
 * machine themselves may hold a `systemctl` that a host without systemd has not. `target` must not exist. It is a link
 * itself, to a directory in the temporary directory that all stand-ins of one user share: some thousand links take
 * longer than everything else of a start.
 */
export function linkOrdinaryTools(target: string, hidden: ReadonlySet<string>): void {
  const tools = ordinaryTools(hidden);
  const shared = sharedDirectory(tools);
  if (shared === undefined) fill(target, tools);
  else symlinkSync(shared, target);
}

/** The machine's commands: name and path, the first of each name in the order of a PATH. */
function ordinaryTools(hidden: ReadonlySet<string>): Map<string, string> {
  const tools = new Map<string, string>();
  for (const place of places) {
    // On most systems /bin is a link to /usr/bin: once is enough.
    if (!lstatSync(place, { throwIfNoEntry: false })?.isDirectory()) continue;
    for (const name of readdirSync(place)) {
      if (!hidden.has(name) && !tools.has(name)) tools.set(name, join(place, name));
    }
  }
  return tools;
}

/** The directory that all share, made by whoever comes first; undefined where somebody else has taken its name. */
function sharedDirectory(tools: Map<string, string>): string | undefined {
  const digest = createHash("sha256")
    .update([...tools.values()].join("\n"))
    .digest("hex")
    .slice(0, 16);
  const shared = join(tmpdir(), `stand-in-tools-${process.getuid?.() ?? 0}-${digest}`);
  if (isOurs(shared)) {
    // Temporary directories are swept: what is left of one is no use to anybody.
    if (readdirSync(shared).length === tools.size) return shared;
    rmSync(shared, { recursive: true, force: true });
  }
  const own = mkdtempSync(`${shared}-`);
  fill(own, tools);
  try {
    renameSync(own, shared);
  } catch {
    // Another stand-in was faster, or the name is somebody else's.
    rmSync(own, { recursive: true });
  }
  return isOurs(shared) ? shared : undefined;
}

function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

function fill(directory: string, tools: Map<string, string>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, path] of tools) symlinkSync(path, join(directory, name));
}
