import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import type { EngineProcess, Exit } from "./engine-process";

/** The words of systemd's unit properties. */
export type ActiveState = "inactive" | "activating" | "active" | "deactivating" | "failed";
export type SubState = "dead" | "start" | "running" | "stop-sigterm" | "failed" | "auto-restart";
export type Result = "success" | "timeout" | "exit-code" | "signal" | "start-limit-hit";

/** What the service manager knows of the unit. */
export interface UnitState {
  active: ActiveState;
  sub: SubState;
  result: Result;
  /** 0 while no engine runs. */
  mainPid: number;
  /** That of the engine that runs or was the last to run; 0 before the first. */
  lastPid: number;
  /** One per start, 32 hexadecimal digits; empty before the first. */
  invocationId: string;
  /** When the unit became active for the last time. */
  activeEnter: Date | undefined;
  /** When it left that state for the last time. */
  activeExit: Date | undefined;
  /** How the last engine ended; undefined while it runs or before the first. */
  exit: Exit | undefined;
  /** How an engine last ended, also while the next one runs; undefined before the first end. */
  lastExit: Exit | undefined;
  /** Automatic restarts since the last start by hand. */
  restarts: number;
}

/** How a start or stop command ended. `canceled`: the opposite command came in between. */
export type JobResult = "done" | "failed" | "canceled";

/** How the manager runs the unit. */
export interface UnitSettings {
  /** Whether a crash is followed by a start. */
  restartOnFailure: boolean;
  /** Whether something else starts what was stopped in order, after the same pause. */
  isWatched: boolean;
  /** The pause before it; systemd's default is 100 ms. */
  restartDelayMs: number;
  /** After so many restarts within ten seconds the manager gives up; systemd's default is 5. */
  restartLimit: number;
  stopTimeoutMs: number;
  /** An engine that is not ready by then is killed. */
  startTimeoutMs: number;
}

/** What faults may change. Each is asked anew at every start or stop. */
export interface UnitFaults {
  /** Milliseconds after which a stop gives up on an engine that, for this once, is never told to end. */
  stopTimeout(): number | undefined;
  /** Whether this start ends at once with an error. */
  startFails(): boolean;
  /** Whether the engine of this start dies just before it is ready. */
  crashes(): boolean;
}

interface Events {
  change: [UnitState];
  starting: [EngineProcess];
  ready: [EngineProcess];
  stopping: [EngineProcess];
  exited: [EngineProcess, Exit, boolean];
}

const restartWindowMs = 10_000;

/** Starts, watches, stops and restarts the engine, with the states, results and habits of systemd. */
export class ServiceManager extends EventEmitter<Events> {
  readonly state: UnitState = {
    active: "inactive",
    sub: "dead",
    result: "success",
    mainPid: 0,
    lastPid: 0,
    invocationId: "",
    activeEnter: undefined,
    activeExit: undefined,
    exit: undefined,
    lastExit: undefined,
    restarts: 0,
  };
  /** The engine that runs, whether ready or not. */
  engine: EngineProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private recentRestarts: number[] = [];
  /** Whether the stop under way had to kill, or was never announced to, the engine. */
  private killed = false;
  private startWanted = false;

  constructor(
    private readonly launch: () => EngineProcess,
    readonly settings: UnitSettings,
    private readonly faults: UnitFaults,
  ) {
    super();
  }

  /** Starts the unit, and waits until it is active or has failed. A running one is left alone. */
  async start(): Promise<JobResult> {
    if (this.state.active === "active") return "done";
    if (this.state.active === "deactivating") {
      this.startWanted = true;
      await this.settled((state) => state.active !== "deactivating");
      if (!this.startWanted) return "canceled";
    }
    this.startWanted = false;
    if (this.engine === undefined) {
      this.state.restarts = 0;
      this.recentRestarts = [];
      this.run();
    }
    // A start whose engine dies has failed, although the manager goes on trying by itself.
    const end = await this.settled(({ active, sub }) => active !== "activating" || sub === "auto-restart");
    if (end.active === "active") return "done";
    return end.active === "failed" || end.sub === "auto-restart" ? "failed" : "canceled";
  }

  /** Stops the unit, and waits until no engine runs. A unit that is down stays as it is. */
  async stop(): Promise<JobResult> {
    this.startWanted = false;
    if (this.state.sub === "auto-restart") {
      this.clearTimer();
      this.change({ active: "inactive", sub: "dead" });
    }
    const engine = this.engine;
    if (!engine) return "done";
    if (this.state.active !== "deactivating") this.terminate(engine);
    await this.settled(({ active }) => active !== "deactivating");
    return "done";
  }

  /** A stop and a start. */
  async restart(): Promise<JobResult> {
    await this.stop();
    return this.start();
  }

  /** Forgets a failure. */
  resetFailed(): void {
    if (this.state.active === "failed") this.change({ active: "inactive", sub: "dead", result: "success" });
  }

  private run(): void {
    this.clearTimer();
    this.killed = false;
    this.change({
      active: "activating",
      sub: "start",
      result: "success",
      invocationId: randomUUID().replaceAll("-", ""),
      exit: undefined,
    });
    if (this.faults.startFails()) {
      this.change({ active: "failed", sub: "failed", result: "exit-code", exit: { code: 1, signal: null } });
      return;
    }
    const engine = this.launch();
    const crashes = this.faults.crashes();
    this.engine = engine;
    this.change({ mainPid: engine.pid, lastPid: engine.pid });
    this.emit("starting", engine);
    this.timer = setTimeout(() => {
      this.change({ result: "timeout" });
      engine.kill("SIGKILL");
    }, this.settings.startTimeoutMs);
    engine.once("ready", () => {
      if (this.state.active !== "activating") return;
      if (crashes) return engine.kill("SIGKILL");
      this.clearTimer();
      this.emit("ready", engine);
      this.change({ active: "active", sub: "running", activeEnter: new Date() });
    });
    engine.once("exit", (exit) => this.engineEnded(engine, exit));
  }

  private terminate(engine: EngineProcess): void {
    this.clearTimer();
    this.emit("stopping", engine);
    this.change({ active: "deactivating", sub: "stop-sigterm", activeExit: new Date() });
    const hang = this.faults.stopTimeout();
    this.timer = setTimeout(() => {
      this.killed = true;
      engine.kill("SIGKILL");
    }, hang ?? this.settings.stopTimeoutMs);
    if (hang === undefined) engine.kill("SIGTERM");
  }

  private engineEnded(engine: EngineProcess, exit: Exit): void {
    this.clearTimer();
    const { active, result } = this.state;
    const stopping = active === "deactivating";
    const orderly = stopping && !this.killed && exit.code === 0;
    this.engine = undefined;
    this.emit("exited", engine, exit, orderly);
    // systemd counts an end by SIGTERM as a clean one.
    const clean = exit.code === 0 || exit.signal === "SIGTERM";
    const why: Result =
      this.killed || result === "timeout" ? "timeout" : clean ? "success" : exit.signal ? "signal" : "exit-code";
    const activeExit = active === "active" ? new Date() : this.state.activeExit;
    const now = { mainPid: 0, exit, lastExit: exit, result: why, activeExit };
    if (stopping || (clean && active === "active")) {
      this.change({ ...now, ...(why === "success" ? down : broken) });
      if (this.settings.isWatched) setTimeout(() => void this.start(), this.settings.restartDelayMs).unref();
    } else this.afterCrash(now);
  }

  private afterCrash(now: Partial<UnitState>): void {
    const since = Date.now() - restartWindowMs;
    this.recentRestarts = this.recentRestarts.filter((at) => at > since);
    if (!this.settings.restartOnFailure) return this.change({ ...now, ...broken });
    if (this.recentRestarts.length >= this.settings.restartLimit) {
      return this.change({ ...now, ...broken, result: "start-limit-hit" });
    }
    this.recentRestarts.push(Date.now());
    this.change({ ...now, active: "activating", sub: "auto-restart", restarts: this.state.restarts + 1 });
    this.timer = setTimeout(() => this.run(), this.settings.restartDelayMs);
  }

  private change(part: Partial<UnitState>): void {
    Object.assign(this.state, part);
    this.emit("change", this.state);
  }

  private clearTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private settled(reached: (state: UnitState) => boolean): Promise<UnitState> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!reached(this.state)) return;
        this.off("change", look);
        resolve({ ...this.state });
      };
      this.on("change", look);
      look();
    });
  }
}

const down = { active: "inactive", sub: "dead" } as const;
const broken = { active: "failed", sub: "failed" } as const;
