import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { layoutOf } from "../simulator/host/layout";
import { play, scenes, type Played } from "../rename/chain-scenes";
import { picture } from "../rename/picture";
import { provider, settingsOf } from "../rename/stage";
import { environmentOf, pulumiKerio, snapshotsDirectory } from "./command";
import { dieOf } from "./die-in";

const [ann, bea, cleo] = ["ann@example.com", "bea@example.com", "cleo@example.com"];

/** What one rename looks like, what is to be done about it, and how it ends. */
interface End {
  from: string;
  to: string;
  state: string;
  will: string;
  result: string;
}

/** A run of several renames that died at a point, and each of them as `recover` tells it. */
const deaths: { scene: "chain" | "swap"; point: string; ends: End[] }[] = [
  {
    scene: "chain",
    point: "after remove-old",
    ends: [
      // Nobody has taken the name, and the mailbox went home when the dead run ended.
      { from: ann, to: bea, state: "unmoved", will: "roll-back", result: "rolled-back" },
      { from: bea, to: cleo, state: "old-gone", will: "finish", result: "finished" },
    ],
  },
  {
    scene: "chain",
    point: "after place-mailboxes 2",
    ends: [
      { from: ann, to: bea, state: "moved", will: "finish", result: "finished" },
      { from: bea, to: cleo, state: "old-gone", will: "finish", result: "finished" },
    ],
  },
  {
    scene: "swap",
    point: "after hold-services",
    ends: [
      { from: ann, to: bea, state: "unmoved", will: "roll-back", result: "rolled-back" },
      { from: bea, to: ann, state: "unmoved", will: "roll-back", result: "rolled-back" },
    ],
  },
  {
    scene: "swap",
    point: "after remove-old",
    ends: [
      { from: ann, to: bea, state: "parked", will: "finish", result: "finished" },
      { from: bea, to: ann, state: "needed", will: "finish", result: "finished" },
    ],
  },
];

const byName = (one: { from: string }, other: { from: string }): number => one.from.localeCompare(other.from);

async function told(env: Record<string, string>, ...flags: string[]): Promise<{ open: End[]; recovered: End[] }> {
  const { stdout, stderr } = await pulumiKerio(["recover", "--json", ...flags], env);
  expect(stdout, stderr).not.toBe("");
  const { open, recovered } = JSON.parse(stdout) as { open: End[]; recovered: End[] };
  return { open: open.sort(byName), recovered: recovered.sort(byName) };
}

test.concurrent.each(deaths)("a $scene that died $point", { timeout: 240_000 }, async ({ scene, point, ends }) => {
  const played = await play(scenes[scene], { switches: { "start-delay-ms": "50", "stop-delay-ms": "20" } });
  try {
    const { simulator, requests } = played;
    const env = environmentOf(simulator);
    await dieOf(simulator, point, requests);

    const status = await pulumiKerio(["status"], env);
    expect(status.code, status.stderr).toBe(3);
    for (const { from, to } of ends) expect(status.stdout).toContain(`  ${from} → ${to}: not finished, begun `);
    expect(status.stdout.match(/→/g)).toHaveLength(ends.length);

    // The supervisor may be ending the run that died, and the engine be away for that.
    const look = () => vi.waitFor(() => picture(simulator), { timeout: 60_000, interval: 200 });
    const asleep = await look();
    const early = await pulumiKerio(["recover", "--dry-run"], env);
    expect(early.code, early.stderr).toBe(3);
    for (const { from, to } of ends) expect(early.stdout).toContain(`  ${from} → ${to}, begun `);
    expect(early.stdout.match(/→/g)).toHaveLength(ends.length);
    expect((await look()).ids).toEqual(asleep.ids);

    // From here on the run that died has ended: what is foreseen is what is done.
    await vi.waitFor(async () => expect((await pulumiKerio(["status"], env)).stdout).not.toMatch(/held|died/), {
      timeout: 60_000,
      interval: 200,
    });
    const open = ends.map(({ from, to, state, will }) => ({ from, to, state, will }));
    expect((await told(env, "--dry-run")).open).toMatchObject(open);
    await played.expectNobodyElses();
    const { open: seen, recovered } = await told(env);
    expect(seen).toMatchObject(open);
    expect(recovered).toMatchObject(ends.map(({ from, to, result }) => ({ from, to, result })));
    await played.expectNobodyElses();
    expectClosed(played);
    const after = await picture(simulator);
    expect(after.names).toEqual(
      ends.map((end) => (end.result === "finished" ? end.to : end.from).split("@")[0]).sort(),
    );
    expect(after.text).not.toContain("renaming-");
    for (const { name, messages } of played.people) {
      const end = ends.find(({ from }) => from.startsWith(`${name}@`));
      const [now = ""] = (end?.result === "finished" ? end.to : (end?.from ?? "")).split("@");
      expect(after.messages(now)).toEqual(messages);
      expect(after.account(now)).toMatchObject({ enabled: true, description: `desk of ${name}` });
      expect(after.groups[`group-${name}`]).toEqual([now]);
      expect(after.aliases[`alias-${name}`]).toEqual([`${now}@example.com`]);
    }

    const next = provider(settingsOf(simulator), { hooks: played.hooks });
    const results = await Promise.allSettled(requests.map((request) => next.coordinator.create(request)));
    await next.close();
    expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
    await played.expectDone();
  } finally {
    await played.simulator.stop();
  }
});

test.concurrent("what a dead run holds is told by a look, and seen anew first", { timeout: 240_000 }, async () => {
  const played = await play(scenes.chain, { switches: { "start-delay-ms": "50", "stop-delay-ms": "20" } });
  try {
    const env = environmentOf(played.simulator);
    await dieOf(played.simulator, "after remove-old", played.requests, 45);
    const early = await pulumiKerio(["recover", "--dry-run"], env);
    expect(early.stderr).toMatch(/held by .* pid \d+; `recover` looks again when that run has ended/);
    expect(early.stdout).toMatch(new RegExp(`${ann} → ${bea}, begun .*: the mailbox waits in the parking directory`));
    const { code, stdout, stderr } = await pulumiKerio(["recover"], env);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`${ann} → ${bea}, begun .*: the old account has its mailbox, which was not moved`),
    );
    expect(stdout).toContain(`${ann} → ${bea}: rolled back, the account ${ann} is as it was.`);
    expect(stdout).toContain(`${bea} → ${cleo}: finished.`);
  } finally {
    await played.simulator.stop();
  }
});

/** On the host every snapshot is closed, and no mailbox waits. */
function expectClosed({ simulator }: Played): void {
  const files = readdirSync(snapshotsDirectory(layoutOf(simulator.state).homeDir));
  expect(files).toEqual([expect.stringMatching(/\.closed\.json$/)]);
  const parking = join(simulator.info.store, "pulumi-kerio");
  expect(existsSync(parking) ? readdirSync(parking) : []).toEqual([]);
}
