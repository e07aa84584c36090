import * as pulumi from "@pulumi/pulumi";
import type { Logger } from "../log";

/** A logger whose messages are on their way until {@link UserLog.flush} resolves. */
export interface UserLog extends Logger {
  /** Resolves when everything said has arrived, or after two seconds: an engine that is gone must not hold up work. */
  flush(): Promise<void>;
}

const patience = 2_000;

/**
 * A logger that reaches the person at the terminal.
 *
 * With the engine's address, which the plugin process gets as its first argument, a paragraph stays one paragraph and
 * progress is shown live. Without it, lines on standard output become info lines of the update.
 *
 * @param engine `host:port`, or undefined
 */
export function createUserLog(engine: string | undefined): UserLog {
  if (!engine || !/:\d+$/.test(engine)) return plainLog();
  pulumi.runtime.resetOptions("", "", -1, engine, "", false, "");
  const sending = new Set<Promise<void>>();
  const track = (sent: Promise<void>) => {
    sending.add(sent);
    void sent.finally(() => sending.delete(sent));
  };
  return {
    info: (text) => track(pulumi.log.info(text)),
    warn: (text) => track(pulumi.log.warn(text)),
    progress: (text) => track(pulumi.log.info(text, undefined, undefined, true)),
    flush: () => bounded(Promise.allSettled(sending)),
  };
}

function plainLog(): UserLog {
  const line = (text: string) => void process.stdout.write(`${text.replace(/\s*\n\s*/g, " ")}\n`);
  return { info: line, warn: (text) => line(`warning: ${text}`), progress: line, flush: () => Promise.resolve() };
}

async function bounded(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise((resolve) => (timer = setTimeout(resolve, patience)));
  await Promise.race([work, enough]);
  clearTimeout(timer);
}
