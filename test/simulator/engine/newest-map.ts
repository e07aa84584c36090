/** A map that forgets what was set longest ago as soon as all of it weighs more than `most`; the last one always stays. */
export class NewestMap<K, V> extends Map<K, V> {
  private weight = 0;

  /** Without `weigh` every entry weighs 1. */
  constructor(
    private readonly most: number,
    private readonly weigh: (value: V) => number = () => 1,
  ) {
    super();
  }

  override set(key: K, value: V): this {
    this.delete(key);
    super.set(key, value);
    this.weight += this.weigh(value);
    for (const oldest of this.keys()) {
      if (this.weight <= this.most || oldest === key) break;
      this.delete(oldest);
    }
    return this;
  }

  override delete(key: K): boolean {
    const value = this.get(key);
    if (value !== undefined) this.weight -= this.weigh(value);
    return super.delete(key);
  }

  override clear(): void {
    this.weight = 0;
    super.clear();
  }
}
