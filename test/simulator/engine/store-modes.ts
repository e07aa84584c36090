import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The modes of the directories and files of a mailbox. */
export interface Modes {
  directory: number;
  file: number;
}

/** By the values of the switch file-modes. */
export const storeModes = {
  readable: { directory: 0o755, file: 0o644 },
  private: { directory: 0o700, file: 0o600 },
  open: { directory: 0o777, file: 0o666 },
} as const satisfies Record<string, Modes>;

/** Makes what is missing of a path; all that is made has just this mode, whatever the process has masked. */
export function makeDirectory(path: string, mode: number): void {
  const highest = mkdirSync(path, { recursive: true, mode });
  if (highest === undefined) return;
  for (let made = path; made.length >= highest.length; made = dirname(made)) chmodSync(made, mode);
}

/** The mode of a file that is made beside others: what its directory allows, but for running it. */
export function modeBeside(directory: string): number {
  return statSync(directory).mode & 0o666;
}
