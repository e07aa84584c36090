import { cpSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { recoverAll } from "../../provider/rename/recover-all";
import { firstRun } from "./crash/first-run";
import { Lane } from "./crash/lane";
import type { Point } from "./crash/points";
import { at, requestsOf, type ScenarioName } from "./crash/scenarios";
import { leaveAlone, upAgain } from "./crash/variants";
import { removeAccount } from "./meddle";
import { picture } from "./picture";
import { idOf, madeAtFirstUse, provider, renameRequest } from "./stage";

// A run that dies, one that recovers it, and one that asks again.
vi.setConfig({ testTimeout: 180_000 });

let lane: Lane;

afterEach(() => lane?.close());

/** A run that has died, with the host at rest again; gives what it was asked for and what was there before. */
async function died(scenario: ScenarioName, point: Point, switches: Record<string, string> = {}) {
  lane = await Lane.fresh(switches);
  const requests = await requestsOf(lane.simulator, scenario);
  const before = await picture(lane.simulator);
  await firstRun(lane, requests, point, "killed");
  await leaveAlone(lane, before.services);
  return { requests, before };
}

async function recover() {
  const { server, close } = provider(lane.settings());
  const recovered = await recoverAll(server);
  await close();
  return recovered;
}

/** A backup of the store is put back: every directory is there, and is another one. */
function restore(name: string): void {
  const path = join(lane.places.domain, name);
  cpSync(path, `${path}.copy`, { recursive: true });
  rmSync(path, { recursive: true });
  renameSync(`${path}.copy`, path);
}

it("in a store that was restored with both accounts there nothing is touched until one of them is gone", async () => {
  const { requests, before } = await died("one", { at: "before", step: "remove-old" });
  restore("jsmith");
  const was = await picture(lane.simulator);

  const told =
    /inode \d+\) lies neither in .*\/jdoe nor in .*\/jsmith; the store was restored.*Remove the other account/;
  expect(await recover()).toMatchObject([{ result: "open", error: expect.stringMatching(told) as string }]);
  await expect(upAgain(lane, requests)).rejects.toMatchObject({ code: "RENAME_OPEN" });
  const now = await picture(lane.simulator);
  expect([now.ids, now.directories, now.aliases]).toEqual([was.ids, was.directories, was.aliases]);
  expect(now.account("jsmith")).toMatchObject({ enabled: true });

  await removeAccount(lane.simulator, await idOf(lane.simulator, "jdoe"), { method: "UDeleteUser" });
  expect(await recover()).toMatchObject([{ result: "finished" }]);
  const end = await picture(lane.simulator);
  expect(end.names).toEqual(["asmith", "jsmith"]);
  expect(end.messages("jsmith")).toEqual(before.messages("jdoe"));
  expect(end.aliases.jdoe).toEqual([at("jsmith")]);
});

it("a store that was restored as it was before the rename is as if nothing had been begun", async () => {
  const { requests, before } = await died("one", { at: "after", step: "record-accounts" }, madeAtFirstUse);
  restore("jdoe");
  expect(await recover()).toMatchObject([{ result: "rolled-back" }]);
  expect((await picture(lane.simulator)).ids).toEqual(before.ids);
  await upAgain(lane, requests);
  expect((await picture(lane.simulator)).messages("jsmith")).toEqual(before.messages("jdoe"));
});

it("what others have left or started between two runs of a circle keeps nobody from its end, and stays", async () => {
  lane = await Lane.fresh();
  const { adminCall, control } = lane.simulator;
  const serviceOf = async (name: string) => (await control.truth()).services.find((service) => service.name === name);
  const id = (await serviceOf("NNTP"))?.id;
  await adminCall("Services.stop", { service: id });
  const requests = await requestsOf(lane.simulator, "swap");
  const before = await picture(lane.simulator);
  await firstRun(lane, requests, { at: "after", step: "remove-old", wave: 0, who: "asmith" }, "killed");
  mkdirSync(join(lane.places.domain, "leaver"));
  await vi.waitFor(async () => expect((await serviceOf("IMAP"))?.isRunning).toBe(true), 60_000);
  await adminCall("Services.start", { service: id });

  await upAgain(lane, requests);

  const end = await picture(lane.simulator);
  expect(end.names).toEqual(before.names);
  expect(end.messages("asmith")).toEqual(before.messages("jdoe"));
  expect(end.messages("jdoe")).toEqual(before.messages("asmith"));
  expect(end.directories).toHaveProperty("leaver");
  expect(await serviceOf("NNTP")).toMatchObject({ isRunning: true });
});

it("services that cannot be opened again keep the next rename from taking them for closed ones", async () => {
  const holding = { "ignore-service-stop": "no" };
  const { requests, before } = await died("one", { at: "before", step: "remove-old" }, holding);
  const { control } = lane.simulator;
  await control.fault("refuse", { method: "Services.start", code: 1000, message: "not now" });
  const next = renameRequest("asmith", "bsmith", await idOf(lane.simulator, "asmith"));
  const settings = lane.settings();
  const plugin = provider({ ...settings, timeouts: { ...settings.timeouts, start: 6 } });
  const [first, second] = await Promise.allSettled(
    [...requests, next].map((request) => plugin.coordinator.create(request)),
  );
  await plugin.close();
  expect(String((first as PromiseRejectedResult).reason)).toMatch(/services to run that ran before the rename/);
  const held = { code: "HOST_UNSUITABLE", message: expect.stringMatching(/has held.*`pulumi up` again/) as string };
  expect((second as PromiseRejectedResult).reason).toMatchObject(held);
  const now = await picture(lane.simulator);
  expect([now.names, now.services]).toEqual([["asmith", "jsmith"], before.services]);

  await control.clearFaults();
  await upAgain(lane, [...requests, next]);
  const end = await picture(lane.simulator);
  expect([end.names, end.services]).toEqual([["bsmith", "jsmith"], before.services]);
});
