import type { Logger } from "../log";

/** Where a command's own answer goes, apart from messages. */
export interface Output {
  /** A line for people; nothing with `--json`. */
  say(text: string): void;
  /** The document of `--json`; nothing without it. */
  document(value: object): void;
  /** Messages while it works: on standard error, so that standard output holds the answer alone. */
  readonly log: Logger;
}

/** Text for people, or one JSON document. */
export function createOutput(json: boolean): Output {
  let last = "";
  const message = (text: string) => {
    // A wait tells the same again and again.
    if (text !== last) process.stderr.write(`${text}\n`);
    last = text;
  };
  return {
    say: (text) => void (json || process.stdout.write(`${text}\n`)),
    document: (value) => void (json && process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)),
    log: { info: message, warn: (text) => message(`warning: ${text}`), progress: message },
  };
}
