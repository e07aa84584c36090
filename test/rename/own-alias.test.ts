import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { codeOf } from "../../provider/errors";
import type { RunHooks } from "../../provider/rename/run-context";
import { aliasDescription } from "../../provider/rename/steps/addresses";
import { firstRun } from "./crash/first-run";
import { Lane } from "./crash/lane";
import type { Point } from "./crash/points";
import { at, requestsOf } from "./crash/scenarios";
import { leaveAlone, recover, upAgain } from "./crash/variants";
import { picture } from "./picture";
import { domain, provider } from "./stage";

/** An earlier rename has left jsmith's name to jdoe as an alias, and the server lets no user stand beside that. */
const switches = { "user-beside-alias": "refused" };

let lane: Lane;
let before: Awaited<ReturnType<typeof picture>>;
let own: Record<string, unknown>;
beforeAll(async () => (lane = await Lane.open(switches)));
afterAll(() => lane?.close());

beforeEach(async () => {
  await lane.reset();
  const { domains } = await lane.simulator.control.truth();
  const alias = { domainId: domains[0]?.id, name: "jsmith", deliverTo: at("jdoe"), description: aliasDescription };
  await lane.simulator.adminCall("Aliases.create", { aliases: [alias] });
  before = await picture(lane.simulator);
  [own = {}] = await rowsOfName();
}, 90_000);

async function rowsOfName(): Promise<Record<string, unknown>[]> {
  const { aliases } = await lane.simulator.control.truth();
  return aliases.filter((alias) => alias.name === "jsmith");
}

async function rename(hooks: Partial<RunHooks> = {}): Promise<unknown> {
  const plugin = provider(lane.settings(), { hooks: { before: () => {}, after: () => {}, ...hooks } });
  const results = await Promise.allSettled(
    (await requestsOf(lane.simulator, "one")).map((request) => plugin.coordinator.create(request)),
  );
  await plugin.close();
  return (results[0] as PromiseRejectedResult).reason;
}

/** The account can be made with an alias beside it or without: the server refuses it anyway. */
async function refuseAccounts(): Promise<void> {
  await lane.simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
  await lane.simulator.control.fault("refuse", { method: "Users.create", code: 1001 });
}

async function expectDone(more: string[] = []): Promise<void> {
  const after = await picture(lane.simulator);
  expect(after.names).toEqual(["asmith", "jsmith"]);
  expect(after.aliases.jdoe).toEqual([at("jsmith")]);
  expect(after.aliases.jsmith).toBeUndefined();
  expect(after.directories.jsmith?.inode).toBe(before.directories.jdoe?.inode);
  const stored = await lane.simulator.control.messages(domain, "jsmith");
  expect(stored.map(({ subject }) => subject).sort()).toEqual(["one", "three", "two", ...more].sort());
  expect(after.services).toEqual(before.services);
}

/** Everything is as before; the alias too, which may have another id. */
async function expectTakenBack(): Promise<void> {
  const after = await picture(lane.simulator);
  expect(after.ids).toEqual(before.ids);
  expect(after.directories).toEqual(before.directories);
  expect(await rowsOfName()).toEqual([{ ...own, id: expect.any(String) as string }]);
  expect(after.services).toEqual(before.services);
}

async function commandsOf(method: string): Promise<string[]> {
  const calls = (await lane.simulator.control.calls()).filter((call) => call.method === method);
  return calls.map(({ params }) =>
    ((params.commandList ?? []) as { method: string }[]).map((one) => one.method).join(),
  );
}

/** A run that has died, with the host at rest again. */
async function die(point: Point): Promise<void> {
  await firstRun(lane, await requestsOf(lane.simulator, "one"), point, "killed");
  await leaveAlone(lane, before.services);
}

describe("whoever takes a name back that an alias of theirs bears", { timeout: 180_000 }, () => {
  it("follows the alias in one call, and both names lead to them before and after every step", async () => {
    const returned: string[] = [];
    const ask = async (step: string) => {
      for (const checkString of [at("jdoe"), at("jsmith")]) {
        const { result } = await lane.simulator.adminCall<{ result: string[] }>("Aliases.check", { checkString });
        if (result.filter((address) => address.endsWith(at(""))).length !== 1)
          returned.push(`${step}: ${checkString} leads to [${result.join()}]`);
      }
    };
    expect(await rename({ before: ask, after: ask })).toBeUndefined();
    expect(returned).toEqual([]);
    expect(await commandsOf("Batch.run")).toContain("Aliases.remove,Users.create");
    await expectDone();
  });

  it("has the alias again, as it was, where the server refuses the account all the same", async () => {
    const { control } = lane.simulator;
    await control.setSwitch("alias-beside-user", "refused");
    await refuseAccounts();
    // The first attempt to make it again is refused, too.
    await control.fault("refuse", { method: "Aliases.create", code: 1001, times: 1 });
    const reason = await rename();
    expect(codeOf(reason)).toBe("RENAME_ROLLED_BACK");
    expect(String(reason)).toMatch(/the server refused it.*The server is as it was before/s);
    await expectTakenBack();
    expect(await rowsOfName()).not.toMatchObject([{ id: own.id }]);
    await control.setSwitch("alias-beside-user", "allowed");
  });

  it("is told what stands in the way where the alias leads to somebody else by then, who keeps it", async () => {
    const { adminCall } = lane.simulator;
    const redirect = async (step: string) => {
      if (step === "create-accounts")
        await adminCall("Aliases.set", { aliasIds: [own.id], pattern: { deliverTo: at("asmith") } });
    };
    expect(codeOf(await rename({ before: redirect }))).toBe("RENAME_ROLLED_BACK");
    expect(await rowsOfName()).toEqual([{ ...own, deliverTo: at("asmith") }]);
    expect((await picture(lane.simulator)).ids).toEqual(before.ids);
  });

  it("gets the mail to it after a run that died with the alias gone, and is finished by recover", async () => {
    await die({ at: "unheard", step: "create-accounts", write: "Batch.run" });
    expect(await rowsOfName()).toEqual([]);
    await lane.simulator.deliver({ to: at("jsmith"), subject: "meanwhile" });
    expect((await recover(lane)).recovered).toMatchObject([{ result: "finished" }]);
    await expectDone(["meanwhile"]);
  });

  it("has the alias again where a run died between it and the account, and the next one cannot make that", async () => {
    const requests = await requestsOf(lane.simulator, "one");
    await lane.simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
    await die({ at: "unheard", step: "create-accounts", write: "Aliases.remove" });
    expect(await rowsOfName()).toEqual([]);
    await refuseAccounts();
    expect((await recover(lane)).recovered).toMatchObject([{ result: "rolled-back" }]);
    await expectTakenBack();
    await lane.simulator.control.clearFaults();
    await upAgain(lane, requests);
    await expectDone();
  });

  it("has the alias again where a run died in the roll-back with the account gone, and no mail was let in", async () => {
    const { control } = lane.simulator;
    await control.setSwitch("alias-beside-user", "refused");
    const point: Point = { at: "unheard", step: "roll-back", write: "Users.remove" };
    await firstRun(lane, await requestsOf(lane.simulator, "one"), point, "killed");
    const { accounts, services } = await control.truth();
    expect(accounts.map(({ name }) => name).sort()).toEqual(["asmith", "jdoe"]);
    expect(services.find(({ name }) => name === "SMTP")).toMatchObject({ isRunning: false });
    expect(await rowsOfName()).toEqual([]);
    await leaveAlone(lane, before.services);
    expect((await recover(lane)).recovered).toMatchObject([{ result: "rolled-back" }]);
    await expectTakenBack();
    await control.setSwitch("alias-beside-user", "allowed");
  });
});
