import fc from "fast-check";
import type { Stage } from "../stage";
import type { World } from "../world";

/** What an operation does, with the values that were drawn for it. */
export interface Rule<Values> {
  /** Whether the world is such that it means something; asked just before it runs. */
  ready(world: World, values: Values): boolean;
  run(stage: Stage, values: Values): Promise<void>;
}

/** One operation of a sequence, as fast-check runs and shows it. */
class Operation<Values> implements fc.AsyncCommand<World, Stage> {
  constructor(
    private readonly name: string,
    private readonly values: Values,
    private readonly rule: Rule<Values>,
  ) {}

  check(world: Readonly<World>): boolean {
    return this.rule.ready(world, this.values);
  }

  async run(_world: World, stage: Stage): Promise<void> {
    const before = stage.history.length;
    const began = Date.now();
    stage.history.push(`= ${String(this)}`);
    await this.rule.run(stage, this.values);
    stage.tally.operation(this.name, Date.now() - began);
    if (stage.history.length === before + 1) throw new Error(`${this.name} has done nothing`);
  }

  toString(): string {
    return `${this.name} ${JSON.stringify(this.values)}`;
  }
}

/** An operation that can be drawn. */
export interface NamedOperation {
  name: string;
  arbitrary: fc.Arbitrary<fc.AsyncCommand<World, Stage>>;
}

/** An operation by the values that it draws. */
export function operation<Values>(
  name: string,
  values: { [Key in keyof Values]: fc.Arbitrary<Values[Key]> },
  rule: Rule<Values>,
): NamedOperation {
  return { name, arbitrary: fc.record<Values>(values).map((drawn) => new Operation(name, drawn as Values, rule)) };
}

/** A number that chooses among what there is when the operation runs. */
export const pick = fc.nat(9999);

/** One of a list, which must not be empty. */
export function chosen<T>(list: readonly T[], seed: number): T {
  const one = list[seed % list.length];
  if (one === undefined) throw new Error("nothing to choose from");
  return one;
}
