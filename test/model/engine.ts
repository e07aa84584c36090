import type { Kind } from "../../provider/dynamic/bridge";
import { CallFailed, PluginGone, type Plugin } from "./plugin";

/** Inputs or outputs. */
export type Props = Record<string, unknown>;

/** A resource as a program declares it. */
export interface Declared {
  kind: Kind;
  logicalName: string;
  props: Props;
  /** The logical name of the user whose output it uses: it is registered when that one is done. */
  after?: string;
}

/** A resource as the stack's state holds it. */
export interface Stored {
  kind: Kind;
  logicalName: string;
  id: string;
  inputs: Props;
  outs: Props;
  after?: string;
  /** The old half of a replacement, to be deleted at the end of an update. */
  isOld: boolean;
  /** It was created or updated but not finished: the next update calls `update`, whatever `diff` says. */
  isUnfinished: boolean;
}

/** What a command ended with. */
export interface Outcome {
  ok: boolean;
  /** What the person at the terminal reads. */
  errors: string[];
  /** Resources that the command would change, or has changed. */
  changed: string[];
}

interface Plan {
  declared: Declared;
  live: Stored | undefined;
  step: "same" | "create" | "update" | "replace";
  inputs: Props;
}

/**
 * The part of the Pulumi engine that a provider meets: a state, and the order in which the commands call `check`,
 * `diff`, `create`, `read`, `update` and `delete`, with what is stored after each, whatever dies in between.
 */
export class Engine {
  state: Stored[] = [];

  /** `pulumi preview`: nothing is created, updated or deleted. */
  async preview(plugin: Plugin, program: Declared[]): Promise<Outcome> {
    const outcome: Outcome = { ok: true, errors: [], changed: this.leaving(program).map((one) => one.logicalName) };
    for (const declared of program) {
      try {
        const { step } = await this.plan(plugin, declared);
        if (step !== "same") outcome.changed.push(`${declared.logicalName} ${step}`);
      } catch (error) {
        return { ...outcome, ok: false, errors: [messageOf(error)] };
      }
    }
    return outcome;
  }

  /** `pulumi up` without its preview. At most `parallel` steps run at once. */
  async update(plugin: Plugin, program: Declared[], parallel: number): Promise<Outcome> {
    const outcome: Outcome = { ok: true, errors: [], changed: [] };
    const fail = (error: unknown) => {
      outcome.ok = false;
      outcome.errors.push(messageOf(error));
    };
    const slots = new Slots(parallel);
    const done = new Map<string, Promise<void>>();
    let registering: Promise<unknown> = Promise.resolve();
    const register = async (declared: Declared): Promise<void> => {
      if (declared.after !== undefined) await done.get(declared.after);
      let plan: Plan | undefined;
      const turn = registering.then(async () => {
        if (!outcome.ok) return;
        plan = await this.plan(plugin, declared);
        // While all workers are busy the engine looks at no further resource.
        if (plan.step !== "same") await slots.take();
      });
      registering = turn.catch(() => undefined);
      try {
        await turn;
        if (!plan) return;
        if (plan.step === "same") return this.remember(plan);
        outcome.changed.push(`${declared.logicalName} ${plan.step}`);
        await this.carryOut(plugin, plan).finally(() => slots.give());
      } catch (error) {
        fail(error);
      }
    };
    for (const declared of program) done.set(declared.logicalName, register(declared));
    await Promise.all(done.values());
    if (!outcome.ok) return outcome;
    const leaving = this.leaving(program);
    const dependent = leaving.filter((one) => one.after !== undefined);
    for (const batch of [dependent, leaving.filter((one) => !dependent.includes(one))])
      await Promise.all(batch.map((one) => this.remove(plugin, one).catch(fail)));
    outcome.changed.push(...leaving.map((one) => `${one.logicalName} delete`));
    return outcome;
  }

  /** `pulumi refresh`: both halves of an unfinished replacement are read. */
  async refresh(plugin: Plugin): Promise<Outcome> {
    const outcome: Outcome = { ok: true, errors: [], changed: [] };
    const read = async (stored: Stored): Promise<void> => {
      type Read = { id?: string; props?: Props; inputs?: Props };
      const seen = (await plugin.call(stored.kind, "read", stored.id, stored.outs)) as Read;
      if (!seen.id) {
        this.state = this.state.filter((one) => one !== stored);
        outcome.changed.push(`${stored.logicalName} gone`);
        return;
      }
      const before = stored.inputs;
      Object.assign(stored, { id: seen.id, outs: seen.props ?? {}, inputs: seen.inputs ?? before });
      stored.isUnfinished = false;
      if (!stored.isOld) await plugin.call(stored.kind, "diff", stored.id, stored.outs, before);
    };
    const fail = (error: unknown) => {
      outcome.ok = false;
      outcome.errors.push(messageOf(error));
    };
    await Promise.all([...this.state].map((stored) => read(stored).catch(fail)));
    return outcome;
  }

  /** The live half of a resource. */
  live(kind: Kind, logicalName: string): Stored | undefined {
    return this.state.find((one) => one.kind === kind && one.logicalName === logicalName && !one.isOld);
  }

  private async plan(plugin: Plugin, declared: Declared): Promise<Plan> {
    const { kind, props, logicalName } = declared;
    const live = this.live(kind, logicalName);
    const inputs = await this.check(plugin, declared, live?.inputs ?? {}, props);
    if (!live) return { declared, live, step: "create", inputs };
    const difference = (await plugin.call(kind, "diff", live.id, live.outs, inputs)) as {
      changes: boolean;
      replaces: string[];
    };
    if (difference.replaces.length > 0)
      return { declared, live, step: "replace", inputs: await this.check(plugin, declared, {}, props) };
    return { declared, live, step: difference.changes || live.isUnfinished ? "update" : "same", inputs };
  }

  private async check(plugin: Plugin, { kind, logicalName }: Declared, olds: Props, news: Props): Promise<Props> {
    type Checked = { inputs: Props; failures: { property: string; reason: string }[] };
    const { inputs, failures } = (await plugin.call(kind, "check", olds, { ...news, logicalName })) as Checked;
    if (failures.length > 0) throw new CallFailed(failures.map((failure) => failure.reason).join("\n"));
    return inputs;
  }

  private remember({ live, declared, inputs }: Plan): void {
    if (live) Object.assign(live, { inputs, after: declared.after });
  }

  private async carryOut(plugin: Plugin, plan: Plan): Promise<void> {
    const { declared, live, inputs } = plan;
    const { kind, logicalName, after } = declared;
    const rest = { kind, logicalName, inputs, isOld: false, ...(after !== undefined && { after }) };
    if (plan.step === "update" && live) {
      try {
        const { outs } = (await plugin.call(kind, "update", live.id, live.outs, inputs)) as { outs: Props };
        Object.assign(live, { outs, inputs, isUnfinished: false });
      } catch (error) {
        if (error instanceof CallFailed && error.made !== undefined)
          Object.assign(live, { id: error.made, outs: error.properties, inputs, isUnfinished: true });
        throw error;
      }
      return;
    }
    const keep = (id: string, outs: Props, isUnfinished: boolean) => {
      if (live) live.isOld = true;
      this.state.push({ ...rest, id, outs, isUnfinished });
    };
    try {
      const { id, outs } = (await plugin.call(kind, "create", inputs)) as { id: string; outs: Props };
      keep(id, outs, false);
    } catch (error) {
      if (error instanceof CallFailed && error.made !== undefined) keep(error.made, error.properties, true);
      throw error;
    }
  }

  private async remove(plugin: Plugin, stored: Stored): Promise<void> {
    await plugin.call(stored.kind, "delete", stored.id, stored.outs);
    this.state = this.state.filter((one) => one !== stored);
  }

  private leaving(program: Declared[]): Stored[] {
    const isDeclared = ({ kind, logicalName }: Stored) =>
      program.some((one) => one.kind === kind && one.logicalName === logicalName);
    return this.state.filter((one) => one.isOld || !isDeclared(one));
  }
}

/** The engine's workers. */
class Slots {
  private waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async take(): Promise<void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  give(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free++;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof CallFailed || error instanceof PluginGone) return error.message;
  throw error;
}
