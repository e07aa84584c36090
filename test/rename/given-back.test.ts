import { afterEach, describe, expect, it } from "vitest";
import { recoverAll } from "../../provider/rename/recover-all";
import type { RunHooks } from "../../provider/rename/run-context";
import type { Simulator } from "../helpers/start-simulator";
import { play, scenes, type Played } from "./chain-scenes";
import { refuseBefore } from "./crash/trigger";
import { after, aroundCalls, isDisabling, removeAccount, takeSeat } from "./meddle";
import { picture } from "./picture";
import { idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

const quick = { "start-delay-ms": "50", "stop-delay-ms": "20" };
/** A server that says of a call which it does not know that it is none, and why it refuses one. */
const refusing = { "unknown-method": "error", "refusal-texts": "with-parameters" };
const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A run that is refused as late as it can be, and what happens when it begins to take everything back. */
function takenBack(atRollBack: () => Promise<unknown> = () => Promise.resolve()): { hooks: RunHooks } {
  const before = async (step: string): Promise<void> => {
    refuseBefore(step, { at: "before", step: "roll-back" });
    if (step === "roll-back") await atRollBack();
  };
  return { hooks: { before, after: () => {} } };
}

function plugin(simulator: Simulator, options: Parameters<typeof provider>[1] = {}): Provider {
  const made = provider(settingsOf(simulator), options);
  open.push(() => made.close());
  return made;
}

async function recover(simulator: Simulator): Promise<string[]> {
  const recovered = await recoverAll(plugin(simulator).server);
  return recovered.map(({ from, to, result }) => `${from} ${to} ${result}`);
}

/** Why each request failed. */
async function reasons({ requests }: Pick<Played, "requests">, { coordinator }: Provider): Promise<string[]> {
  const results = await Promise.allSettled(requests.map((request) => coordinator.create(request)));
  return results.map((result) => (result.status === "rejected" ? String(result.reason) : "fulfilled"));
}

const refuseBatch = ({ control }: Simulator) => control.fault("refuse", { method: "Batch.run", code: -32601 });

it(
  "nobody in a circle is left disabled: it is open until the first half has its seat",
  { timeout: 180_000 },
  async () => {
    const played = await play(scenes.swap, { switches: { ...quick, ...refusing, "licence-seats": "2" } });
    const { simulator } = played;
    open.push(() => simulator.stop());
    await refuseBatch(simulator);
    let isBack = false;
    const made = plugin(
      simulator,
      takenBack(() => Promise.resolve((isBack = true))),
    );
    after(
      made.server.client,
      (call) => isBack && isDisabling(call),
      () => takeSeat(simulator),
    );
    const [ann, bea] = await reasons(played, made);
    expect(ann).toMatch(/ann@example\.com: enabling the account again failed:.*no further user.*\[RENAME_OPEN\]$/);
    expect(bea).toMatch(/\[RENAME_ROLLED_BACK\]$/);
    expect(bea).not.toContain("no further user");
    const enabled = async () =>
      (await simulator.control.truth()).accounts.filter((one) => one.enabled).map((one) => one.name);
    expect((await enabled()).sort()).toEqual(["bea", "stranger"]);
    expect(await recover(simulator)).toEqual(["ann@example.com bea@example.com open"]);

    await removeAccount(simulator, await idOf(simulator, "stranger"));
    expect(await recover(simulator)).toEqual(["ann@example.com bea@example.com rolled-back"]);
    expect((await enabled()).sort()).toEqual(["ann", "bea"]);
    expect(await recover(simulator)).toEqual([]);
    await simulator.control.clearFaults();
    expect(await reasons(played, plugin(simulator))).toEqual(["fulfilled", "fulfilled"]);
    await played.expectDone();
  },
);

it("each person is told of what could not be given back to them alone", { timeout: 180_000 }, async () => {
  const simulator = await stage({ switches: { ...quick, "refusal-texts": "with-parameters" } });
  open.push(() => simulator.stop());
  const refuseAlias = () =>
    simulator.control.fault("refuse", { method: "Aliases.set", code: 1000, message: "not now" });
  const requests = [
    renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")),
    renameRequest("asmith", "bsmith", await idOf(simulator, "asmith")),
  ];
  const [jdoe, asmith] = await reasons({ requests }, plugin(simulator, takenBack(refuseAlias)));
  expect(jdoe).toMatch(/not now.*it could not be given back\..*\[RENAME_ROLLED_BACK\]$/);
  expect(asmith).toMatch(/The server is as it was before.*\[RENAME_ROLLED_BACK\]$/);
  expect(asmith).not.toContain("not now");
});

describe("no moment of a roll-back leaves a person without an account that is enabled", () => {
  it.each([
    { server: "that takes several calls at once, without a free seat", batch: true },
    { server: "that knows no such call, where a seat has become free", batch: false },
  ])("on a server $server", { timeout: 180_000 }, async ({ batch }) => {
    const simulator = await stage({ switches: { ...quick, ...refusing, "licence-seats": "3" } });
    open.push(() => simulator.stop());
    await takeSeat(simulator);
    let isBack = false;
    const atRollBack = async () => {
      isBack = true;
      if (!batch) await removeAccount(simulator, await idOf(simulator, "stranger"));
    };
    if (!batch) await refuseBatch(simulator);
    const made = plugin(simulator, takenBack(atRollBack));
    const without: string[] = [];
    aroundCalls(made.server.client, async ({ method }, call) => {
      const answer = await call();
      if (!isBack) return answer;
      const { accounts } = await simulator.control.truth();
      if (!accounts.some(({ name, enabled }) => enabled && ["jdoe", "jsmith"].includes(name))) without.push(method);
      return answer;
    });
    const requests = [renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"))];
    expect(await reasons({ requests }, made)).toEqual([expect.stringMatching(/\[RENAME_ROLLED_BACK\]$/)]);
    expect(without).toEqual([]);
    const { accounts } = await simulator.control.truth();
    expect(accounts.find(({ name }) => name === "jdoe")).toMatchObject({ enabled: true });
    expect(accounts.map(({ name }) => name)).not.toContain("jsmith");
  });
});

it("addresses are given back in the call that takes them from the new account", { timeout: 180_000 }, async () => {
  const switches = { ...quick, "email-addresses": "full", "full-email-address": "refused" };
  const simulator = await stage({ switches });
  open.push(() => simulator.stop());
  let isBack = false;
  const made = plugin(
    simulator,
    takenBack(() => Promise.resolve((isBack = true))),
  );
  const inOneCall: unknown[] = [];
  aroundCalls(made.server.client, async ({ method }, call) => {
    const answer = await call();
    if (isBack && method === "Batch.run") inOneCall.push((await picture(simulator)).account("jdoe").emailAddresses);
    return answer;
  });
  const requests = [renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"))];
  expect(await reasons({ requests }, made)).toEqual([expect.stringMatching(/\[RENAME_ROLLED_BACK\]$/)]);
  expect(inOneCall).toEqual([["j.d"]]);
});
