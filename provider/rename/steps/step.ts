import type { EffectName } from "../effects";
import type { RunContext, Renaming } from "../run-context";

/**
 * One step of a rename. A step observes before it acts, so that running it again after a crash, or after a lost
 * answer, does each effect once.
 */
export interface Step {
  readonly name: EffectName;
  /** The renamings for which the effect is not to be seen on the server. */
  pending(run: RunContext): Promise<Renaming[]>;
  /** Brings the effect about. May set `failure` of single renamings; a throw concerns all that are pending. */
  act(run: RunContext, pending: Renaming[]): Promise<void>;
  /** What a renaming lacks when the effect is not seen after {@link act}; a clause for an error. */
  readonly unseen: string;
  /**
   * What then: `stop` this renaming (the default), let it go on and report it as `incomplete` at the end, or only
   * `warn`.
   */
  readonly onUnseen?: "stop" | "incomplete" | "warn";
  /** Set where a server that knows `Batch.run` has done it with `swap-at-once` already, so that nothing is left to do. */
  readonly doneAtOnce?: true;
}
