import * as pulumi from "@pulumi/pulumi";
import type { Logger } from "../log";

/**
 * A logger that reaches the person at the terminal.
 *
 * With the engine's address, which the plugin process gets as its first argument, a paragraph stays one paragraph and
 * progress is shown live. Without it, lines on standard output become info lines of the update.
 *
 * @param engine `host:port`, or undefined
 */
export function createUserLog(engine: string | undefined): Logger {
  if (!engine || !/:\d+$/.test(engine)) return plainLog();
  pulumi.runtime.resetOptions("", "", -1, engine, "", false, "");
  return {
    info: (text) => void pulumi.log.info(text),
    warn: (text) => void pulumi.log.warn(text),
    progress: (text) => void pulumi.log.info(text, undefined, undefined, true),
  };
}

function plainLog(): Logger {
  const line = (text: string) => void process.stdout.write(`${text.replace(/\s*\n\s*/g, " ")}\n`);
  return { info: line, warn: (text) => line(`warning: ${text}`), progress: line };
}
