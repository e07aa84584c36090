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
  }

  /** The resource that a `create` of this process was answered for with it. */
  madeFor(id: string): string | undefined {
    return this.made.get(id);
  }

  /** Whose it is besides the resource that is asked about. */
  otherThan(logicalName: string | undefined, id: string): string | undefined {
    const others = [...(this.byId.get(id) ?? [])].filter((one) => logicalName !== undefined && one !== logicalName);
    return this.made.get(id) ?? others[0];
  }
}
