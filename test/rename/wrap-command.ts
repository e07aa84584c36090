import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Simulator } from "../helpers/start-simulator";
import { layoutOf } from "../simulator/host/layout";
import { quoted } from "../simulator/host/quoted";

/**
 * Puts lines of shell in the place of a command of the mail host. They find the command itself as `$real`, and its place
 * as `$command`. Gives what puts the command back.
 */
export function wrapCommand({ state }: Pick<Simulator, "state">, name: string, lines: string[]): () => void {
  const command = join(layoutOf(state).binDir, name);
  const [real, fresh] = [`${command}.real`, `${command}.new`];
  copyFileSync(command, real);
  const body = ["#!/bin/sh", `real=${quoted(real)} command=${quoted(command)}`, ...lines];
  writeFileSync(fresh, `${body.join("\n")}\n`, { mode: 0o755 });
  // In one step: a supervisor may be asking at this moment.
  renameSync(fresh, command);
  return () => renameSync(real, command);
}

/** What the mail host does of its own around the next stop, as shell in the server's program directory. */
interface AroundStop {
  before?: string;
  after?: string;
  /** Before the service is started again. */
  start?: string;
}

/** Has the host do something around the next stop of the service, which ends in order, and never again. */
export function aroundNextStop(
  simulator: Pick<Simulator, "state">,
  { before = ":", after = ":", start = ":" }: AroundStop,
): void {
  wrapCommand(simulator, "systemctl", [
    `cd ${quoted(layoutOf(simulator.state).programDir)} || exit 1`,
    "case $1 in",
    `  stop) ${before}; "$real" "$@"; code=$?; ${after}; exit $code ;;`,
    `  start) ${start}; mv "$real" "$command"; exec "$command" "$@" ;;`,
    "esac",
    'exec "$real" "$@"',
  ]);
}

/** Has the next stop end in order, although the server has written nothing. */
export function writeNothingAtNextStop(simulator: Pick<Simulator, "state">): void {
  aroundNextStop(simulator, {
    before: "for file in users mailserver; do cp -p $file.cfg $file.cfg.old; done",
    after: "for file in users mailserver; do mv $file.cfg.old $file.cfg; done",
  });
}
