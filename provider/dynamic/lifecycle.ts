import type { Logger } from "../log";
import type { Memory } from "./memory";
import type { Server } from "./servers";

/** Inputs or outputs as the engine hands them over: plain data, values not yet known included. */
export type Properties = Readonly<Record<string, unknown>>;

/** One reason why inputs are refused. */
export interface Failure {
  /** A plain, non-secret, top-level field, or "": the engine prints the value of what is named here. */
  property: string;
  /** A whole sentence, the path included; never a secret's value. */
  reason: string;
}

/** What a lifecycle may use of the plugin process. */
export interface Context {
  readonly memory: Memory;
  readonly log: Logger;
  /**
   * The server of that name in the stack's configuration ("" or undefined: the default one). Opens no connection.
   *
   * @throws KerioError `CONFIG_INVALID`
   */
  server(name: string | undefined): Server;
}

/** The answer of `check`. */
export interface Checked {
  inputs: Properties;
  failures: Failure[];
}

/** The answer of `diff`; the engine forwards nothing else. */
export interface Difference {
  changes: boolean;
  replaces: string[];
}

/** The answer of `read`; without an id the object is gone. */
export interface ReadResult {
  id?: string;
  props?: Properties;
  inputs?: Properties;
}

/** What a resource does in each step of its life. Every method may be called again after a run that died. */
export interface Lifecycle {
  check(context: Context, olds: Properties, news: Properties): Promise<Checked>;
  diff(context: Context, id: string, olds: Properties, news: Properties): Promise<Difference>;
  create(context: Context, inputs: Properties): Promise<{ id: string; outs: Properties }>;
  read(context: Context, id: string, props: Properties): Promise<ReadResult>;
  update(context: Context, id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(context: Context, id: string, props: Properties): Promise<void>;
}

/**
 * Thrown by `create` and `update` when the object exists but work is left: the engine stores it under `id` and calls
 * `update` on the next run.
 */
export class Unfinished extends Error {
  override readonly name = "Unfinished";

  constructor(
    readonly id: string,
    readonly properties: Properties,
    readonly reasons: string[],
  ) {
    super(reasons.join(" "));
  }
}
