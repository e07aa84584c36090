import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The ports of the services that nobody chose: below those from which the host takes its own, so that no service gets
 * into the way of another stand-in's administration while that is stopped. One that was good before is used again.
 */
export class ServicePorts {
  private readonly file: string;
  private readonly known: Record<string, number>;

  constructor(
    stateDir: string,
    private readonly given: Readonly<Record<string, number>> = {},
  ) {
    this.file = join(stateDir, "run", "service-ports.json");
    this.known = existsSync(this.file) ? (JSON.parse(readFileSync(this.file, "utf8")) as Record<string, number>) : {};
  }

  /** Whether the host has chosen the port of a service. */
  isGiven(service: string): boolean {
    return service in this.given;
  }

  /** The port of a service: the one that is given, that of the last time, or a new one. */
  of(service: string): number {
    return this.given[service] ?? this.known[service] ?? this.another(service);
  }

  /** Another port for a service whose own is taken. */
  another(service: string): number {
    const used = new Set(Object.values(this.known));
    let port = randomInt(10_000, 20_000);
    while (used.has(port)) port = randomInt(10_000, 20_000);
    this.known[service] = port;
    return port;
  }

  /** Keeps them for the next start. */
  save(): void {
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, JSON.stringify(this.known));
  }
}
