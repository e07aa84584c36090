import type { NextFate } from "../../../provider/rename/effects";
import type { Lane } from "./lane";

/**
 * When something goes wrong: just before the window · when the service has been stopped · when a mailbox was moved · while
 * services are held · when they are released.
 */
export type Moment = "before" | "stopped" | "moved" | "held" | "released";

/** What goes wrong on the mail host while a run is at work. */
export interface Trouble {
  when: Moment;
  begin(lane: Lane): Promise<unknown>;
  /** What somebody has to put right by hand before the next run; what cures itself has none. */
  cure?(lane: Lane): Promise<unknown> | void;
  /** What the server looks like then, and what becomes of the rename; for the table in the docs. */
  server: string;
  /** What becomes of the rename by the next run: `as told` where chance decides, and the run that met it says which. */
  next: { fate: NextFate | "as told"; text: string };
  /** What the run that met it tells: its error, or `finished`. */
  tells: RegExp;
  /** Stops of the service in all, the next run's included. */
  stops: number;
  /** The engine ends behind the removal without having written it down, so that the next run finds the old account again. */
  forgets?: true;
  /** Nobody is left on the host to bring a mailbox home that waits for its name. */
  staysParked?: true;
  /** To be done to the host before the run; throws a reason where it cannot be done here. */
  prepare?(lane: Lane): void;
  restore?(lane: Lane): void;
}
