import { expect, it } from "vitest";
import { markedDescription, type RenameRecord, type Snapshot } from "../../provider/rename/snapshot";
import { applied } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ hasHadMail: true });
const { domain, nextRun, account } = stage;

it("keeps the account from which a rename that died has started", async () => {
  const made = await applied(stage.plugin, "user", undefined, { domain, name: "jdoe", logicalName: "p" });
  const description = markedDescription(
    { mark: "[pulumi-kerio 0123456789abcdef]" } as Snapshot,
    { from: "jdoe", to: "jsmith" } as RenameRecord,
  );
  const { domainId } = stage;
  const half = { domainId, loginName: "jsmith", password: "Orchard.7.Gate", isEnabled: false, description };
  await stage.simulator.adminCall("Users.create", { users: [half] });
  await nextRun();
  await expect(stage.plugin.delete("user", made.id, made.outs)).rejects.toThrow(
    /renamed to jsmith@example\.com.*pulumi up.*DELETE_REFUSED/,
  );
  expect(await account("jdoe")).toBeDefined();
});

it("is done with an account that is gone, but not where the mail host cannot tell that it was never renamed", async () => {
  const made = await applied(stage.plugin, "user", undefined, { domain, name: "gone", logicalName: "g" });
  await nextRun();
  await stage.plugin.delete("user", made.id, made.outs);
  expect(await account("gone")).toBeUndefined();
  await nextRun();
  await stage.plugin.delete("user", made.id, made.outs);
  await nextRun({ "kerio:sshPort": "1" });
  await expect(stage.plugin.delete("user", made.id, made.outs)).rejects.toThrow(
    /cannot be told.*ECONNREFUSED.*SSH_FAILED/,
  );
});

it("is done with an account whose removal goes on unheard, and is refused when it is asked for again", async () => {
  const made = await applied(stage.plugin, "user", undefined, { domain, name: "going", logicalName: "o" });
  await nextRun();
  await stage.simulator.control.setSwitch("removal-delay-ms", "3000");
  const request = { userId: made.id, method: "UDeleteUser", removeReferences: false, targetUserId: "" };
  await stage.simulator.adminCall("Users.remove", { requests: [{ ...request, mode: "DSModeDeactivate" }] });
  expect(await account("going")).toBeDefined();
  await stage.plugin.delete("user", made.id, made.outs);
  expect(await account("going")).toBeUndefined();
  await stage.simulator.control.setSwitch("removal-delay-ms", "0");
});

it("leaves an account alone that is not the one its stored outputs tell of", async () => {
  const made = await applied(stage.plugin, "user", undefined, { domain, name: "living", logicalName: "l" });
  await nextRun();
  await stage.plugin.delete("user", made.id, { ...made.outs, userId: "another", name: "earlier" });
  expect(await account("living")).toBeDefined();
  expect(stage.plugin.ear.text()).toContain("left alone");
});

it("removes what renames have left once the account is gone, when an earlier removal got no further", async () => {
  const made = await applied(stage.plugin, "user", undefined, { domain, name: "leaver", logicalName: "v" });
  const outs = { ...made.outs, previousNames: ["earlier"] };
  const row = { domainId: stage.domainId, type: "TypeEmailAddress", deliverTo: `leaver@${domain}` };
  const aliases = [
    { ...row, name: "earlier" },
    { ...row, name: "by.hand" },
  ];
  await stage.simulator.adminCall("Aliases.create", { aliases });
  await nextRun();
  await stage.simulator.control.fault("refuse", { method: "Aliases.get", times: 1 });
  await expect(stage.plugin.delete("user", made.id, outs)).rejects.toThrow(/listing aliases/);
  expect(await account("leaver")).toBeUndefined();
  await nextRun();
  await stage.plugin.delete("user", made.id, outs);
  const left = (await stage.simulator.control.truth()).aliases.map((alias) => alias["name"]);
  expect(left).toContain("by.hand");
  expect(left).not.toContain("earlier");
});

it("names the aliases that still lead to the account that is gone, those of other domains by their whole address", async () => {
  const user = await applied(stage.plugin, "user", undefined, { domain, name: "pointed", logicalName: "pt" });
  const { adminCall } = stage.simulator;
  const made = await adminCall<{ result: { id: string }[] }>("Domains.create", { domains: [{ name: "shop.example" }] });
  const row = { domainId: made.result[0]?.id, type: "TypeEmailAddress" };
  const aliases = [
    { ...row, name: "orders", deliverTo: `pointed@${domain}` },
    { ...row, name: "of.its.own", deliverTo: "pointed" },
    { ...row, domainId: stage.domainId, name: "plain", deliverTo: "pointed" },
  ];
  await adminCall("Aliases.create", { aliases });
  await nextRun();
  await stage.plugin.delete("user", user.id, user.outs);
  expect(stage.plugin.ear.text()).toContain(
    `still deliver to pointed@${domain}, which is gone: plain, orders@shop.example.`,
  );
});

it("leaves no mail to whoever bears a name that this update has taken from the heir", async () => {
  const heir = await applied(stage.plugin, "user", undefined, { domain, name: "boss", logicalName: "b" });
  const onDelete = { moveMailTo: "boss" };
  const made = await applied(stage.plugin, "user", undefined, { domain, name: "quitter", logicalName: "q", onDelete });
  await stage.simulator.deliver({ to: `quitter@${domain}`, subject: "for the boss" });
  await nextRun();
  await applied(stage.plugin, "user", heir, { domain, name: "chief", logicalName: "b" });
  await applied(stage.plugin, "user", undefined, { domain, name: "boss", logicalName: "n" });
  await expect(stage.plugin.delete("user", made.id, made.outs)).rejects.toThrow(
    /boss@example\.com, who becomes chief@example\.com.*moveMailTo: "chief".*DELETE_REFUSED/s,
  );
  expect(await account("quitter")).toBeDefined();
  expect(await stage.simulator.control.messages(domain, "quitter")).toHaveLength(1);
});

it("says how to go back where a replacement that nobody asked for has left the domain", async () => {
  const { simulator } = stage;
  await simulator.adminCall("Domains.create", { domains: [{ name: "example.org" }] });
  const declared = { domain, name: "stays", logicalName: "stays" };
  const made = await applied(stage.plugin, "user", undefined, declared);
  await nextRun();
  // A tainted resource comes to `check` without its old inputs.
  const away = await applied(stage.plugin, "user", undefined, { ...declared, domain: "example.org" });
  await expect(stage.plugin.delete("user", made.id, made.outs)).rejects.toThrow(
    /no account moves to another domain.*adopt: true.*pulumi refresh.*DELETE_REFUSED/s,
  );
  const truth = await simulator.control.truth();
  expect(truth.accounts.filter(({ name }) => name === "stays")).toHaveLength(2);
  const request = { userId: away.id, method: "UDeleteUser", removeReferences: false, targetUserId: "" };
  await simulator.adminCall("Users.remove", { requests: [{ ...request, mode: "DSModeDeactivate" }] });
  await nextRun();
  expect((await stage.plugin.read("user", away.id, away.outs)).id).toBe("");
  await nextRun();
  const back = await applied(stage.plugin, "user", undefined, { ...declared, adopt: true });
  expect(back.id).toBe(made.id);
  await stage.plugin.delete("user", made.id, made.outs);
  expect(await account("stays")).toBeDefined();
});
