import { expect, it, vi } from "vitest";
import { promisedDescription } from "../../provider/rename/steps/addresses";
import { dieOf } from "../cli/die-in";
import { applied, PartialFailure, type Props } from "../helpers/dynamic-server";
import { renameRequest } from "../rename/stage";
import { pluginStage } from "./plugin-stage";

// A run that died holds the host until it has been silent for long enough.
vi.setConfig({ testTimeout: 60_000 });

const stage = pluginStage({ hasHadMail: true });
const { domain, nextRun } = stage;
const person = (name: string, more: Props = {}): Props => ({ domain, name, logicalName: name, ...more });
const subjects = async (name: string) =>
  (await stage.simulator.control.messages(domain, name)).map(({ subject }) => subject);

/** A create during which the server refuses a method. */
async function createdBut(method: string, declared: Props): Promise<{ failure: PartialFailure; inputs: Props }> {
  await stage.simulator.control.fault("refuse", { method, code: 1000, message: "not now" });
  const { inputs } = await stage.plugin.check("user", {}, declared);
  const failure = await stage.plugin.create("user", inputs).catch((error: unknown) => error);
  await stage.simulator.control.clearFaults();
  expect(failure).toBeInstanceOf(PartialFailure);
  return { failure: failure as PartialFailure, inputs };
}

/** What the next update of another process makes of it. */
async function updated({ failure, inputs }: Awaited<ReturnType<typeof createdBut>>, declared: Props): Promise<Props> {
  await nextRun();
  const { id, properties } = failure;
  const again = await stage.plugin.check("user", inputs, declared);
  expect(await stage.plugin.diff("user", id, properties, again.inputs)).toMatchObject({ changes: true, replaces: [] });
  return stage.plugin.update("user", id, properties, again.inputs);
}

it("a contact that the server refused to a new account is given by the next update", async () => {
  const declared = person("olga", { contact: { firstName: "Olga" } });
  const made = await createdBut("Users.setPersonalContact", declared);
  expect(made.failure.properties).not.toHaveProperty("contact");
  const outs = await updated(made, declared);
  expect(outs).toMatchObject({ contact: { firstName: "Olga" } });
  expect(outs).not.toHaveProperty("unfinished");
  expect((await stage.account("olga"))?.["contact"]).toMatchObject({ firstName: "Olga" });
});

it("an alias that bore a newcomer's name and could not be removed is removed by the next update", async () => {
  const description = promisedDescription;
  await applied(stage.plugin, "user", undefined, person("piers"));
  const row = {
    domainId: stage.domainId,
    name: "paul",
    deliverTo: `piers@${domain}`,
    type: "TypeEmailAddress",
    description,
  };
  await stage.simulator.adminCall("Aliases.create", { aliases: [row] });
  await nextRun();
  const declared = person("paul");
  const made = await createdBut("Aliases.remove", declared);
  expect(await stage.aliases("paul")).toHaveLength(1);
  expect(await updated(made, declared)).not.toHaveProperty("unfinished");
  expect(await stage.aliases("paul")).toEqual([]);
  await stage.simulator.deliver({ to: `paul@${domain}`, subject: "to paul" });
  expect([await subjects("paul"), await subjects("piers")]).toEqual([["to paul"], []]);
});

it("a refresh tells of a rename that stopped half-way, although the program has taken the name back", async () => {
  const made = await applied(stage.plugin, "user", undefined, person("jdoe"));
  await stage.simulator.deliver({ to: `jdoe@${domain}`, subject: "before" });
  await nextRun();
  await stage.plugin.read("user", made.id, made.outs);
  expect(stage.plugin.ear.text()).not.toContain("has begun to rename");
  await dieOf(stage.simulator, "after move-mailboxes", [renameRequest("jdoe", "jsmith", made.id)]);
  await nextRun();
  await stage.plugin.read("user", made.id, made.outs);
  expect(stage.plugin.ear.text()).toMatch(
    /has begun to rename jdoe@example\.com to jsmith@example\.com .*pulumi up` with the name jsmith, or `npx pulumi-kerio recover`/,
  );
});
