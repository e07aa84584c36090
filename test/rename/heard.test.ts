import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { overview } from "../../provider/rename/overview";
import type { Snapshot } from "../../provider/rename/snapshot";
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

const directory = () => join(simulator.state, "home/.pulumi-kerio/snapshots");
const files = () => readdirSync(directory()).sort();
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

describe("the password that an update is told", { timeout: 120_000 }, () => {
  const works = (password = "") => simulator.control.login(`jsmith@${domain}`, password);

  it("is another one in the next update, as long as the engine may not have heard of it", async () => {
    const request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"));
    const { userId } = await next().coordinator.create(request);
    const finish = (isKnown: boolean) => next().coordinator.finishOpen(userId, request, isKnown);
    const lost = await finish(false);
    expect(await works(lost?.initialPassword)).toMatchObject({ ok: true });
    const heard = await finish(false);
    expect(await works(heard?.initialPassword)).toMatchObject({ ok: true });
    expect(await told(next())).toEqual({ [`jsmith@${domain}`]: "finished" });
    expect(files()).toEqual([closed]);

    expect((await finish(true))?.initialPassword).toBeUndefined();
    expect(await works(heard?.initialPassword)).toMatchObject({ ok: true });
    expect(await told(next())).toEqual({ [`jsmith@${domain}`]: "heard" });
    expect(await finish(false)).toBeUndefined();
  });

  it("is told although a later snapshot does not fit the server", async () => {
    const request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"));
    const { userId } = await next().coordinator.create(request);
    const [file = ""] = files();
    const snapshot = JSON.parse(readFileSync(join(directory(), file), "utf8")) as Snapshot;
    const later: Snapshot = { ...snapshot, id: "f".repeat(snapshot.id.length), storePath: "/", results: {} };
    writeFileSync(join(directory(), `${later.id}.open.json`), JSON.stringify(later), { mode: 0o600 });

    const finishing = next();
    const result = await finishing.coordinator.finishOpen(userId, request, false);
    expect(await works(result?.initialPassword)).toMatchObject({ ok: true });
    expect(finishing.lines.join("\n")).toMatch(/snapshot f+ .*the store is "\/"/);
  });
});
