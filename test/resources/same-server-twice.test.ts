import { expect, it } from "vitest";
import { applied, type Props } from "../helpers/dynamic-server";
import { stackConfig } from "../helpers/stack";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ hasHadMail: true });
const { domain, nextRun, names } = stage;
const person = (logicalName: string, more: Props = {}): Props => ({ domain, name: "kate", logicalName, ...more });
const alias = (logicalName: string, more: Props = {}): Props => ({
  domain,
  name: "sales",
  deliverTo: "kate",
  logicalName,
  ...more,
});

/** Settings of the stack in which "north" is the stack's own server once more. */
function northToo(): Record<string, string> {
  const own = Object.entries(stackConfig(stage.simulator));
  const north = Object.fromEntries(own.map(([key, value]) => [key.slice("kerio:".length), value]));
  return { "kerio:servers": JSON.stringify({ north }) };
}

it("leaves alone what another resource has taken over under another name of the server, in that update and later", async () => {
  const made = await applied(stage.plugin, "user", undefined, person("old"));
  const row = await applied(stage.plugin, "alias", undefined, alias("old-alias"));
  await nextRun(northToo());
  const north = { server: "north" };
  const now = await applied(stage.plugin, "user", undefined, person("new", { ...north, adopt: true }));
  const nowRow = await applied(stage.plugin, "alias", undefined, alias("new-alias", north));
  expect([now.id, nowRow.id]).toEqual([made.id, row.id]);
  const expectLeftAlone = async () => {
    await stage.plugin.delete("user", made.id, made.outs);
    await stage.plugin.delete("alias", row.id, row.outs);
    expect(await names()).toEqual(["kate"]);
    expect(await stage.aliases("sales")).toHaveLength(1);
    expect(stage.plugin.ear.text()).toMatch(
      /kate@example\.com is left alone: the resource "new" holds an account of that id/,
    );
  };
  await expectLeftAlone();

  await nextRun(northToo());
  const declared = [
    ["user", now, person("new", { ...north, adopt: true })],
    ["alias", nowRow, alias("new-alias", north)],
  ] as const;
  for (const [kind, state, inputs] of declared) {
    const checked = await stage.plugin.check(kind, state.inputs, inputs);
    expect(await stage.plugin.diff(kind, state.id, state.outs, checked.inputs)).toMatchObject({ changes: false });
  }
  await expectLeftAlone();
});

it("leaves an alias alone whose resource has moved to another name of the server, in that update and later", async () => {
  const row = await applied(stage.plugin, "alias", undefined, alias("moving", { name: "info" }));
  await nextRun(northToo());
  const now = await applied(stage.plugin, "alias", undefined, alias("moving", { name: "info", server: "north" }));
  expect(now.id).toBe(row.id);
  await stage.plugin.delete("alias", row.id, row.outs);
  expect(await stage.aliases("info")).toHaveLength(1);
  await nextRun(northToo());
  await stage.plugin.diff("alias", now.id, now.outs, now.inputs);
  await stage.plugin.delete("alias", row.id, row.outs);
  expect(await stage.aliases("info")).toHaveLength(1);
});

it("removes it with the last of two that are removed together, also after a refresh", async () => {
  const made = await applied(stage.plugin, "user", undefined, person("one", { name: "lena" }));
  await nextRun(northToo());
  const two = person("two", { name: "lena", server: "north", adopt: true });
  const now = await applied(stage.plugin, "user", undefined, two);
  await nextRun(northToo());
  for (const { id, outs, inputs } of [made, now]) await stage.plugin.diff("user", id, outs, inputs);
  await Promise.all([made, now].map(({ id, outs }) => stage.plugin.delete("user", id, outs)));
  expect(await names()).not.toContain("lena");
});
