import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { ServerSettings } from "../../provider/config";
import { play, scenes, type Played, type Scene } from "./chain-scenes";
import { provider, settingsOf } from "./stage";

const worker = resolve(__dirname, "../../dist/test/rename/renames.worker.js");
const quick = { "start-delay-ms": "50", "stop-delay-ms": "20" };

const left = ["hold-services", "create-accounts 2", "remove-old 2", "place-mailboxes 3"];

describe.concurrent("nobody comes back after a run of dependent renames has died", () => {
  it.each(left)("after %s: everybody keeps an account, and nobody opens another's mail", { timeout: 240_000 }, (step) =>
    onStage(scenes.swap, async (played) => {
      const { control } = played.simulator;
      expect(await dieAt(played, `after ${step}`)).toContain(`dies after ${step}`);
      // A mailbox that was placed in a stop of its own leaves the services open.
      const isHeld = !step.startsWith("place-mailboxes");
      const stops = (await control.downtimes()).length + (isHeld ? 1 : 0);
      await soon(async () => expect((await control.downtimes()).length).toBe(stops));
      await soon(async () => expect((await control.truth()).services.every((service) => service.isRunning)).toBe(true));
      await played.expectNobodyElses();
      const { accounts } = await control.truth();
      // The new account of a name that passes on is enabled from the beginning, beside the person's old one.
      const enabled = step === "create-accounts 2" ? 3 : 2;
      expect(accounts.filter((account) => account.enabled)).toHaveLength(enabled);
      for (const { name } of played.people)
        await played.simulator.deliver({ to: `alias-${name}@example.com`, subject: "meanwhile" });
      await played.expectNobodyElses();
      const next = provider(quickly(played), { hooks: played.hooks });
      const results = await Promise.allSettled(played.requests.map((request) => next.coordinator.create(request)));
      await next.close();
      expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
      await played.expectAllThere("meanwhile");
      expect(parkingOf(played).filter((entry) => entry.startsWith("mailbox-"))).toEqual([]);
    }),
  );
});

/** Among concurrent tests `expect.poll` does not know whose it is. */
function soon(seen: () => Promise<void>): Promise<void> {
  return vi.waitFor(seen, { timeout: 60_000, interval: 200 });
}

async function onStage(scene: Scene, act: (played: Played) => Promise<void>): Promise<void> {
  const played = await play(scene, { switches: quick });
  try {
    await act(played);
  } finally {
    await played.simulator.stop();
  }
}

function parkingOf({ simulator }: Played): string[] {
  const parking = join(simulator.info.store, "pulumi-kerio");
  return existsSync(parking) ? readdirSync(parking) : [];
}

/** Settings with which the host notices a death soon. */
function quickly({ simulator }: Pick<Played, "simulator">): ServerSettings {
  const settings = settingsOf(simulator);
  return { ...settings, timeouts: { ...settings.timeouts, supervisor: 8 } };
}

async function dieAt({ simulator, requests }: Played, point: string): Promise<string> {
  const settingsFile = join(simulator.state, "settings.json");
  writeFileSync(settingsFile, JSON.stringify(quickly({ simulator })), { mode: 0o600 });
  const child = spawn(process.execPath, [worker, settingsFile, JSON.stringify(requests), point], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (output += part));
  await new Promise((done) => child.once("close", done));
  return output;
}
