import type { ServiceManager } from "../service-manager";

/** A command of the host as its caller typed it. */
export interface Call {
  args: string[];
  /** Whether the caller is root, by login or through sudo. */
  root: boolean;
}

/** What a command prints, and its exit code. */
export interface Reply {
  code: number;
  stdout: string;
  stderr: string;
}

/** What the commands work on. */
export interface CommandContext {
  manager: ServiceManager;
  programDir: string;
  /** The label of launchd's job. */
  launchdLabel: string;
  pidFile: string;
  /** Whether start commands wait until the engine answers. */
  waitForReady: boolean;
  /** Whether a fault says that this stop is refused; asking uses it up. */
  stopRefused(): boolean;
}

/** The unit's, and the init script's, name. */
export const unitName = "kerio-connect";
export const unitTitle = "Kerio Connect mail server";

/** A reply that only prints. */
export function printed(stdout: string, code = 0): Reply {
  return { code, stdout, stderr: "" };
}

/** A reply that only complains. */
export function complained(stderr: string, code = 1): Reply {
  return { code, stdout: "", stderr };
}
