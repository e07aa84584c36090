import { accountSwitches } from "./switch-rules/accounts.js";
import { callSwitches } from "./switch-rules/calls.js";
import { nameSwitches } from "./switch-rules/names.js";
import { refusalSwitches } from "./switch-rules/refusals.js";
import { runningSwitches } from "./switch-rules/running.js";
import type { SwitchRule } from "./switch-rules/switch-rule.js";

export type { SwitchRule } from "./switch-rules/switch-rule.js";

/** Every open behaviour of the server, by name. The names are what `--switch name=value` takes. */
export const switchRules = {
  ...accountSwitches,
  ...nameSwitches,
  ...refusalSwitches,
  ...callSwitches,
  ...runningSwitches,
} as const satisfies Record<string, SwitchRule>;

/** The name of a known switch. */
export type SwitchName = keyof typeof switchRules;

/** The switches in force. Names the engine does not know are kept: they may be the host's. */
export class Switches {
  private readonly chosen = new Map<string, string>();
  private readonly asked = new Set<SwitchName>();
  private readonly figures = new Map<SwitchName, number>();

  /**
   * `noteAsked` hears of each switch the first time that the server's behaviour hangs on it; where that is a figure which
   * may be beyond the switch's number, of the figure, and of each larger one.
   */
  constructor(
    values: Record<string, string | number | boolean> = {},
    private readonly noteAsked: (name: SwitchName, figure?: number) => void = () => undefined,
  ) {
    for (const [name, value] of Object.entries(values)) this.choose(name, String(value));
  }

  /** Sets one switch; throws when the engine knows it and the value is not allowed. */
  choose(name: string, value: string): void {
    const rule: SwitchRule | undefined = (switchRules as Record<string, SwitchRule>)[name];
    if (rule) {
      const allowed = rule.values === "number" ? /^-?\d+$/.test(value) : rule.values.includes(value);
      if (!allowed) throw new Error(`switch ${name}: ${value} is not one of ${String(rule.values)}`);
    }
    this.chosen.set(name, value);
  }

  /** The value in force. */
  of(name: SwitchName): string {
    if (!this.asked.has(name)) {
      this.asked.add(name);
      this.noteAsked(name);
    }
    return this.peek(name);
  }

  /** The value in force, for whoever prepares for it: asked by {@link of} as soon as the behaviour hangs on it. */
  peek(name: SwitchName): string {
    return this.chosen.get(name) ?? switchRules[name].standard;
  }

  /** Whether a figure is larger than the number of a numeric switch. */
  isBeyond(name: SwitchName, figure: number): boolean {
    if (figure > (this.figures.get(name) ?? 0)) {
      this.figures.set(name, figure);
      this.noteAsked(name, figure);
    }
    return figure > Number(this.peek(name));
  }

  /** The value of a numeric switch. */
  number(name: SwitchName): number {
    return Number(this.of(name));
  }
}
