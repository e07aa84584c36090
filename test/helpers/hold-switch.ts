import { onTestFinished } from "vitest";
import { switchRules, type SwitchName } from "../simulator/engine/switches";
import { laidSwitches, type Simulator } from "./start-simulator";

/**
 * Lets a server that outlives the test behave in one way until the test ends, because what it says holds for that way
 * alone.
 */
export async function holdSwitch({ control }: Simulator, name: SwitchName, value: string): Promise<void> {
  await control.setSwitch(name, value);
  onTestFinished(() => control.setSwitch(name, laidSwitches()[name] ?? switchRules[name].standard));
}
