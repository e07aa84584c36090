import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** The kinds of events the engine writes down. */
export type TruthKind = "calls" | "deliveries" | "bounces" | "logins" | "removals" | "switches" | "engine";

/**
 * The record of what really happened, kept apart from what the API answers: one JSON line per event in
 * `truth/<kind>.jsonl`, written at once so that a kill loses nothing.
 */
export class Truth {
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  private readonly watchers: ((kind: TruthKind, event: Record<string, unknown>) => void)[] = [];

  /** Tells somebody of every event from now on, after it has been written. */
  watch(watcher: (kind: TruthKind, event: Record<string, unknown>) => void): void {
    this.watchers.push(watcher);
  }

  /** Appends one event; `at` (ISO time) is added. */
  write(kind: TruthKind, event: Record<string, unknown>): void {
    const line = JSON.stringify({ at: new Date().toISOString(), ...event });
    appendFileSync(join(this.directory, `${kind}.jsonl`), `${line}\n`, { mode: 0o600 });
    for (const watcher of this.watchers) watcher(kind, event);
  }
}

/** A copy in which no member whose name speaks of a password keeps its text. */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      /password/i.test(key) && typeof inner === "string" ? "***" : masked(inner),
    ]),
  );
}
