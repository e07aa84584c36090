import { afterAll, beforeAll, expect, it } from "vitest";
import { KerioError } from "../../provider/errors";
import type { Simulator } from "../helpers/start-simulator";
import { idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let asking: Provider;

beforeAll(async () => {
  simulator = await stage();
  asking = provider(settingsOf(simulator));
});

afterAll(async () => {
  await asking.close();
  await simulator.stop();
});

/** A question that finds the server away so many times before it is answered. */
function question(timesAway: number): { ask: () => Promise<string>; asked: () => number } {
  let asked = 0;
  const away = new KerioError("CONNECTION_FAILED", { object: "server", doing: "asking", happened: "nobody is there" });
  const ask = () => (asked++ < timesAway ? Promise.reject(away) : Promise.resolve("an answer"));
  return { ask, asked: () => asked };
}

it("is had with no server that is away for a reason of its own", async () => {
  const { ask, asked } = question(1);
  await expect(asking.coordinator.patiently(ask)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  expect(asked()).toBe(1);
});

it("lasts for as often as one run may stop the service, and no longer", async () => {
  const renaming = provider(settingsOf(simulator));
  await renaming.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  await renaming.close();
  const thrice = question(3);
  await expect(asking.coordinator.patiently(thrice.ask)).resolves.toBe("an answer");
  const ever = question(Infinity);
  await expect(asking.coordinator.patiently(ever.ask)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  expect(ever.asked()).toBe(4);
});
