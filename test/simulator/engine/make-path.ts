import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Makes a directory and what is missing above it, one after the other: Node's own way never ends below `/proc`. Throws as it does. */
export function makePath(path: string): void {
  const whole = resolve(path);
  if (existsSync(whole)) return;
  makePath(dirname(whole));
  mkdirSync(whole);
}
