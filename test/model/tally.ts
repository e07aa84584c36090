interface Row {
  times: number;
  milliseconds: number;
}

/** What has really happened, counted. */
export class Tally {
  /** Operations that have run to their end, by name. */
  private readonly operations = new Map<string, Row>();
  /** What they consist of; everything is looked at after each. */
  private readonly steps = new Map<string, Row>();
  /** What befell them: an exchange that was carried out, a fault that was felt, a death, a way of recovery. */
  private readonly events = new Map<string, Row>();

  operation(name: string, milliseconds: number): void {
    add(this.operations, name, milliseconds);
  }

  step(kind: string, milliseconds: number): void {
    add(this.steps, kind, milliseconds);
  }

  event(name: string): void {
    add(this.events, name, 0);
  }

  /** Operations so far. */
  get total(): number {
    return sum(this.operations);
  }

  /** Those of the names that have not been counted, neither as an operation nor as an event. */
  missing(names: readonly string[]): string[] {
    return names.filter((name) => !this.operations.has(name) && !this.events.has(name));
  }

  /** All counts, a line each. */
  lines(): string[] {
    const lines = (what: string, rows: Map<string, Row>) =>
      [...rows].sort().map(([name, { times, milliseconds }]) => {
        const each = milliseconds === 0 ? "" : `, ${Math.round(milliseconds / times)} ms each`;
        return `${what} ${name}: ${times}${each}`;
      });
    return [
      ...lines("operation", this.operations),
      ...lines("event", this.events),
      ...lines("step", this.steps),
      `${this.total} operations of ${sum(this.steps)} steps`,
    ];
  }
}

function add(rows: Map<string, Row>, name: string, milliseconds: number): void {
  const before = rows.get(name) ?? { times: 0, milliseconds: 0 };
  rows.set(name, { times: before.times + 1, milliseconds: before.milliseconds + milliseconds });
}

function sum(rows: Map<string, Row>): number {
  return [...rows.values()].reduce((total, { times }) => total + times, 0);
}
