/** Names that one resource takes in a domain: its own, and what it has besides. */
export interface NamesTaken {
  server: string;
  domain: string;
  /** What the resource is known by, behind the types of its parents. */
  logicalName: string;
  /** Local parts in lower case, each with whether the engine's state does not have it yet. */
  own: readonly [name: string, isNew: boolean];
  extra: ReadonlyMap<string, boolean>;
}

/** Which names the resources of one kind take, the extra ones included. */
export class NameBook {
  private readonly entries = new Map<string, NamesTaken>();

  /**
   * Notes what a resource takes; what it took before is forgotten.
   *
   * @returns names that it shares with another resource, at least one of the two as an extra name. What both have in the
   *   engine's state stands on the server as it is, and is left out.
   */
  enter(taken: NamesTaken): { name: string; holder: string; isExtra: boolean }[] {
    this.entries.set(taken.logicalName, taken);
    const others = [...this.entries.values()].filter(
      (one) => one.logicalName !== taken.logicalName && one.server === taken.server && one.domain === taken.domain,
    );
    return others.flatMap((other) => sharedNames(taken, other));
  }
}

function sharedNames(taken: NamesTaken, other: NamesTaken): { name: string; holder: string; isExtra: boolean }[] {
  const holder = other.logicalName;
  const theirs = new Map([...other.extra, other.own]);
  const extra = [...taken.extra].filter(([name, isNew]) => theirs.has(name) && (isNew || theirs.get(name) === true));
  const [own, isNew] = taken.own;
  const isTheirExtra = other.extra.has(own) && (isNew || other.extra.get(own) === true);
  return [
    ...(isTheirExtra ? [{ name: own, holder, isExtra: false }] : []),
    ...extra.map(([name]) => ({ name, holder, isExtra: true })),
  ];
}
