/** A resource, and the entry of the configuration by which it reaches its server; `""` is the stack's own. */
export interface Holder {
  server: string;
  /** What the resource is known by, behind the types of its parents. */
  logicalName: string;
}

/**
 * Which resources hold what has one id on a server. Two entries of the configuration may reach the same server, where a
 * name tells nothing of it: the two halves of a resource that moves from one entry to the other hold the same.
 */
export class Holders {
  private readonly byId = new Map<string, Map<string, Holder>>();
  private readonly made = new Map<string, Holder>();

  /** The state has it for a resource. */
  hold(id: string, holder: Holder): void {
    this.byId.set(id, (this.byId.get(id) ?? new Map<string, Holder>()).set(keyOf(holder), holder));
  }

  /** A `create` of this process has been answered with it. */
  make(id: string, holder: Holder): void {
    this.made.set(id, holder);
  }

  /** The resource is on its way out, or has another name. */
  release(id: string, holder: Holder): void {
    this.byId.get(id)?.delete(keyOf(holder));
    if (this.madeForOther(holder, id) === undefined) this.made.delete(id);
  }

  /** The logical name of another holder, for which a `create` of this process was answered with it. */
  madeForOther(holder: Holder, id: string): string | undefined {
    const maker = this.made.get(id);
    return maker && keyOf(maker) !== keyOf(holder) ? maker.logicalName : undefined;
  }

  /** The logical name of whoever holds it besides that one. */
  otherThan(holder: Holder, id: string): string | undefined {
    const others = [...(this.byId.get(id) ?? [])].filter(([key]) => key !== keyOf(holder));
    return this.madeForOther(holder, id) ?? others[0]?.[1].logicalName;
  }
}

function keyOf({ server, logicalName }: Holder): string {
  return JSON.stringify([server, logicalName]);
}
