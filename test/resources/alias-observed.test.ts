import { expect, it, vi } from "vitest";
import type { Context } from "../../provider/dynamic/lifecycle";
import { Memory } from "../../provider/dynamic/memory";
import { KerioError } from "../../provider/errors";
import { warnOfBearer } from "../../provider/resources/alias-bearers";
import { createAlias, deleteAlias, updateAlias } from "../../provider/resources/alias-calls";

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

it("is not gone where the server says yes to its removal and shows it all the same", async () => {
  const client = { settings: { url: "https://mail.example.com" }, call: () => Promise.resolve({ errors: [] }) };
  const inventory = { aliases: () => Promise.resolve([asDeclared]), invalidate: () => {} };
  const coordinator = { patiently: (ask: () => unknown) => ask() };
  const { context } = seeing(() => Promise.resolve([]));
  const server = { name: "", client, inventory, coordinator } as unknown as ReturnType<Context["server"]>;
  const removal = deleteAlias({ ...context, server: () => server }, "7", inputs);
  await expect(removal).rejects.toThrow(/removing it.*it is there all the same.*API_REFUSED/s);
});

it("stays unwarned of where the list cannot be had, and is not asked for again where the login is refused", async () => {
  const asked = vi.fn<() => Promise<never>>();
  const coordinator = { isSource: () => false };
  const { context, warnings } = seeing(() => Promise.resolve([]));
  const server = { inventory: { users: asked }, coordinator } as unknown as ReturnType<Context["server"]>;
  const warned = () => warnOfBearer({ ...context, server: () => server }, { server: "", ...inputs });
  const words = { object: "login", doing: "logging in", happened: "no", next: "Mend it." };
  asked.mockRejectedValueOnce(new KerioError("AUTH_REFUSED", words));
  await expect(warned()).rejects.toThrow(/AUTH_REFUSED/);
  asked.mockRejectedValue(new Error("no answer"));
  await warned();
  await warned();
  expect([asked.mock.calls.length, warnings]).toEqual([2, []]);
});
