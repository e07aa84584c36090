import { afterEach, expect, it } from "vitest";
import type { ServerSettings } from "../../provider/config";
import type { RunHooks } from "../../provider/rename/run-context";
import type { Simulator } from "../helpers/start-simulator";
import { after } from "./meddle";
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

it("what the program declares is not overruled by what somebody changes meanwhile", { timeout: 180_000 }, async () => {
  await town(before("hold-services", changeAccount));
  await rename({ groups: [], declared: { emailForwarding: { mode: "UForwardNone", emailAddresses: [] } } });
  const end = await picture(simulator);
  expect(end.groups).toEqual({ staff: [], late: [] });
  expect(end.text).not.toContain("new@example.org");
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
