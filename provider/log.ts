/** Where lines for the user go. A line is a whole sentence or paragraph and never holds a secret. */
export interface Logger {
  /** Something the user should read in the update's output. */
  info(text: string): void;
  /** Something the user should act on. */
  warn(text: string): void;
  /** Progress that may be overwritten by the next line. */
  progress(text: string): void;
}

/** A logger that drops everything. */
export const silentLogger: Logger = { info: () => {}, warn: () => {}, progress: () => {} };
