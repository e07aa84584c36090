import { afterEach, expect, it } from "vitest";
import type { ServerSettings } from "../../provider/config";
import { KerioError } from "../../provider/errors";
import type { KerioClient } from "../../provider/kerio/client";
import type { RunHooks } from "../../provider/rename/run-context";
import type { Simulator } from "../helpers/start-simulator";
import { play } from "./chain-scenes";
import { after, aroundCalls } from "./meddle";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let plugin: Provider;

afterEach(async () => {
  await plugin?.close();
  await simulator?.stop();
});

async function town(options: { hooks?: RunHooks } = {}, change: Partial<ServerSettings> = {}): Promise<void> {
  simulator = await stage({ switches: { "start-delay-ms": "100", "stop-delay-ms": "30" } });
  plugin = provider(settingsOf(simulator, change), options);
}

/** Does something on the server just before a step. */
function before(step: string, act: () => Promise<unknown>): { hooks: RunHooks } {
  return { hooks: { after: () => {}, before: async (here) => void (here === step && (await act())) } };
}

async function rename(change: Parameters<typeof renameRequest>[3] = {}): Promise<void> {
  const jdoe = await idOf(simulator, "jdoe");
  await plugin.coordinator.create(renameRequest("jdoe", "jsmith", jdoe, change));
}

async function idIn(kind: "groups" | "mailingLists" | "domains", name: string): Promise<unknown> {
  const rows = (await simulator.control.truth())[kind] as Record<string, unknown>[];
  return rows.find((row) => row.name === name)?.id;
}

/** An administrator puts jdoe into another group, and has the mail sent on to somewhere else. */
async function changeAccount(): Promise<void> {
  const { adminCall } = simulator;
  const jdoe = await idOf(simulator, "jdoe");
  await adminCall("Groups.create", { groups: [{ domainId: await idIn("domains", domain), name: "late" }] });
  await adminCall("Groups.addMemberList", { groupId: await idIn("groups", "late"), userList: [jdoe] });
  const emailForwarding = { mode: "UForwardDeliver", emailAddresses: ["new@example.org"] };
  await adminCall("Users.set", { userIds: [jdoe], pattern: { emailForwarding } });
}

it(
  "what is changed on the account while the service is stopped goes with the person",
  { timeout: 180_000 },
  async () => {
    const meddle = async () => {
      await changeAccount();
      const members = [{ hasId: true, userId: await idOf(simulator, "jdoe"), kind: "Moderator" }];
      await simulator.adminCall("MailingLists.removeMlUserList", { mlId: await idIn("mailingLists", "news"), members });
    };
    await town(before("hold-services", meddle));
    await rename();
    const end = await picture(simulator);
    expect(end.groups).toEqual({ staff: ["jsmith"], late: ["jsmith"] });
    expect(end.lists).toEqual({ news: [] });
    expect(end.account("jsmith")).toMatchObject({ enabled: true });
    expect(end.text).toContain("new@example.org");
    expect(end.text).not.toContain("archive@example.org");
    expect(plugin.lines.join()).toMatch(/jdoe@example\.com has been changed.*groups.*emailForwarding.*taken over/);
  },
);

it("who is locked out meanwhile stays locked out", { timeout: 180_000 }, async () => {
  const lockOut = async () =>
    simulator.adminCall("Users.set", { userIds: [await idOf(simulator, "jdoe")], pattern: { isEnabled: false } });
  await town(before("hold-services", lockOut));
  await rename();
  const end = await picture(simulator);
  expect(end.names).toEqual(["asmith", "jsmith"]);
  expect(end.account("jsmith")).toMatchObject({ enabled: false });
});

it.each([
  { how: "otherwise", groups: [], mode: "UForwardNone", emailAddresses: [] },
  { how: "as it was", groups: ["staff"], mode: "UForwardDeliver", emailAddresses: ["archive@example.org"] },
])(
  "what the program declares $how is not overruled by what somebody changes meanwhile",
  { timeout: 180_000 },
  async ({ groups, mode, emailAddresses }) => {
    await town(before("hold-services", changeAccount));
    await rename({ groups, declared: { emailForwarding: { mode, emailAddresses } } });
    const end = await picture(simulator);
    expect(end.groups).toEqual({ staff: groups.map(() => "jsmith"), late: [] });
    expect(end.account("jsmith")).toMatchObject({ emailForwarding: { mode, emailAddresses } });
  },
);

it("who has left a list in one way, or another list of its name, keeps the rest", { timeout: 180_000 }, async () => {
  const jdoe = () => idOf(simulator, "jdoe");
  const memberships = async () => {
    const { domains, mailingLists } = await simulator.control.truth();
    const nameOf = new Map(domains.map((row) => [row.id, String(row.name)]));
    const members = mailingLists.flatMap((list) =>
      (list.members as { kind: string }[]).map(
        ({ kind }) => `${String(list.name)}@${nameOf.get(String(list.domainId))} ${kind}`,
      ),
    );
    return members.sort();
  };
  const lists: string[] = [];
  const change = async (call: "add" | "remove", mlId: unknown, kind: string) => {
    const members = [{ hasId: true, userId: await jdoe(), emailAddress: "", fullName: "", kind }];
    await simulator.adminCall(`MailingLists.${call}MlUserList`, { mlId, members });
  };
  const leave = async () => {
    await change("remove", await idIn("mailingLists", "news"), "Moderator");
    await change("remove", lists[1], "Member");
  };
  await town(before("hold-services", leave));
  await simulator.adminCall("Domains.create", { domains: [{ name: "example.org" }] });
  for (const name of [domain, "example.org"]) {
    const mailingLists = [{ domainId: await idIn("domains", name), name: "all" }];
    const made = await simulator.adminCall<{ result: { id: string }[] }>("MailingLists.create", { mailingLists });
    lists.push(made.result[0]?.id ?? "");
    await change("add", lists.at(-1), "Member");
  }
  await change("add", await idIn("mailingLists", "news"), "Member");
  await rename();
  expect(await memberships()).toEqual(["all@example.com Member", "news@example.com Member"]);
});

/** Whether a call gives somebody the forwarding that {@link changeAccount} has made. */
function isGiving({ method, params }: { method: string; params?: unknown }): boolean {
  return method === "Users.set" && JSON.stringify(params).includes("new@example.org");
}

it("what is taken over is given again where nobody heard of it", { timeout: 180_000 }, async () => {
  await town(before("hold-services", changeAccount));
  let isLost = false;
  aroundCalls(plugin.server.client, async (made, call) => {
    if (isLost || !isGiving(made)) return call();
    isLost = true;
    throw new KerioError("OUTCOME_UNKNOWN", {
      object: "the test",
      doing: made.method,
      happened: "the call is lost",
      outcome: "unknown",
    });
  });
  await rename();
  expect(isLost).toBe(true);
  const end = await picture(simulator);
  expect(end.account("jsmith")).toMatchObject({ emailForwarding: { emailAddresses: ["new@example.org"] } });
  expect(plugin.lines.filter((line) => line.includes("has been changed"))).toHaveLength(1);
});

/** Nothing of a run reaches the server any more from the first such call on. */
function dieAt(client: KerioClient, isIt: typeof isGiving): void {
  let isDead = false;
  aroundCalls(client, (made, call) => {
    isDead ||= isIt(made);
    return isDead ? Promise.reject(new Error("this machine goes down")) : call();
  });
}

it("what a run that dies has taken over is given by the next one", { timeout: 180_000 }, async () => {
  await town(before("hold-services", changeAccount));
  dieAt(plugin.server.client, isGiving);
  await expect(rename()).rejects.toMatchObject({ code: "RENAME_OPEN" });
  await plugin.close().catch(() => undefined);
  plugin = provider(settingsOf(simulator));
  await rename();
  const end = await picture(simulator);
  expect(end.names).toEqual(["asmith", "jsmith"]);
  expect(end.groups).toEqual({ staff: ["jsmith"], late: ["jsmith"] });
  expect(end.account("jsmith")).toMatchObject({ emailForwarding: { emailAddresses: ["new@example.org"] } });
});

it("each is looked at when their own turn comes, and nobody a second time", { timeout: 180_000 }, async () => {
  const renames = { ann: "bea", bea: "cleo", gwen: "hope" };
  const switches = { "start-delay-ms": "100", "stop-delay-ms": "30" };
  const played = await play({ title: "a chain beside a plain rename", renames }, { switches });
  simulator = played.simulator;
  const lockOut = async () =>
    simulator.adminCall("Users.set", { userIds: [await idOf(simulator, "ann")], pattern: { isEnabled: false } });
  plugin = provider(settingsOf(simulator), before("swap-at-once 2", lockOut));
  const gwen = await idOf(simulator, "gwen");
  aroundCalls(plugin.server.client, async ({ method, params }, call) => {
    const { requests = [] } = (params ?? {}) as { requests?: { userId: string }[] };
    const inputIndex = requests.findIndex(({ userId }) => userId === gwen);
    if (method !== "Users.remove" || inputIndex < 0) return call();
    // The stand-in refuses whole calls: this one removal does not reach it.
    const kept = requests.splice(inputIndex, 1);
    if (requests.length > 0) await call();
    requests.splice(inputIndex, 0, ...kept);
    return { errors: [{ inputIndex, error: { code: 1000, message: "not now" } }] };
  });
  const asked = played.requests.map((request) => plugin.coordinator.create(request));
  const [ann, bea, refused] = await Promise.allSettled(asked);
  expect(ann).toMatchObject({ status: "fulfilled" });
  expect(bea).toMatchObject({ status: "fulfilled" });
  expect(refused).toMatchObject({ status: "rejected", reason: { code: "RENAME_ROLLED_BACK" } });
  const end = await picture(simulator);
  expect(end.names).toEqual(["bea", "cleo", "gwen"]);
  expect(end.account("bea")).toMatchObject({ enabled: false, emailAddresses: ["ann.extra"] });
  expect(end.account("gwen")).toMatchObject({ enabled: true, emailAddresses: ["gwen.extra"] });
  expect(end.groups).toMatchObject({ "group-ann": ["bea"], "group-gwen": ["gwen"] });
  expect(end.lists).toMatchObject({ "list-ann": ["bea Moderator"], "list-gwen": ["gwen Moderator"] });
});

it("what is changed while the server backs itself up goes with the person", { timeout: 180_000 }, async () => {
  await town({}, { backup: "full" });
  const meddle = async () => {
    await changeAccount();
    const { adminCall } = simulator;
    await adminCall("MailingLists.create", {
      mailingLists: [{ domainId: await idIn("domains", domain), name: "hours" }],
    });
    const members = [{ hasId: true, userId: await idOf(simulator, "jdoe"), kind: "Member" }];
    await adminCall("MailingLists.addMlUserList", { mlId: await idIn("mailingLists", "hours"), members });
  };
  after(plugin.server.client, ({ method }) => method === "Backup.start", meddle);
  await rename();
  const end = await picture(simulator);
  expect(end.groups).toEqual({ staff: ["jsmith"], late: ["jsmith"] });
  expect(end.lists).toEqual({ news: ["jsmith Moderator"], hours: ["jsmith Member"] });
  expect(end.text).toContain("new@example.org");
  expect(plugin.lines.join()).not.toContain("has been changed");
});
