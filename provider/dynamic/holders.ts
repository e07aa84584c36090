/**
 * Which resources hold what has one id on a server. Two entries of the configuration may reach the same server, where a
 * name tells nothing of it.
 */
export class Holders {
  private readonly byId = new Map<string, Set<string>>();
  private readonly made = new Map<string, string>();

  /**
   * The state has it for a resource, or will.
   *
   * @param logicalName what the resource is known by, behind the types of its parents
   */
  hold(id: string, logicalName: string): void {
    this.byId.set(id, (this.byId.get(id) ?? new Set<string>()).add(logicalName));
  }

  /** A `create` of this process has been answered with it. */
  make(id: string, logicalName: string): void {
    this.made.set(id, logicalName);
  }

  /** The resource is on its way out, or has another name. */
  release(id: string, logicalName: string): void {
    this.byId.get(id)?.delete(logicalName);
    if (this.made.get(id) === logicalName) this.made.delete(id);
  }

  /** Another resource than that one, for which a `create` of this process was answered with it. */
  madeForOther(logicalName: string, id: string): string | undefined {
    const maker = this.made.get(id);
    return maker === logicalName ? undefined : maker;
  }

  /** Whose it is besides that resource's. */
  otherThan(logicalName: string, id: string): string | undefined {
    const holders = [...(this.byId.get(id) ?? [])];
    return this.madeForOther(logicalName, id) ?? holders.find((one) => one !== logicalName);
  }
}
