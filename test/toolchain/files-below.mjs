import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The paths of all files below a directory whose names end with `suffix`; none where there is no such directory. Walks by
 * itself, because the earliest Node 20 cannot list recursively.
 */
export function filesBelow(directory, suffix = "") {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesBelow(path, suffix);
    return entry.isFile() && entry.name.endsWith(suffix) ? [path] : [];
  });
}
