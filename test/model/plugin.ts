import { fork, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import type { Kind } from "../../provider/dynamic/bridge";

/** What is sent to the plugin process. */
export type ToPlugin =
  | { type: "begin"; config: Record<string, string>; death?: string }
  | { type: "call"; id: number; kind: Kind; method: string; args: unknown[] };

/** What comes back. */
export type FromPlugin =
  | { type: "begun" }
  | { type: "value"; id: number; value: unknown }
  | {
      type: "error";
      id: number;
      message: string;
      stack: string;
      made?: string;
      properties?: Record<string, unknown> | undefined;
    };

/** The plugin has died, or has been left behind, and will not answer. */
export class PluginGone extends Error {
  override readonly name = "PluginGone";
}

/** A call that failed; with `made`, the object exists but is not finished. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";

  constructor(
    message: string,
    readonly made?: string,
    readonly properties: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

interface Asked {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const script = resolve(__dirname, "../../dist/test/model/plugin.worker.js");
const callLimitMs = 120_000;

/** One plugin process, which lives one `pulumi` command after the other until it is killed. */
export class Plugin {
  /** Everything it said, errors included. */
  said = "";
  private readonly child: ChildProcess;
  private readonly asked = new Map<number, Asked>();
  private begun: Asked | undefined;
  private nextId = 1;
  private readonly ended: Promise<void>;

  constructor() {
    this.child = fork(script, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (part: string) => (this.said += part));
    this.child.on("message", (message: FromPlugin) => this.hear(message));
    this.ended = new Promise((done) =>
      this.child.once("exit", (code, signal) => {
        this.forsake(`the plugin has ended (${code ?? signal})`);
        done();
      }),
    );
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Whether calls are under way. */
  get isBusy(): boolean {
    return this.isAlive && this.asked.size > 0;
  }

  /** A new life with the stack's configuration; `death` is a step's boundary, or `answer N`. */
  begin(config: Record<string, string>, death?: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.begun = { resolve, reject };
      this.send({ type: "begin", config, ...(death !== undefined && { death }) });
    });
  }

  /** @throws CallFailed what the provider threw; PluginGone when there will be no answer */
  call(kind: Kind, method: string, ...args: unknown[]): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      if (!this.isAlive) return reject(new PluginGone("the plugin has ended"));
      const timer = setTimeout(
        () => reject(new Error(`no answer to ${method} of a ${kind} in ${callLimitMs / 1000} s`)),
        callLimitMs,
      );
      const end = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          settle(value);
        };
      };
      this.asked.set(id, { resolve: end(resolve), reject: end(reject) });
      this.send({ type: "call", id, kind, method, args });
    });
  }

  /** The one who asked is gone: nobody hears the answers any more, and the process works on. */
  forsake(reason: string): void {
    this.begun?.reject(new PluginGone(reason));
    for (const one of this.asked.values()) one.reject(new PluginGone(reason));
  }

  /** Waits until no call is under way. */
  async idle(): Promise<void> {
    while (this.isBusy) await new Promise((done) => setTimeout(done, 50));
  }

  async kill(): Promise<void> {
    if (this.isAlive) this.child.kill("SIGKILL");
    await this.ended;
  }

  private hear(message: FromPlugin): void {
    if (message.type === "begun") return this.begun?.resolve(undefined);
    const asked = this.asked.get(message.id);
    this.asked.delete(message.id);
    if (message.type === "value") return asked?.resolve(message.value);
    this.said += `${message.message}\n${message.stack}\n`;
    asked?.reject(new CallFailed(message.message, message.made, message.properties));
  }

  private send(message: ToPlugin): void {
    this.child.send(message, (error) => {
      if (error) this.forsake("the plugin has ended");
    });
  }
}
