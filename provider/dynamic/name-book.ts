/** Names that one resource takes in a domain: its own, and what it has besides. */
export interface NamesTaken {
  server: string;
  domain: string;
  /** What the resource is known by, behind the types of its parents. */
  logicalName: string;
  /** Local parts in lower case, each with whether the engine's state does not have it yet. */
  own: readonly [name: string, isNew: boolean];
  extra: ReadonlyMap<string, boolean>;
  /** The name under which a rename of it leaves an alias. */
  left?: string;
}

/** A name that two resources take. */
export interface SharedName {
  name: string;
  /** What it is of the one that was entered. */
  role: Role;
  /** The logical name of the other one. */
  holder: string;
}

type Role = "own" | "extra" | "left";
interface Taken {
  role: Role;
  isNew: boolean;
}

/** Which names the resources of one kind take, the extra ones included. */
export class NameBook {
  private readonly byName = new Map<string, Map<string, Taken[]>>();
  private readonly keys = new Map<string, string[]>();

  /**
   * Notes what a resource takes; what it took before is forgotten.
   *
   * @returns names that it shares with another resource, one of the two as an extra name at least. What both have in the
   *   engine's state stands on the server as it is, and is left out. Two that want one name for their own are none of it,
   *   and the name that a rename leaves may be the next bearer's own.
   */
  enter({ server, domain, logicalName, own, extra, left }: NamesTaken): SharedName[] {
    for (const key of this.keys.get(logicalName) ?? []) this.byName.get(key)?.delete(logicalName);
    const names: [string, Taken][] = [[own[0], { role: "own", isNew: own[1] }]];
    for (const [name, isNew] of extra) names.push([name, { role: "extra", isNew }]);
    if (left !== undefined) names.push([left, { role: "left", isNew: true }]);
    this.keys.set(
      logicalName,
      names.map(([name]) => keyOf(server, domain, name)),
    );
    return names.flatMap(([name, taken]) => {
      const holders = this.byName.get(keyOf(server, domain, name)) ?? new Map<string, Taken[]>();
      this.byName.set(keyOf(server, domain, name), holders);
      holders.set(logicalName, [...(holders.get(logicalName) ?? []), taken]);
      const others = [...holders].filter(
        ([holder, theirs]) => holder !== logicalName && theirs.some((other) => collide(taken, other)),
      );
      return others.map(([holder]) => ({ name, role: taken.role, holder }));
    });
  }
}

function collide(one: Taken, other: Taken): boolean {
  return (one.role === "extra" || other.role === "extra") && (one.isNew || other.isNew);
}

function keyOf(...parts: string[]): string {
  return JSON.stringify(parts);
}
