/** What a test may ask the engine to do wrong. */
export type FaultName =
  "refuse" | "delay" | "drop-before" | "drop-after" | "refuse-after" | "expire-session" | "http-200-garbage";

/** How a fault is aimed. */
export interface FaultOptions {
  /** `Interface.method`; left out, every call but Session.login is meant. */
  method?: string;
  /** How often; left out, until the faults are cleared. */
  times?: number;
  code?: number;
  message?: string;
  ms?: number;
}

interface Fault {
  name: FaultName;
  options: FaultOptions;
  left: number;
}

const names: readonly string[] = [
  "refuse",
  "delay",
  "drop-before",
  "drop-after",
  "refuse-after",
  "expire-session",
  "http-200-garbage",
];

/** The faults in force, the oldest first. */
export class Faults {
  private faults: Fault[] = [];
  private readonly delayed = new Set<() => void>();

  /** Arms a fault; throws for a name the engine does not know. */
  add(name: string, options: FaultOptions = {}): void {
    if (!names.includes(name)) throw new Error(`unknown fault ${name}`);
    this.faults.push({ name: name as FaultName, options, left: options.times ?? Number.POSITIVE_INFINITY });
  }

  /** Disarms all of them, and ends the delays that are under way. */
  clear(): void {
    this.faults = [];
    for (const goOn of this.delayed) goOn();
  }

  /** Resolves after a time, or as soon as the faults are cleared. */
  delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        clearTimeout(timer);
        this.delayed.delete(goOn);
        resolve();
      };
      const timer = setTimeout(goOn, ms);
      this.delayed.add(goOn);
    });
  }

  /** The options of an armed fault that meets this call, used up once; undefined when there is none. */
  take(name: FaultName, method: string): FaultOptions | undefined {
    const fault = this.faults.find(
      (each) => each.name === name && (each.options.method ?? (method === "Session.login" ? "" : method)) === method,
    );
    if (!fault) return undefined;
    fault.left -= 1;
    if (fault.left <= 0) this.faults = this.faults.filter((each) => each !== fault);
    return fault.options;
  }
}
