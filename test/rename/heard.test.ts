import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { overview } from "../../provider/rename/overview";
import { aroundCalls } from "./meddle";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";
import type { CoordinatorOptions } from "../../provider/rename/coordinator";

let simulator: Simulator;
const open: Provider[] = [];

beforeEach(async () => {
  simulator = await stage({ switches: { "start-delay-ms": "50", "stop-delay-ms": "20" } });
});
afterEach(async () => {
  for (const plugin of open.splice(0)) await plugin.close();
  await simulator.stop();
});

function next(options?: CoordinatorOptions): Provider {
  const plugin = provider(settingsOf(simulator), options);
  open.push(plugin);
  return plugin;
}

const files = () => readdirSync(join(simulator.state, "home/.pulumi-kerio/snapshots")).sort();
const closed: unknown = expect.stringMatching(/^[0-9a-f]+\.closed\.json$/);

/** What the host tells of the renames, by their new address. */
async function told(plugin: Provider): Promise<Record<string, string>> {
  const { snapshots } = await overview(plugin.server);
  return Object.fromEntries(snapshots.flatMap(({ renames }) => renames.map(({ to, state }) => [to, state])));
}

describe("what an engine hears while another run holds the host", { timeout: 180_000 }, () => {
  it("costs that run nothing, is not lost, and is closed by whoever comes next", async () => {
    const [jdoe, asmith] = [await idOf(simulator, "jdoe"), await idOf(simulator, "asmith")];
    const first = next();
    await first.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
    // The other run has read the snapshots by then.
    const hear = (step: string) => (step === "write-snapshot" ? first.coordinator.heard(jdoe) : undefined);
    const other = next({ hooks: { before: hear, after: () => {} } });
    await other.coordinator.create(renameRequest("asmith", "bsmith", asmith));
    expect((await picture(simulator)).names).toEqual(["bsmith", "jsmith"]);
    expect(await told(first)).toEqual({ [`jsmith@${domain}`]: "heard", [`bsmith@${domain}`]: "finished" });

    await other.coordinator.heard(asmith);
    expect(files()).toEqual([closed, closed]);
    expect(await told(first)).toEqual({ [`jsmith@${domain}`]: "heard", [`bsmith@${domain}`]: "heard" });
  });

  it("costs it nothing between its look at a snapshot and its word about it", async () => {
    const [jdoe, asmith] = [await idOf(simulator, "jdoe"), await idOf(simulator, "asmith")];
    const first = next();
    await first.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
    const other = next();
    let heard: Promise<void> | undefined;
    let lists = 0;
    // The third list is the one that the run holds the snapshot against.
    aroundCalls(other.server.client, async ({ method }, call) => {
      if (method === "Users.get" && ++lists >= 3) await (heard ??= first.coordinator.heard(jdoe));
      return call();
    });
    await other.coordinator.create(renameRequest("asmith", "bsmith", asmith));
    expect(heard).toBeDefined();
    expect((await picture(simulator)).names).toEqual(["bsmith", "jsmith"]);
    expect((await told(first))[`jsmith@${domain}`]).toBe("heard");
  });
});

it("an engine's word leaves nothing but the closed snapshot", { timeout: 120_000 }, async () => {
  const jdoe = await idOf(simulator, "jdoe");
  const plugin = next();
  await plugin.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
  await plugin.coordinator.heard(jdoe);
  expect(files()).toEqual([closed]);
});
