import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { ServerSettings } from "../../provider/config";
import { stagesOf, type Stage } from "../../provider/rename/run";
import { play, scenes, type Played, type Scene } from "./chain-scenes";
import { provider, settingsOf } from "./stage";

const worker = resolve(__dirname, "../../dist/test/rename/renames.worker.js");
const quick = { "start-delay-ms": "50", "stop-delay-ms": "20" };

/** Steps that look, that find nothing to do where nobody is about, or that one call for all has done already. */
const quiet = ["see-adoption", "sweep-strays", "write-contacts", "repoint"];

/** The steps of a run with several waves, by the names that its hooks are called with. */
function stepsWith(waves: number, isWanted: (stage: Stage) => boolean): string[] {
  const steps = stagesOf("accountFirst", waves).filter(({ step }) => !step.doneAtOnce && !quiet.includes(step.name));
  return steps.filter(isWanted).map(({ point }) => point);
}

const isTurn = ({ step }: Stage): boolean => ["place-mailboxes", "remove-old"].includes(step.name);

/**
 * What is true after one step is true before the next: each boundary is died at once. The third wave of a circle, and
 * the second of a chain, differ from the second of the circle only in who waits for whom.
 */
const cases = [
  ...stepsWith(3, (stage) => stage.wave !== 2 || isTurn(stage)).map((point) => ({ name: "swap" as const, point })),
  ...stepsWith(2, (stage) => stage.wave === "all" || (stage.wave === 1 && isTurn(stage))).map((point) => ({
    name: "chain" as const,
    point,
  })),
].map(({ name, point }) => ({ name, point: `after ${point}` }));

const left = ["hold-services", "create-accounts 2", "remove-old 2", "place-mailboxes 3"];

describe.concurrent("nobody comes back after a run of dependent renames has died", () => {
  it.each(left)("after %s: everybody keeps an account, and nobody opens another's mail", { timeout: 240_000 }, (step) =>
    onStage(scenes.swap, async (played) => {
      const { control } = played.simulator;
      expect(await dieAt(played, `after ${step}`)).toContain(`dies after ${step}`);
      const stops = (await control.downtimes()).length;
      await expect.poll(async () => (await control.downtimes()).length, { timeout: 60_000 }).toBe(stops + 1);
      await expect.poll(async () => (await control.service()).running, { timeout: 60_000 }).toBe(true);
      await expect
        .poll(() => control.truth().then(({ services }) => services.every((s) => s.isRunning)), { timeout: 60_000 })
        .toBe(true);
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

describe.concurrent("a run of dependent renames whose process is killed", () => {
  it.each(cases)("$name, $point: is finished by the next run", { timeout: 240_000 }, ({ name, point }) =>
    onStage(scenes[name], async (played) => {
      expect(await dieAt(played, point)).toContain(`dies ${point}`);
      await played.expectNobodyElses();
      const next = provider(quickly(played), { hooks: played.hooks });
      const results = await Promise.allSettled(played.requests.map((request) => next.coordinator.create(request)));
      await next.close();
      expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
      await played.expectDone();
      expect(parkingOf(played)).toEqual([]);
    }),
  );
});

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
