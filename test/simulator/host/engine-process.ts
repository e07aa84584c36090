import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Layout } from "./layout";

/** How an engine process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A message of the engine. */
type FromEngine = { type: "ready" } | { type: "restart" } | { type: "answer"; id: number; value?: unknown };

interface Events {
  ready: [];
  restart: [];
  exit: [Exit];
}

/** How long a question to the engine may take. */
const queryLimitMs = 10_000;

/**
 * One run of the mail engine, a process of its own: killing it is what a crash means. Emits `ready` once its ports
 * answer, `restart` when an API call asks for one, and `exit` once.
 */
export class EngineProcess extends EventEmitter<Events> {
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private nextId = 1;
  private exit: Exit | undefined;

  constructor(layout: Layout, script: string) {
    super();
    // A link to node under the engine's name: process lists show path and name of a real `mailserver`.
    const program = join(layout.programDir, "mailserver");
    mkdirSync(layout.programDir, { recursive: true });
    if (!existsSync(program)) symlinkSync(process.execPath, program);
    const output = openSync(join(layout.runDir, "engine.out"), "a", 0o600);
    this.child = spawn(program, [script, layout.programDir, layout.environmentFile], {
      cwd: layout.programDir,
      env: { PATH: "/usr/bin:/bin", HOME: layout.programDir },
      stdio: ["ignore", output, output, "ipc"],
      // In the host's own group a Ctrl-C at the terminal would reach it before the service manager does.
      detached: true,
    });
    closeSync(output);
    this.pid = this.child.pid ?? -1;
    this.child.on("message", (message) => this.hear(message as FromEngine));
    this.child.once("error", () => this.ended({ code: 203, signal: null }));
    this.child.once("exit", (code, signal) => this.ended({ code, signal }));
  }

  /** Sends a signal to the process; nothing happens once it has ended. */
  kill(signal: NodeJS.Signals): void {
    if (!this.exit) this.child.kill(signal);
  }

  /** Tells the engine something that needs no answer. */
  tell(message: Record<string, unknown>): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  /** Asks for something held in the engine's memory. Rejects when the engine ends or is silent for ten seconds. */
  ask(what: string, details: Record<string, unknown> = {}): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.waiting.delete(id);
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`the engine has not answered "${what}" in ${queryLimitMs / 1000} s`));
      }, queryLimitMs);
      this.waiting.set(id, {
        resolve: (value) => (settle(), resolve(value)),
        reject: (error) => (settle(), reject(error)),
      });
      if (!this.child.connected) return this.waiting.get(id)?.reject(new Error("the engine is away"));
      this.tell({ type: "query", id, what, ...details });
    });
  }

  private hear(message: FromEngine): void {
    if (message.type === "ready") this.emit("ready");
    else if (message.type === "restart") this.emit("restart");
    else if (message.type === "answer") {
      const question = this.waiting.get(message.id);
      const error = (message.value as { error?: unknown } | null | undefined)?.error;
      if (error === undefined) question?.resolve(message.value);
      else question?.reject(new Error(String(error)));
    }
  }

  private ended(exit: Exit): void {
    if (this.exit) return;
    this.exit = exit;
    for (const question of [...this.waiting.values()]) question.reject(new Error("the engine is away"));
    this.emit("exit", exit);
  }
}
