import { afterEach, describe, expect, it } from "vitest";
import { defaultTimeouts } from "../../provider/config-fields";
import type { Simulator } from "../helpers/start-simulator";
import { crowd, newcomersOf, newName, oldName, renamesOf } from "./crowd";
import { after, aroundCalls, isDisabling, removeAccount, takeSeat } from "./meddle";
import { picture } from "./picture";
import { domain, newcomer, provider, settingsOf, type Provider } from "./stage";

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A crowd whose server ends with the test. */
async function town(...args: Parameters<typeof crowd>) {
  const people = await crowd(...args);
  open.push(() => people.simulator.stop());
  return people;
}

function plugin(simulator: Simulator): Provider {
  const made = provider(settingsOf(simulator, { timeouts: { ...defaultTimeouts } }));
  open.push(() => made.close());
  return made;
}

it("200 renames and 10 newcomers with 5 free seats leave nobody out, in one stop", { timeout: 300_000 }, async () => {
  const people = await town(200, 205);
  const { simulator } = people;
  const { coordinator } = plugin(simulator);
  const renames = renamesOf(people, 200).map((request) => coordinator.create(request));
  const newcomers = newcomersOf(10).map((request) => coordinator.create(request));
  const results = await Promise.allSettled([...renames, ...newcomers]);
  expect(results.slice(0, 200).filter(({ status }) => status === "rejected")).toEqual([]);
  const refused = results.slice(200).filter((result) => result.status === "rejected");
  expect(refused).toHaveLength(5);
  for (const { reason } of refused) {
    expect(String(reason)).toMatch(/newcomer\d@example\.com.*205 of 205 users of the licence are in use.*pulumi up/);
  }
  const { accounts } = await simulator.control.truth();
  expect(accounts.filter((account) => account.enabled)).toHaveLength(205);
  const names = new Set(accounts.map((account) => account.name));
  expect(people.ids.filter((_, index) => !names.has(newName(index)) || names.has(oldName(index)))).toEqual([]);
  const directories = new Map((await simulator.control.directories(domain)).map((each) => [each.name, each.messages]));
  expect(people.ids.filter((_, index) => directories.get(newName(index)) !== 1)).toEqual([]);
  expect(await simulator.control.downtimes()).toHaveLength(1);
});

describe("seats", () => {
  it("are no matter for a disabled newcomer, whatever code the server refuses one with", async () => {
    const { simulator } = await town(2, 2);
    const { coordinator } = plugin(simulator);
    const refuse = { method: "Users.create", code: 1003, message: "not that name", times: 1 };
    await simulator.control.fault("refuse", refuse);
    const request = newcomer("nobody", { declared: { isEnabled: false } });
    await expect(coordinator.create(request)).rejects.toThrow(/the server refused it: not that name/);
    await coordinator.create(request);
  });

  it("of a domain with a limit of its own are told by that limit; the preview counts all newcomers together", async () => {
    const people = await town(4, 100, { own: 6 });
    const { simulator } = people;
    const { coordinator } = plugin(simulator);
    const warnings: string[][] = [];
    for (const { name } of newcomersOf(3)) {
      const asked = { domain, name, adopt: false, adoptMailbox: false, enabled: true };
      warnings.push((await coordinator.checkNewcomer(asked)).warnings);
    }
    expect(warnings.slice(0, 2)).toEqual([[], []]);
    expect(warnings[2]?.join()).toMatch(
      /3 new enabled users.*2 seats are free under the limit of the domain example\.com/,
    );
    const requests = [...renamesOf(people, 4), ...newcomersOf(3)];
    const results = await Promise.allSettled(requests.map((request) => coordinator.create(request)));
    expect(results.map(({ status }) => status)).toEqual([...Array<string>(6).fill("fulfilled"), "rejected"]);
    expect(String((results[6] as PromiseRejectedResult).reason)).toContain("6 of 6 users of the domain example.com");
  });

  it("are given one by one where one user too many makes the server refuse all", async () => {
    const people = await town(2, 4);
    await people.simulator.control.setSwitch("licence-error", "call");
    const { coordinator } = plugin(people.simulator);
    const asked = newcomersOf(3);
    const warnings = await Promise.all(
      asked.map(({ name }) => coordinator.checkNewcomer({ domain, name, adopt: false, adoptMailbox: false })),
    );
    expect(warnings.flatMap((each) => each.warnings).join()).toMatch(/2 seats are free under the licence/);
    const results = await Promise.allSettled(asked.map((request) => coordinator.create(request)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(String((results[2] as PromiseRejectedResult).reason)).toContain("4 of 4 users of the licence are in use");
  });

  it("are never missed by a rename when somebody takes the last one that was counted on", async () => {
    const people = await town(2, 3);
    const { simulator } = people;
    const { coordinator, server } = plugin(simulator);
    after(
      server.client,
      ({ method }) => method === "Domains.getUserCountInfo",
      () => takeSeat(simulator),
    );
    await Promise.all(renamesOf(people, 1).map((request) => coordinator.create(request)));
    const end = await picture(simulator);
    expect(end.names).toEqual([oldName(1), newName(0), "stranger"].sort());
    expect(end.account(newName(0))).toMatchObject({ enabled: true });
  });

  it("that somebody takes are not missed by whoever has given one up", async () => {
    const people = await town(2, 3);
    const { simulator } = people;
    const { coordinator, server } = plugin(simulator);
    aroundCalls(server.client, async ({ method }, call) => {
      if (method === "Batch.run") await takeSeat(simulator);
      return call();
    });
    const results = await Promise.allSettled(renamesOf(people, 2).map((request) => coordinator.create(request)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    const end = await picture(simulator);
    expect(end.names).toEqual([newName(0), newName(1), "stranger"].sort());
    for (const name of end.names) expect(end.account(name)).toMatchObject({ enabled: true });
    expect(await simulator.control.downtimes()).toHaveLength(1);
  });

  it("that somebody takes keep only one waiting where one user too many makes the server refuse all", async () => {
    const people = await town(2, 4);
    const { simulator } = people;
    await simulator.control.setSwitch("licence-error", "call");
    await simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
    const { coordinator, server } = plugin(simulator);
    let isTaken = false;
    aroundCalls(server.client, async ({ method, params }, call) => {
      if (!isTaken && method === "Users.set" && JSON.stringify(params).includes('"isEnabled":true')) {
        isTaken = true;
        await takeSeat(simulator);
      }
      return call();
    });
    const results = await Promise.allSettled(renamesOf(people, 2).map((request) => coordinator.create(request)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    const end = await picture(simulator);
    expect(end.names).toEqual([newName(0), newName(1), "stranger"].sort());
    for (const name of end.names) expect(end.account(name)).toMatchObject({ enabled: true });
    expect(await simulator.control.downtimes()).toHaveLength(1);
  });

  it("that somebody takes between two calls leave the person's mail and account; the next update finishes", async () => {
    const people = await town(2, 2);
    const { simulator } = people;
    const { coordinator, server } = plugin(simulator);
    // Only on a server without Batch.run is there anything between the two calls.
    await simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
    after(server.client, isDisabling, () => takeSeat(simulator));
    const [request] = renamesOf(people, 1);
    if (!request) throw new Error("no request");
    const error: unknown = await coordinator.create(request).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "RENAME_OPEN" });
    expect(String(error)).toMatch(/no further user.*pulumi up/s);
    const between = await picture(simulator);
    expect(between.names).toContain(oldName(0));
    expect(between.directories[oldName(0)]?.messages).toBe(1);
    expect(between.services).not.toContain("SMTP false Automatic");
    // As long as the seat is taken nobody calls that the state before.
    await expect(plugin(simulator).coordinator.create(request)).rejects.toMatchObject({ code: "RENAME_OPEN" });
    await removeAccount(simulator, between.account("stranger").id, { method: "UDeleteUser" });
    await plugin(simulator).coordinator.create(request);
    const end = await picture(simulator);
    expect(end.names).toEqual([oldName(1), newName(0)]);
    expect(end.account(newName(0))).toMatchObject({ enabled: true });
    expect(end.directories).toMatchObject({ [newName(0)]: { messages: 1 } });
    expect(end.aliases[oldName(0)]).toEqual([`${newName(0)}@${domain}`]);
  });

  it("are counted for renames that enable their accounts, before anything is touched", async () => {
    const people = await town(3, 3);
    const { simulator, ids } = people;
    await disable(simulator, ids.slice(0, 2));
    await takeSeat(simulator);
    const { coordinator } = plugin(simulator);
    const ask = (index: number) =>
      coordinator.checkRename({ domain, from: oldName(index), to: newName(index), fromId: ids[index], enables: true });
    expect((await ask(0)).refusals).toEqual([]);
    const told = /person1@example\.com is disabled, .*none is left under the licence of the server/;
    expect((await ask(1)).refusals.join()).toMatch(told);
    // The engine asks again in the update.
    expect((await ask(0)).refusals).toEqual([]);
    const { warnings } = await coordinator.checkNewcomer({ domain, name: "new", adopt: false, adoptMailbox: false });
    expect(warnings.join()).toContain(
      "1 new enabled users are declared, renames enable 1 accounts, and 1 seats are free",
    );

    const requests = renamesOf(people, 2, { declared: { isEnabled: true } });
    const results = await Promise.allSettled(requests.map((request) => coordinator.create(request)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    const refused = { code: "RENAME_REFUSED", message: expect.stringMatching(told) as string };
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject(refused);
    await expect(plugin(simulator).coordinator.create(requests[1] ?? newcomer("nobody"))).rejects.toMatchObject(
      refused,
    );
    const end = await picture(simulator);
    expect(end.account(newName(0))).toMatchObject({ enabled: true });
    expect(end.account(oldName(1))).toMatchObject({ id: ids[1], enabled: false });
    expect(await simulator.control.downtimes()).toHaveLength(1);
    // One that stays disabled needs none.
    await plugin(simulator).coordinator.create(renamesOf(people, 2)[1] ?? newcomer("nobody"));
  });

  it("are counted so under the domain's own limit", async () => {
    const people = await town(1, 100, { own: 1 });
    await disable(people.simulator, people.ids);
    await takeSeat(people.simulator);
    const asked = { domain, from: oldName(0), to: newName(0), fromId: people.ids[0], enables: true };
    const { refusals } = await plugin(people.simulator).coordinator.checkRename(asked);
    expect(refusals.join()).toContain("none is left under the limit of the domain example.com");
  });
});

async function disable(simulator: Simulator, userIds: string[]): Promise<void> {
  const { errors } = await simulator.adminCall<{ errors: unknown[] }>("Users.set", {
    userIds,
    pattern: { isEnabled: false },
  });
  expect(errors).toEqual([]);
}
