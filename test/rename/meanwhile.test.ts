import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { recoverAll } from "../../provider/rename/recover-all";
import type { UserRequest } from "../../provider/rename/user-request";
import { firstRun } from "./crash/first-run";
import { Lane } from "./crash/lane";
import type { Point } from "./crash/points";
import { at, requestsOf } from "./crash/scenarios";
import { refuseBefore } from "./crash/trigger";
import { removeAccount, takeSeat } from "./meddle";
import { picture } from "./picture";
import { idOf, provider, renameRequest, truthOf } from "./stage";

// A run that dies, one that recovers it, and one that asks again.
vi.setConfig({ testTimeout: 180_000 });

let lane: Lane;
let requests: UserRequest[];

afterEach(() => lane?.close());

/** A run that died before anybody's mailbox was moved. */
async function diedEarly(point: Point, prepare: () => void = () => {}): Promise<void> {
  lane = await Lane.fresh();
  prepare();
  requests = await requestsOf(lane.simulator, "one");
  await firstRun(lane, requests, point, "killed");
}

async function recover(): Promise<string[]> {
  const { server, close } = provider(lane.settings());
  const recovered = await recoverAll(server);
  await close();
  return recovered.map(({ from, to, result }) => `${from} ${to} ${result}`);
}

/** The id of what the server's truth calls by a name. */
async function idIn(kind: "groups" | "aliases", name: string): Promise<unknown> {
  const truth = await truthOf(lane.simulator);
  return truth[kind].find((row) => row.name === name)?.id;
}

it.each([
  ["with mail", () => {}],
  ["who never had any", () => rmSync(join(lane.places.domain, "jdoe"), { recursive: true })],
])("what an administrator has taken meanwhile from somebody %s is not given back", async (_, prepare) => {
  await diedEarly({ at: "after", step: "record-accounts" }, prepare);
  const { adminCall } = lane.simulator;
  const jdoe = await idOf(lane.simulator, "jdoe");
  await adminCall("Users.set", { userIds: [jdoe], pattern: { isEnabled: false } });
  const pattern = { deliverTo: at("asmith") };
  await adminCall("Aliases.set", { aliasIds: [await idIn("aliases", "books")], pattern });
  await adminCall("Groups.removeMemberList", { groupId: await idIn("groups", "staff"), userIds: [jdoe] });
  const was = await picture(lane.simulator);

  expect(await recover()).toEqual([`${at("jdoe")} ${at("jsmith")} rolled-back`]);

  const now = await picture(lane.simulator);
  expect(now.names).toEqual(["asmith", "jdoe"]);
  expect(now.account("jdoe")).toMatchObject({ enabled: false });
  expect(now.aliases).toEqual(was.aliases);
  expect(now.groups).toEqual(was.groups);
  expect(now.lists).toEqual(was.lists);
  expect(await recover()).toEqual([]);
});

it("who is locked out after a run has moved the mailbox, and died, is locked out under the new name", async () => {
  await diedEarly({ at: "after", step: "hold-services" });
  await vi.waitFor(() => expect(lane.isLocked).toBe(false), 60_000);
  const userIds = [await idOf(lane.simulator, "jdoe")];
  await lane.simulator.adminCall("Users.set", { userIds, pattern: { isEnabled: false } });
  expect(await recover()).toEqual([`${at("jdoe")} ${at("jsmith")} finished`]);
  expect((await picture(lane.simulator)).account("jsmith")).toMatchObject({ enabled: false });
});

it("an account that an administrator has removed before anything was made is nobody's to rename", async () => {
  await diedEarly({ at: "before", step: "create-accounts" });
  await removeAccount(lane.simulator, await idOf(lane.simulator, "jdoe"), { removeReferences: true });
  const stops = (await lane.simulator.control.downtimes()).length;

  expect(await recover()).toEqual([`${at("jdoe")} ${at("jsmith")} rolled-back`]);

  expect((await picture(lane.simulator)).names).toEqual(["asmith"]);
  expect(await lane.simulator.control.downtimes()).toHaveLength(stops);
  expect(await recover()).toEqual([]);
});

it.each([
  [
    "without its mail",
    "UDeleteUser",
    /The mailbox still lies in .*\/mail\/example\.com\/jdoe: see that an account has it/,
  ],
  ["with its mail", "UDeleteFolder", /before the rename to jsmith@example\.com had made anything\.$/],
])("a rename that somebody has finished by hand is closed, the old account removed %s", async (_, method, told) => {
  await diedEarly({ at: "after", step: "write-snapshot" });
  await takeSeat(lane.simulator, "jsmith");
  await removeAccount(lane.simulator, await idOf(lane.simulator, "jdoe"), { method });
  const stops = (await lane.simulator.control.downtimes()).length;
  const was = await picture(lane.simulator);

  const { server, coordinator, lines, close } = provider(lane.settings());
  const ends = (await recoverAll(server)).map(({ from, result }) => `${from} ${result}`);
  expect(ends).toEqual([`${at("jdoe")} rolled-back`]);
  expect(lines).toContainEqual(expect.stringMatching(told));

  const now = await picture(lane.simulator);
  expect(now.ids).toEqual(was.ids);
  expect(now.directories).toEqual(was.directories);
  expect(await lane.simulator.control.downtimes()).toHaveLength(stops);
  const others = renameRequest("asmith", "bsmith", await idOf(lane.simulator, "asmith"));
  await expect(coordinator.create(others)).resolves.toMatchObject({ address: at("bsmith") });
  await close();
});

it("a stranger under the new name of a run that died early keeps nobody else from being renamed", async () => {
  await diedEarly({ at: "after", step: "write-snapshot" });
  await takeSeat(lane.simulator, "jsmith");
  await lane.simulator.deliver({ to: at("jsmith"), subject: "for the stranger" });
  const { coordinator, lines, close } = provider(lane.settings());
  const others = renameRequest("asmith", "bsmith", await idOf(lane.simulator, "asmith"));
  const [own, other] = await Promise.allSettled([...requests, others].map((request) => coordinator.create(request)));
  expect(other).toMatchObject({ status: "fulfilled" });
  expect(own).toMatchObject({ status: "rejected", reason: { code: "RENAME_OPEN" } });
  const told = /jsmith@example\.com is an account that the rename of jdoe has not made.*pulumi up/;
  expect(String((own as PromiseRejectedResult).reason)).toMatch(told);
  expect(lines.join()).toMatch(told);
  expect((await picture(lane.simulator)).names).toEqual(["bsmith", "jdoe", "jsmith"]);

  await removeAccount(lane.simulator, await idOf(lane.simulator, "jsmith"));
  await expect(coordinator.create(requests[0] as UserRequest)).resolves.toMatchObject({ address: at("jsmith") });
  await close();
  const end = await picture(lane.simulator);
  expect(end.names).toEqual(["bsmith", "jsmith"]);
  expect(Object.keys(end.directories).sort()).toEqual(["bsmith", "jsmith"]);
});

it("a password that the server has refused is set by the first update after it would take it", async () => {
  lane = await Lane.fresh();
  lane.order = "article";
  const [request] = await requestsOf(lane.simulator, "one");
  if (!request) throw new Error("no request");
  const password = "Orchard.7.Gate";
  await firstRun(lane, [request], { at: "after", step: "move-mailboxes" }, "killed");
  expect(await recover()).toEqual([`${at("jdoe")} ${at("jsmith")} finished`]);
  const userId = await idOf(lane.simulator, "jsmith");
  const { coordinator, close } = provider(lane.settings());
  const finish = () => coordinator.finishOpen(userId, { ...request, password }, true);
  const demand = async (passwordMinimumLength: number) => {
    const [domain] = (await truthOf(lane.simulator)).domains;
    await lane.simulator.adminCall("Domains.set", {
      domainIds: [domain?.id],
      pattern: { passwordComplexityEnabled: true, passwordMinimumLength },
    });
  };

  await demand(40);
  await expect(finish()).rejects.toThrow(/nobody knows the password of jsmith@example\.com/);
  await demand(8);
  await expect(finish()).resolves.toMatchObject({ userId });

  expect(await lane.simulator.control.login(at("jsmith"), password)).toMatchObject({ ok: true });
  expect(await finish()).toBeUndefined();
  await close();
});

it("a run that had made an account is not passed over when a stranger bears its new name", async () => {
  await diedEarly({ at: "after", step: "record-accounts" });
  await removeAccount(lane.simulator, await idOf(lane.simulator, "jsmith"));
  await takeSeat(lane.simulator, "jsmith");
  const { coordinator, close } = provider(lane.settings());
  const others = renameRequest("asmith", "bsmith", await idOf(lane.simulator, "asmith"));
  await expect(coordinator.create(others)).rejects.toMatchObject({ code: "RENAME_OPEN" });
  await close();
  expect((await picture(lane.simulator)).names).toEqual(["asmith", "jdoe", "jsmith"]);
});

it("the mailbox of a stranger who takes the new name during a roll-back is not what a run has left", async () => {
  lane = await Lane.fresh();
  const { control, deliver } = lane.simulator;
  const before = async (step: string) => {
    if (step === "create-accounts") await control.fault("refuse", { method: "Users.create", code: 1000 });
    if (step !== "roll-back") return;
    await control.clearFaults();
    await takeSeat(lane.simulator, "jsmith");
    await deliver({ to: at("jsmith"), subject: "for the stranger" });
  };
  const plugin = provider(lane.settings(), { hooks: { before, after: () => {} } });
  const [request] = await requestsOf(lane.simulator, "one");
  if (!request) throw new Error("no request");
  await expect(plugin.coordinator.create(request)).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
  await plugin.close();
  expect((await picture(lane.simulator)).directories.jsmith).toMatchObject({ messages: 1 });
  expect(await recover()).toEqual([]);
});

it("an alias that is gone, or leads to somebody else, keeps no other from leading to the old account again", async () => {
  lane = await Lane.fresh({ "unknown-id": "error" });
  const { adminCall, control } = lane.simulator;
  const [domain] = (await control.truth()).domains;
  const alias = { domainId: domain?.id, deliverTo: at("jdoe"), type: "TypeEmailAddress" };
  await adminCall("Aliases.create", { aliases: ["ledger", "cash"].map((name) => ({ ...alias, name })) });
  const before = async (step: string) => {
    refuseBefore(step, { at: "before", step: "roll-back" });
    if (step !== "roll-back") return;
    await adminCall("Aliases.remove", { aliasIds: [await idIn("aliases", "books")] });
    const pattern = { deliverTo: at("asmith") };
    await adminCall("Aliases.set", { aliasIds: [await idIn("aliases", "cash")], pattern });
  };
  const plugin = provider(lane.settings(), { hooks: { before, after: () => {} } });
  const [request] = await requestsOf(lane.simulator, "one");
  if (!request) throw new Error("no request");
  const renamed = plugin.coordinator.create(request);
  await expect(renamed).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
  await plugin.close();
  const { aliases } = await picture(lane.simulator);
  expect(aliases).toEqual({ ledger: [at("jdoe")], cash: [at("asmith")], letters: [at("asmith")] });
});
