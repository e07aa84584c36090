import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { codeOf, KerioError, type ErrorCode } from "../../provider/errors";
import type { RunHooks } from "../../provider/rename/run-context";
import { aliasDescription } from "../../provider/rename/steps/addresses";
import { holdSwitch } from "../helpers/hold-switch";
import { firstRun } from "./crash/first-run";
import { Lane } from "./crash/lane";
import type { Point } from "./crash/points";
import { at, requestsOf } from "./crash/scenarios";
import { leaveAlone, recover, upAgain } from "./crash/variants";
import { after, aroundCalls, type Made } from "./meddle";
import { picture } from "./picture";
import { domain, idOf, provider, truthOf, type Provider } from "./stage";

/** An earlier rename has left jsmith's name to jdoe as an alias, and the server lets no user stand beside that. */
const switches = {
  "user-beside-alias": "refused",
  "alias-beside-user": "allowed",
  "removal-delay-ms": "0",
  // A server without a call of several says so.
  "unknown-method": "error",
};

let lane: Lane;
let before: Awaited<ReturnType<typeof picture>>;
let own: Record<string, unknown>;
beforeAll(async () => (lane = await Lane.open(switches)));
afterAll(() => lane?.close());

beforeEach(async () => {
  await lane.reset();
  const { domains } = await truthOf(lane.simulator);
  const alias = { domainId: domains[0]?.id, name: "jsmith", deliverTo: at("jdoe"), description: aliasDescription };
  await lane.simulator.adminCall("Aliases.create", { aliases: [alias] });
  before = await picture(lane.simulator);
  [own = {}] = await rowsOfName();
}, 90_000);

async function rowsOfName(): Promise<Record<string, unknown>[]> {
  const { aliases } = await truthOf(lane.simulator);
  return aliases.filter((alias) => alias.name === "jsmith");
}

async function rename(hooks: Partial<RunHooks> = {}, prepare: (plugin: Provider) => void = () => {}): Promise<unknown> {
  const plugin = provider(lane.settings(), { hooks: { before: () => {}, after: () => {}, ...hooks } });
  prepare(plugin);
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

function died(code: ErrorCode): KerioError {
  return new KerioError(code, { object: "the test", doing: "going on", happened: "it ends here", outcome: "unknown" });
}

/** Something happens when the alias is gone, and the account not made yet. */
function betweenLiftAndAccount(plugin: Provider, act: () => Promise<unknown>): void {
  let isDone = false;
  aroundCalls(plugin.server.client, async ({ method }, call) => {
    if (method === "Users.create" && !isDone && (await rowsOfName()).length === 0) {
      isDone = true;
      await act();
    }
    return call();
  });
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
    await holdSwitch(lane.simulator, "ignore-service-stop", "no");
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

  it("has the alias again in the end where it was refused beside an account that was only about to go", async () => {
    const { control } = lane.simulator;
    await control.setSwitch("alias-beside-user", "refused");
    await control.setSwitch("removal-delay-ms", "2000");
    const fail = (step: string) => {
      if (step === "remove-old") throw new Error("this run is to be taken back");
    };
    let refusals: number | undefined;
    const reason = await rename({ before: fail }, ({ server }) =>
      aroundCalls(server.client, async ({ method }, call) => {
        const answer = await call();
        if (method === "Users.remove") {
          refusals = 0;
          throw died("TIMEOUT");
        }
        // It goes between the last time that the alias is asked for and the look at what has come of it all.
        if (method === "Aliases.create" && refusals !== undefined && ++refusals === 2)
          await vi.waitUntil(async () => !(await picture(lane.simulator)).names.includes("jsmith"), {
            timeout: 20_000,
          });
        return answer;
      }),
    );
    await control.setSwitch("removal-delay-ms", "0");
    const isBack = codeOf(reason) === "RENAME_ROLLED_BACK";
    if (!isBack) expect((await recover(lane)).recovered).toMatchObject([{ result: "rolled-back" }]);
    await expectTakenBack();
    await control.setSwitch("alias-beside-user", "allowed");
  });

  it("is led in no circle where a run died with the alias made again, and the mailbox not given back", async () => {
    const fail = (step: string) => {
      if (step === "remove-old") throw new Error("this run is to be taken back");
    };
    const isMadeAgain = ({ method, params }: Made) =>
      method === "Aliases.create" && /"jsmith"/.test(JSON.stringify(params));
    const reason = await rename({ before: fail }, ({ server }) =>
      after(server.client, isMadeAgain, () => Promise.reject(died("LOCK_LOST"))),
    );
    expect(codeOf(reason)).toBe("LOCK_LOST");
    const [again] = await rowsOfName();
    expect(again).toEqual({ ...own, id: expect.any(String) as string });
    expect(again?.id).not.toBe(own.id);
    const circles: string[] = [];
    const look = async (step: string) => {
      const { aliases } = await picture(lane.simulator);
      if (step === "remove-old" && aliases.jsmith) circles.push(`jsmith leads to ${aliases.jsmith.join()}`);
    };
    expect(await rename({ before: look })).toBeUndefined();
    expect(circles).toEqual([]);
    await expectDone();
  });

  it("has no alias again that somebody has removed before it was their turn to give way", async () => {
    const { adminCall, control } = lane.simulator;
    const { domains } = await control.truth();
    const alias = { domainId: domains[0]?.id, name: "jsmith", deliverTo: "jdoe" };
    await holdSwitch(lane.simulator, "duplicate-alias", "allowed");
    const { result } = await adminCall<{ result: { id: string }[] }>("Aliases.create", { aliases: [alias] });
    await refuseAccounts();
    const remove = async (step: string) => {
      if (step === "create-accounts") await adminCall("Aliases.remove", { aliasIds: [result[0]?.id] });
    };
    expect(codeOf(await rename({ before: remove }))).toBe("RENAME_ROLLED_BACK");
    await expectTakenBack();
  });

  it("has no alias again where an administrator has made another one of the name meanwhile", async () => {
    const { adminCall, control } = lane.simulator;
    const { domains } = await control.truth();
    const alias = { domainId: domains[0]?.id, name: "jsmith", deliverTo: at("asmith") };
    await refuseAccounts();
    const redirect = () => adminCall("Aliases.create", { aliases: [alias] });
    const reason = await rename({}, (plugin) => betweenLiftAndAccount(plugin, redirect));
    expect(codeOf(reason)).toBe("RENAME_ROLLED_BACK");
    expect(String(reason)).toMatch(/alias jsmith: .*not made again: somebody else has given the name away since/);
    expect(await rowsOfName()).toMatchObject([{ deliverTo: at("asmith") }]);
  });

  it("is told that the alias is refused where somebody else has got the name, and the rename is over", async () => {
    const { adminCall } = lane.simulator;
    const userIds = [await idOf(lane.simulator, "asmith")];
    await holdSwitch(lane.simulator, "alias-beside-address", "refused");
    await refuseAccounts();
    const give = () => adminCall("Users.set", { userIds, pattern: { emailAddresses: ["a.s", "jsmith"] } });
    const reason = await rename({}, (plugin) => betweenLiftAndAccount(plugin, give));
    expect(codeOf(reason)).toBe("RENAME_ROLLED_BACK");
    expect(String(reason)).toMatch(/alias jsmith: making it again failed/);
    expect(await rowsOfName()).toEqual([]);
  });

  it("has an account that takes their mail at once where the alias has gone before, and the account was not made", async () => {
    await lane.simulator.control.fault("refuse", { method: "Batch.run", code: -32601 });
    const made: unknown[] = [];
    const look = async (step: string) => {
      if (step === "create-accounts") made.push((await picture(lane.simulator)).account("jsmith").enabled);
    };
    const lose = (plugin: Provider) => betweenLiftAndAccount(plugin, () => Promise.reject(died("OUTCOME_UNKNOWN")));
    expect(await rename({ after: look }, lose)).toBeUndefined();
    expect(made).toEqual([true]);
    await expectDone();
  });

  it("has everything back where a run died before anything was handed over, and the next one fails", async () => {
    const failWith = (error: Error) => (step: string) => {
      if (step === "swap-at-once") throw error;
    };
    expect(codeOf(await rename({ before: failWith(died("LOCK_LOST")) }))).toBe("LOCK_LOST");
    const reason = await rename({ before: failWith(new Error("this run is to be taken back")) });
    expect(codeOf(reason)).toBe("RENAME_ROLLED_BACK");
    await expectTakenBack();
  });
});
