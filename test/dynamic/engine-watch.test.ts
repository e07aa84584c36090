import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { EngineWatch, type Engine } from "../../provider/dynamic/engine-watch";

const [unimplemented, unavailable, deadlineExceeded] = [12, 14, 4];

/** An engine that answers with a code, or with the URN of a stack; and a process that notes when it is ended. */
function scene() {
  const state = { answer: unavailable as number | string, exits: 0 };
  const engine: Engine = {
    getRootResource: (_request, _options, done) => {
      const { answer } = state;
      if (typeof answer === "string") setImmediate(() => done(null, { getUrn: () => answer }));
      else setImmediate(() => done({ code: answer }));
    },
  };
  const watch = new EngineWatch(engine, () => void state.exits++, 10);
  watch.start();
  return { state, watch };
}

const looks = () => sleep(150);

it("ends the process once an engine that was there is gone", async () => {
  const { state, watch } = scene();
  state.answer = unimplemented;
  await looks();
  expect(state.exits).toBe(0);
  expect(await watch.isGone()).toBe(false);
  state.answer = unavailable;
  expect(await watch.isGone()).toBe(true);
  await looks();
  expect(state.exits).toBeGreaterThan(0);
});

it("never takes an engine for gone that was never reached, or that is only slow", async () => {
  const { state, watch } = scene();
  await looks();
  expect(await watch.isGone()).toBe(false);
  state.answer = unimplemented;
  await looks();
  state.answer = deadlineExceeded;
  await looks();
  expect(await watch.isGone()).toBe(false);
  expect(state.exits).toBe(0);
  const without = new EngineWatch(undefined);
  without.start();
  expect(await without.isGone()).toBe(false);
});

it("lets a call end first, also one that fails", async () => {
  const { state, watch } = scene();
  state.answer = unimplemented;
  await looks();
  let fail = (): void => undefined;
  const call = watch.during(new Promise((_resolve, reject) => (fail = () => reject(new Error("refused")))));
  state.answer = unavailable;
  await looks();
  expect(state.exits).toBe(0);
  fail();
  await expect(call).rejects.toThrow("refused");
  await looks();
  expect(state.exits).toBeGreaterThan(0);
});

it("learns the stack's name from the engine", async () => {
  const { state, watch } = scene();
  expect(watch.stack).toBeUndefined();
  state.answer = "urn:pulumi:dev::mail::pulumi:pulumi:Stack::mail-dev";
  await looks();
  state.answer = "";
  await looks();
  expect(watch.stack).toBe("dev");
});
