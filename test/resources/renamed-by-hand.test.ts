import { expect, it } from "vitest";
import { applied, type Props } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ hasHadMail: true });
const { domain, nextRun, names } = stage;
const person = (name: string, more: Props = {}): Props => ({ domain, name, logicalName: name, ...more });

it("keeps the account of a rename that has failed from the removal of its old resource, until the rename is done", async () => {
  const made = await applied(stage.plugin, "user", undefined, person("wanda"));
  await nextRun();
  const declared = person("wendy", { logicalName: "new", renamedFrom: "wanda" });
  const { inputs } = await stage.plugin.check("user", {}, declared);
  await stage.simulator.control.fault("refuse", { method: "Users.create", code: 1000, message: "no" });
  await expect(stage.plugin.create("user", inputs)).rejects.toThrow(/RENAME_ROLLED_BACK/);
  await stage.simulator.control.clearFaults();
  // What --continue-on-error makes of it.
  await expect(stage.plugin.delete("user", made.id, made.outs)).rejects.toThrow(
    /wanda@example\.com: removing it .* renamed to wendy, .* what "new" says .*DELETE_REFUSED/,
  );
  expect(await names()).toContain("wanda");

  await stage.plugin.create("user", inputs);
  await stage.plugin.delete("user", made.id, made.outs);
  expect(await names()).toEqual(["wendy"]);
});

it("keeps it also before the rename has begun, as long as the program names it", async () => {
  const made = await applied(stage.plugin, "user", undefined, person("xara"));
  await nextRun();
  await stage.plugin.check("user", {}, person("xenia", { logicalName: "other", renamedFrom: "xara" }));
  await expect(stage.plugin.delete("user", made.id, made.outs)).rejects.toThrow(/DELETE_REFUSED/);
  expect(await names()).toContain("xara");
  await nextRun();
  await stage.plugin.delete("user", made.id, made.outs);
  expect(await names()).not.toContain("xara");
});

it("lets an alias under the old name wait for the rename", async () => {
  await applied(stage.plugin, "user", undefined, person("rose"));
  await nextRun();
  const alias = { domain, name: "rose", deliverTo: "rosalie", logicalName: "alias" };
  const row = await stage.plugin.check("alias", {}, alias);
  const user = await stage.plugin.check("user", {}, person("rosalie", { renamedFrom: "rose" }));
  const both = Promise.all([stage.plugin.create("alias", row.inputs), stage.plugin.create("user", user.inputs)]);
  await new Promise((resolve) => setTimeout(resolve, 900));
  await stage.simulator.deliver({ to: `rose@${domain}`, subject: "meanwhile" });
  await both;
  const messages = await stage.simulator.control.messages(domain, "rosalie");
  expect(messages.map(({ subject }) => subject)).toEqual(["meanwhile"]);
  expect(await stage.aliases("rose")).toHaveLength(1);
});
