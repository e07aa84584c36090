import { expect, it } from "vitest";
import type { Context } from "../../provider/dynamic/lifecycle";
import { Memory } from "../../provider/dynamic/memory";
import { createAlias, updateAlias } from "../../provider/resources/alias-calls";

const inputs = { domain: "example.com", name: "info", deliverTo: "jdoe", description: "Desk", logicalName: "info" };
const asDeclared = { id: "7", name: "info", deliverTo: "jdoe@example.com", description: "Desk " };

/** A server that shows first the alias as declared, so that nothing is written, and then what a look is to find. */
function seeing(later: () => Promise<object[]>): { context: Context; warnings: string[] } {
  const lists = [() => Promise.resolve([asDeclared]), later];
  const warnings: string[] = [];
  const inventory = { aliases: () => (lists.length > 1 ? lists.shift() : lists[0])?.() };
  const coordinator = { patiently: (ask: () => unknown) => ask() };
  const context: Context = {
    memory: new Memory(),
    log: { info: () => {}, warn: (text) => void warnings.push(text), progress: () => {} },
    server: () => ({ name: "", inventory, coordinator }) as unknown as ReturnType<Context["server"]>,
  };
  return { context, warnings };
}

const others = { ...asDeclared, deliverTo: "boss@example.com" };

it.each([
  ["holds another target", [others], /holds other values: it delivers to boss@example\.com.*API_REFUSED/s],
  ["holds another description", [{ ...asDeclared, description: "x" }], /described as "x".*API_REFUSED/s],
  ["does not show it", [], /does not show it.*API_REFUSED/s],
])("is stored and told where the server says yes and %s", async (_, seen, says) => {
  const { context } = seeing(() => Promise.resolve(seen));
  const failure = { name: "Unfinished", id: "7", reasons: [expect.stringMatching(says)] };
  await expect(createAlias(context, inputs)).rejects.toMatchObject(failure);
  const again = seeing(() => Promise.resolve(seen));
  await expect(updateAlias(again.context, "7", inputs, inputs, ["deliverTo"])).rejects.toThrow(says);
});

it("is made where all is as declared, and where it cannot be looked at, which is told", async () => {
  const fine = seeing(() => Promise.resolve([asDeclared]));
  expect([(await createAlias(fine.context, inputs)).id, fine.warnings]).toEqual(["7", []]);
  const unseen = seeing(() => Promise.reject(new Error("no answer")));
  expect((await createAlias(unseen.context, inputs)).id).toBe("7");
  expect(unseen.warnings).toEqual([expect.stringContaining("could not be looked at: no answer")]);
});
