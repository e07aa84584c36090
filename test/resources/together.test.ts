import { expect, it } from "vitest";
import { applied } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ ssh: false });
const { domain } = stage;

const names = ["a", "b", "c", "d", "e", "f"];
const alias = (name: string, description: string) => ({
  domain,
  name,
  deliverTo: "archive@example.org",
  description,
  logicalName: name,
});

it("what is asked for at one moment travels in few calls, whether it is made, changed or removed", async () => {
  const { simulator } = stage;
  const few = async (method: string): Promise<void> => {
    const calls = (await simulator.control.calls()).filter((call) => call.method === method);
    // One, unless the machine is so slow that the last comes when the first has gone.
    expect(calls.length, method).toBeGreaterThan(0);
    expect(calls.length, method).toBeLessThanOrEqual(names.length / 2);
  };
  const made = await Promise.all(
    names.map((name) => applied(stage.plugin, "alias", undefined, alias(name, "as made"))),
  );
  await few("Aliases.create");
  const changed = await Promise.all(
    names.map((name, index) => applied(stage.plugin, "alias", made[index], alias(name, "as changed"))),
  );
  await few("Aliases.set");
  expect((await stage.aliases("a")).map((row) => row["description"])).toEqual(["as changed"]);
  await stage.nextRun();
  await Promise.all(changed.map(({ id, outs }) => stage.plugin.delete("alias", id, outs)));
  await few("Aliases.remove");
  expect(await stage.aliases("f")).toEqual([]);

  const user = (name: string) => ({ domain, name, logicalName: `user ${name}` });
  const users = await Promise.all(names.map((name) => applied(stage.plugin, "user", undefined, user(name))));
  const named = { fullName: "A Person" };
  const known = await Promise.all(
    users.map((one, index) => applied(stage.plugin, "user", one, { ...user(names[index] ?? ""), ...named })),
  );
  await few("Users.set");
  await stage.nextRun();
  await Promise.all(known.map(({ id, outs }) => stage.plugin.delete("user", id, outs)));
  await few("Users.remove");
  expect(await stage.names()).toEqual([]);
});
