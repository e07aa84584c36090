import { readdirSync } from "node:fs";
import { join } from "node:path";

/** All files below a directory, links included, as paths relative to it. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(directory, entry.name)).map((path) => join(entry.name, path)) : [entry.name],
  );
}
