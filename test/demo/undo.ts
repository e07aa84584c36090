import { line, style } from "./output";

/** What has been started so far: it can be ended at any moment, from more than one side, and is ended once. */
export class Undo {
  private readonly steps: (() => Promise<void>)[] = [];
  private running: Promise<boolean> | undefined;

  /** Whether somebody has begun to end it. */
  get hasBegun(): boolean {
    return this.running !== undefined;
  }

  /** How to end what has just been started. */
  add(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /**
   * Ends everything, what was started last first; resolves with whether all of it went well. What cannot be ended is
   * told, and the rest is ended all the same.
   */
  run(): Promise<boolean> {
    return (this.running ??= this.runAll());
  }

  private async runAll(): Promise<boolean> {
    let isWell = true;
    for (const step of [...this.steps].reverse()) {
      try {
        await step();
      } catch (error) {
        isWell = false;
        line(style.red(String(error)));
      }
    }
    return isWell;
  }
}
