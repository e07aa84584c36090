import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Makes a directory and what is missing above it, one after the other: Node's own way never ends below `/proc`. Throws as it does. */
export function makePath(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makePath(dirname(path));
  mkdirSync(path);
}
