import type { FaultName, FaultOptions } from "../engine/faults";
import type { EngineProcess } from "./engine-process";

const names: Record<FaultName, true> = {
  refuse: true,
  delay: true,
  "drop-before": true,
  "drop-after": true,
  "refuse-after": true,
  "expire-session": true,
  "http-200-garbage": true,
};

/**
 * The engine's faults as the host keeps them: those armed while the engine is away reach the next one, and those
 * without `times` each one, until they are cleared. What was to strike a number of times dies with its engine.
 */
export class EngineFaults {
  private faults: { name: FaultName; options: FaultOptions; told: boolean }[] = [];

  /** Whether a name is a fault of the engine. */
  static knows(name: string): name is FaultName {
    return Object.hasOwn(names, name);
  }

  /** Arms a fault, in the engine that is ready if there is one. */
  arm(name: FaultName, options: FaultOptions, ready: EngineProcess | undefined): void {
    this.faults.push({ name, options, told: ready !== undefined });
    ready?.tell({ type: "fault", name, options });
  }

  /** Disarms all of them. */
  clear(ready: EngineProcess | undefined): void {
    this.faults = [];
    ready?.tell({ type: "clear-faults" });
  }

  /** Tells an engine that has become ready what is armed. */
  tell(engine: EngineProcess): void {
    this.faults = this.faults.filter(({ options, told }) => !told || options.times === undefined);
    for (const fault of this.faults) {
      engine.tell({ type: "fault", name: fault.name, options: fault.options });
      fault.told = true;
    }
  }
}
