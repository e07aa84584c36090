import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { markedDescription, type RenameRecord, type Snapshot } from "../../provider/rename/snapshot";
import { applied, DynamicServer, type Props } from "../helpers/dynamic-server";
import { stackConfig, startPlugin } from "../helpers/stack";
import { startSimulator, type Simulator } from "../helpers/start-simulator";

const domain = "example.com";
let simulator: Simulator;
let plugin: DynamicServer;

beforeAll(async () => {
  simulator = await startSimulator();
  mkdirSync(join(simulator.info.store, "mail", domain), { recursive: true });
});
afterAll(() => simulator?.stop());
afterEach(() => plugin?.stop());

async function nextRun(config: Props = {}): Promise<void> {
  await plugin.stop();
  plugin = await DynamicServer.start({ ...stackConfig(simulator), ...(config as Record<string, string>) });
}

async function account(name: string): Promise<Props | undefined> {
  return (await simulator.control.truth()).accounts.find((one) => one.name === name);
}

it("keeps the account from which a rename that died has started", async () => {
  plugin = await startPlugin(simulator);
  const made = await applied(plugin, "user", undefined, { domain, name: "jdoe", logicalName: "p" });
  const description = markedDescription(
    { mark: "[pulumi-kerio 0123456789abcdef]" } as Snapshot,
    { from: "jdoe", to: "jsmith" } as RenameRecord,
  );
  const domainId = (await account("jdoe"))?.["domainId"];
  const half = { domainId, loginName: "jsmith", password: "Orchard.7.Gate", isEnabled: false, description };
  await simulator.adminCall("Users.create", { users: [half] });
  await nextRun();
  await expect(plugin.delete("user", made.id, made.outs)).rejects.toThrow(
    /renamed to jsmith@example\.com.*pulumi up.*DELETE_REFUSED/,
  );
  expect(await account("jdoe")).toBeDefined();
});

it("is done with an account that is gone, but not where the mail host cannot tell that it was never renamed", async () => {
  plugin = await startPlugin(simulator);
  const made = await applied(plugin, "user", undefined, { domain, name: "gone", logicalName: "g" });
  await nextRun();
  await plugin.delete("user", made.id, made.outs);
  expect(await account("gone")).toBeUndefined();
  await nextRun();
  await plugin.delete("user", made.id, made.outs);
  await nextRun({ "kerio:sshPort": "1" });
  await expect(plugin.delete("user", made.id, made.outs)).rejects.toThrow(/cannot be told.*ECONNREFUSED.*SSH_FAILED/);
});

it("is done with an account whose removal goes on unheard, and is refused when it is asked for again", async () => {
  plugin = await startPlugin(simulator);
  const made = await applied(plugin, "user", undefined, { domain, name: "going", logicalName: "o" });
  await nextRun();
  await simulator.control.setSwitch("removal-delay-ms", "3000");
  const request = { userId: made.id, method: "UDeleteUser", removeReferences: false, targetUserId: "" };
  await simulator.adminCall("Users.remove", { requests: [{ ...request, mode: "DSModeDeactivate" }] });
  expect(await account("going")).toBeDefined();
  await plugin.delete("user", made.id, made.outs);
  expect(await account("going")).toBeUndefined();
  await simulator.control.setSwitch("removal-delay-ms", "0");
});

it("leaves an account alone that is not the one its stored outputs tell of", async () => {
  plugin = await startPlugin(simulator);
  const made = await applied(plugin, "user", undefined, { domain, name: "living", logicalName: "l" });
  await nextRun();
  await plugin.delete("user", made.id, { ...made.outs, userId: "another", name: "earlier" });
  expect(await account("living")).toBeDefined();
  expect(plugin.ear.text()).toContain("left alone");
});

it("removes what renames have left once the account is gone, when an earlier removal got no further", async () => {
  plugin = await startPlugin(simulator);
  const made = await applied(plugin, "user", undefined, { domain, name: "leaver", logicalName: "v" });
  const outs = { ...made.outs, previousNames: ["earlier"] };
  const domainId = (await account("leaver"))?.["domainId"];
  const row = { domainId, type: "TypeEmailAddress", deliverTo: `leaver@${domain}` };
  const aliases = [
    { ...row, name: "earlier" },
    { ...row, name: "by.hand" },
  ];
  await simulator.adminCall("Aliases.create", { aliases });
  await nextRun();
  await simulator.control.fault("refuse", { method: "Aliases.get", times: 1 });
  await expect(plugin.delete("user", made.id, outs)).rejects.toThrow(/listing aliases/);
  expect(await account("leaver")).toBeUndefined();
  await nextRun();
  await plugin.delete("user", made.id, outs);
  const left = (await simulator.control.truth()).aliases.map((alias) => alias["name"]);
  expect(left).toContain("by.hand");
  expect(left).not.toContain("earlier");
});

it("leaves no mail to whoever bears a name that this update has taken from the heir", async () => {
  plugin = await startPlugin(simulator);
  const heir = await applied(plugin, "user", undefined, { domain, name: "boss", logicalName: "b" });
  const onDelete = { moveMailTo: "boss" };
  const made = await applied(plugin, "user", undefined, { domain, name: "quitter", logicalName: "q", onDelete });
  await simulator.deliver({ to: `quitter@${domain}`, subject: "for the boss" });
  await nextRun();
  await applied(plugin, "user", heir, { domain, name: "chief", logicalName: "b" });
  await applied(plugin, "user", undefined, { domain, name: "boss", logicalName: "n" });
  await expect(plugin.delete("user", made.id, made.outs)).rejects.toThrow(
    /boss@example\.com, who becomes chief@example\.com.*moveMailTo: "chief".*DELETE_REFUSED/s,
  );
  expect(await account("quitter")).toBeDefined();
  expect(await simulator.control.messages(domain, "quitter")).toHaveLength(1);
});
