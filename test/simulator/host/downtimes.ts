import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What happened to the engine, one line of `truth/service.jsonl`. */
export interface ServiceEvent {
  /** ISO time. */
  at: string;
  event: "host-up" | "starting" | "ready" | "stopping" | "exited" | "host-down";
  pid?: number;
  code?: number | null;
  signal?: string | null;
  /** With `exited`: whether the engine was asked to end and ended by itself, its configuration written. */
  orderly?: boolean;
}

/** A time in which the mail service did not answer. */
export interface Downtime {
  from: string;
  /** null while it lasts. */
  to: string | null;
  seconds: number;
  /** false when the engine was killed or died. */
  orderly: boolean;
}

/** The record of the service's comings and goings; it outlives the engine and the host. */
export class ServiceRecord {
  private readonly file: string;

  constructor(truthDir: string) {
    this.file = join(truthDir, "service.jsonl");
  }

  write(event: Omit<ServiceEvent, "at">): void {
    appendFileSync(this.file, `${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`);
  }

  read(): ServiceEvent[] {
    if (!existsSync(this.file)) return [];
    const lines = readFileSync(this.file, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as ServiceEvent);
  }
}

/**
 * The times the service was away, the oldest first: from the stop (or death) of a ready engine to the next `ready`.
 * Time in which the whole stand-in was down does not count.
 */
export function downtimesOf(events: ServiceEvent[], now: Date = new Date()): Downtime[] {
  const list: Downtime[] = [];
  let up = false;
  let open: Downtime | undefined;
  for (const { at, event, orderly } of events) {
    if (event === "host-up" || event === "host-down") {
      up = false;
      open = undefined;
    } else if (event === "ready") {
      if (open) Object.assign(open, { to: at, seconds: secondsBetween(open.from, at) });
      open = undefined;
      up = true;
    } else if ((event === "stopping" || event === "exited") && up) {
      up = false;
      open = { from: at, to: null, seconds: secondsBetween(at, now.toISOString()), orderly: orderly ?? false };
      list.push(open);
    } else if (event === "exited" && open?.to === null && orderly) open.orderly = true;
  }
  return list;
}

function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
