import { EventEmitter } from "node:events";

/** The faults of the host, and what each does. Those of the engine are passed on to it. */
export const hostFaults = {
  "stop-refused": "stop commands answer that access is denied, and nothing happens",
  "stop-timeout": "the engine is never told to end and is killed after `ms` (default 500): nothing is written",
  "start-fails": "starts fail at once",
  "start-slow": "the engine needs `ms` (default 5000) before it answers",
  "crash-on-start": "the engine dies just before it is ready",
  "ssh-refuse": 'new connections are refused; with `mode: "login"`, every login is',
  "ssh-drop": "all SSH connections are cut now; new ones are welcome",
  "ssh-drop-after": "each SSH connection is cut after `bytes` more bytes in either direction",
  "ssh-black-hole": "connections stay open, or open, and nothing passes through them",
  "ssh-wrong-host-key": "new connections meet another host key",
  "ssh-banner": "`text` is sent before the login",
  "ssh-noise": "`text` is printed before the output of every command",
} as const;

/** The name of a fault of the host. */
export type HostFaultName = keyof typeof hostFaults;

/** How a fault is aimed; which of these count stands in {@link hostFaults}. */
export interface HostFaultOptions {
  /** How often it strikes; left out, until the faults are cleared. */
  times?: number;
  ms?: number;
  bytes?: number;
  mode?: "connect" | "login";
  text?: string;
}

interface Events {
  change: [];
  drop: [];
}

/** The host's faults in force. Emits `change` after each call and `drop` for an `ssh-drop`. */
export class HostFaults extends EventEmitter<Events> {
  private readonly armed = new Map<HostFaultName, HostFaultOptions & { left: number }>();

  /** Whether a name is a fault of the host. */
  static knows(name: string): name is HostFaultName {
    return Object.hasOwn(hostFaults, name);
  }

  /** Arms a fault; one of the same name is replaced. */
  arm(name: HostFaultName, options: HostFaultOptions = {}): void {
    if (name === "ssh-drop") this.emit("drop");
    else this.armed.set(name, { ...options, left: options.times ?? Number.POSITIVE_INFINITY });
    this.emit("change");
  }

  /** Disarms all of them. */
  clear(): void {
    this.armed.clear();
    this.emit("change");
  }

  /** The options of an armed fault, without using it up. */
  look(name: HostFaultName): HostFaultOptions | undefined {
    return this.armed.get(name);
  }

  /** The options of an armed fault, used up once. */
  take(name: HostFaultName): HostFaultOptions | undefined {
    const fault = this.armed.get(name);
    if (!fault) return undefined;
    fault.left -= 1;
    if (fault.left <= 0) this.armed.delete(name);
    return fault;
  }
}
