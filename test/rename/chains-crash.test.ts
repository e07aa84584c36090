import { expect, it, vi } from "vitest";
import { play, scenes, type Played } from "./chain-scenes";
import { provider, settingsOf, type Provider } from "./stage";
import { writeNothingAtNextStop } from "./wrap-command";

const quick = { "start-delay-ms": "50", "stop-delay-ms": "20" };

const renameAll = (plugin: Provider, { requests }: Played) =>
  Promise.allSettled(requests.map((request) => plugin.coordinator.create(request)));

/** Kills the engine, which comes back with the configuration of its last stop and its doors open. */
async function crash({ simulator: { control } }: Played): Promise<void> {
  const startOf = async () => (await control.service()).pid;
  const was = await startOf();
  await control.command("kill");
  const isBack = async () => {
    const { running, pid } = await control.service();
    expect(running && pid !== was).toBe(true);
    await control.truth();
  };
  await vi.waitFor(isBack, { timeout: 30_000, interval: 50 });
}

/** What happens to the engine after a step, and how. */
const crashes = [
  ["crashes with a mailbox of a chain placed", "chain", "after place-mailboxes 2", crash, {}],
  ["crashes with the new account there", "chain", "after create-accounts 2", crash, {}],
  ["crashes with the last mailbox of a swap placed", "swap", "after place-mailboxes 3", crash, {}],
  ["is killed instead of stopped before a mailbox is placed", "chain", "before place-mailboxes 2", killStop, {}],
  [
    "is killed instead of stopped because it shows nothing of a mailbox",
    "chain",
    "after record-results 2",
    killStop,
    { "adopted-sizes": "later" },
  ],
  [
    "is stopped in order before a mailbox is placed and has written nothing",
    "chain",
    "before place-mailboxes 2",
    forgetful,
    {},
  ],
] as const;

function killStop({ simulator }: Played): Promise<unknown> {
  return simulator.control.fault("stop-timeout", { times: 1 });
}

function forgetful({ simulator }: Played): Promise<void> {
  writeNothingAtNextStop(simulator);
  return Promise.resolve();
}

it.each(crashes)(
  "nobody opens another's mail when the engine %s",
  { timeout: 240_000 },
  async (_, scene, point, strike, switches) => {
    const played = await play(scenes[scene], { switches: { ...quick, ...switches } });
    const breaches: unknown[] = [];
    const watch = () => played.expectNobodyElses().catch((error: unknown) => void breaches.push(error));
    let hasStruck = false;
    const at = async (here: string): Promise<void> => {
      if (here === point && !hasStruck) {
        hasStruck = true;
        await strike(played);
      }
      await watch();
    };
    const hooks = { before: (step: string) => at(`before ${step}`), after: (step: string) => at(`after ${step}`) };
    try {
      const plugin = provider(settingsOf(played.simulator), { hooks });
      await renameAll(plugin, played);
      await plugin.close();
      await watch();
      const next = provider(settingsOf(played.simulator), { hooks });
      expect((await renameAll(next, played)).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
      await next.close();
      expect(hasStruck).toBe(true);
      expect(breaches).toEqual([]);
      await played.expectDone();
    } finally {
      await played.simulator.stop();
    }
  },
);

it("a server that saves what it is told is stopped once", { timeout: 180_000 }, async () => {
  const counted = { "config-save": "after-change", "bind-account": "at-first-use", "adopted-sizes": "at-once" };
  const played = await play(scenes.swap, { switches: { ...quick, ...counted } });
  try {
    const plugin = provider(settingsOf(played.simulator), { hooks: played.hooks });
    expect((await renameAll(plugin, played)).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    await plugin.close();
    await played.expectDone();
    expect(await played.simulator.control.downtimes()).toHaveLength(1);
  } finally {
    await played.simulator.stop();
  }
});
