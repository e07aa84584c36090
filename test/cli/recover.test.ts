import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Supervisor } from "../../provider/host/supervisor";
import { openHost } from "../../provider/rename/mail-server";
import { underSupervision } from "../../provider/rename/take-host";
import { stackConfig } from "../helpers/stack";
import type { Simulator } from "../helpers/start-simulator";
import { loseDomain } from "../rename/meddle";
import { picture } from "../rename/picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage } from "../rename/stage";
import { layoutOf } from "../simulator/host/layout";
import { environmentOf, pulumiKerio, snapshotsDirectory, type CliResult } from "./command";
import { dieIn } from "./die-in";

// Each death costs the time after which the host puts itself back.
vi.setConfig({ testTimeout: 180_000 });

interface Host {
  simulator: Simulator;
  env: Record<string, string>;
}

const it = test.extend<Host>({
  // eslint-disable-next-line no-empty-pattern
  simulator: async ({}, use) => {
    const simulator = await stage();
    await use(simulator);
    await simulator.stop();
  },
  env: ({ simulator }, use) => use(environmentOf(simulator)),
});

const [from, to] = [`jdoe@${domain}`, `jsmith@${domain}`];
const snapshots = (simulator: Simulator) => readdirSync(snapshotsDirectory(layoutOf(simulator.state).homeDir));

interface Told {
  server: string;
  dryRun: boolean;
  open: Record<string, unknown>[];
  recovered: Record<string, unknown>[];
}

async function recoverJson(env: Record<string, string>, ...flags: string[]): Promise<Told & { code: number | null }> {
  const { code, stdout, stderr } = await pulumiKerio(["recover", "--json", ...flags], env);
  expect(stdout, stderr).not.toBe("");
  return { code, ...(JSON.parse(stdout) as Told) };
}

/** A person is there once, under the new name, with everything she had. */
async function expectDone(simulator: Simulator, before: Awaited<ReturnType<typeof picture>>): Promise<void> {
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "jsmith"]);
  expect(after.directories).toEqual({ jsmith: before.directories.jdoe });
  expect(after.messages("jsmith")).toEqual(before.messages("jdoe"));
  expect(after.account("jsmith")).toMatchObject({ enabled: true, description: "accounting" });
  expect(after.groups).toEqual({ staff: ["jsmith"] });
  expect(after.lists).toEqual({ news: ["jsmith Moderator"] });
  expect(after.aliases).toEqual({ books: [to], jdoe: [to] });
  expect(after.services).toEqual(before.services);
}

it.concurrent("asks the server that --server names", async ({ simulator, env }) => {
  const config = Object.entries(stackConfig(simulator)).map(([key, value]) => [key.slice("kerio:".length), value]);
  const second = Object.fromEntries(config) as Record<string, string>;
  const named = { ...env, KERIO_URL: "https://127.0.0.1:1", KERIO_SERVERS: JSON.stringify({ second }) };
  expect(await recoverJson(named, "--server", "second")).toMatchObject({ code: 0, server: simulator.info.adminUrl });
  expect(await pulumiKerio(["recover", "--server", "third"], named)).toMatchObject({ code: 1 });
});

it.concurrent("says that nothing is open on a host that never saw a rename", async ({ simulator, env }) => {
  expect(await pulumiKerio(["recover"], env)).toMatchObject({ code: 0, stdout: "Nothing is open.\n" });
  expect(await recoverJson(env)).toEqual({
    code: 0,
    server: simulator.info.adminUrl,
    dryRun: false,
    open: [],
    recovered: [],
  });
  expect(await pulumiKerio(["status"], env)).toMatchObject({
    code: 0,
    stdout: "No rename has left anything on the mail host.\n",
  });
});

it.concurrent(
  "finishes a rename whose mailbox was moved; the next run takes the account over and gives a password",
  async ({ simulator, env }) => {
    const before = await picture(simulator);
    const oldId = await dieIn(simulator, "after move-mailboxes");
    const seen = await pulumiKerio(["status"], env);
    expect(seen.code, seen.stdout).toBe(3);
    expect(seen.stdout).toMatch(new RegExp(`^Open:\n  ${from} → ${to}: not finished, begun .* ago`, "m"));

    const look = await recoverJson(env, "--dry-run");
    const line = { from, to, state: "moved", will: "finish" };
    expect(look).toMatchObject({ code: 3, dryRun: true, open: [line], recovered: [] });
    expect((await picture(simulator)).names).toEqual(["asmith", "jdoe", "jsmith"]);

    const { code, stdout, stderr } = await pulumiKerio(["recover"], env);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain(`  ${from} → ${to}, begun`);
    expect(stdout).toContain(`${from} → ${to}: finished. Nobody knows its password`);
    await expectDone(simulator, before);
    expect(stdout + stderr).not.toContain(env["KERIO_PASSWORD"]);

    const [file = ""] = snapshots(simulator);
    expect(snapshots(simulator)).toEqual([expect.stringMatching(/^[0-9a-f]+\.closed\.json$/)]);
    const path = join(snapshotsDirectory(layoutOf(simulator.state).homeDir), file);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).not.toContain("Orchard.7.Gate");
    const told = await pulumiKerio(["status", "--json"], env);
    expect(told.code).toBe(0);
    expect(JSON.parse(told.stdout)).toMatchObject({
      server: simulator.info.adminUrl,
      holder: null,
      snapshots: [{ open: false, renames: [{ from, to, state: "finished" }] }],
    });
    expect(await recoverJson(env)).toMatchObject({ code: 0, open: [], recovered: [] });

    const downtimes = (await simulator.control.downtimes()).length;
    const newId = await idOf(simulator, "jsmith");
    const next = provider(settingsOf(simulator));
    expect(await next.coordinator.fate(oldId)).toMatchObject({ kind: "renamed", hasProgramsPassword: false });
    expect(
      (await next.coordinator.checkRename({ domain, from: "jdoe", to: "jsmith", keepOldAddress: true })).refusals,
    ).toEqual([]);
    const result = await next.coordinator.create(renameRequest("jdoe", "jsmith", oldId));
    expect(result.userId).toBe(newId);
    expect((await simulator.control.login("jsmith", result.initialPassword ?? "")).ok).toBe(true);
    await next.coordinator.heard(oldId);
    expect(await next.coordinator.fate(oldId)).toEqual({ kind: "gone" });
    await next.close();
    await expectDone(simulator, before);
    expect((await simulator.control.downtimes()).length).toBe(downtimes);
    expect(snapshots(simulator)).toEqual([file]);
  },
);

it.concurrent("rolls back a rename whose mailbox was not moved", async ({ simulator, env }) => {
  const before = await picture(simulator);
  await dieIn(simulator, "after create-accounts");
  const told = await recoverJson(env);
  expect(told).toMatchObject({
    code: 0,
    open: [{ from, to, state: "unmoved", will: "roll-back" }],
    recovered: [{ from, to, result: "rolled-back", passwordUnknown: false }],
  });
  const after = await picture(simulator);
  expect(after.names).toEqual(before.names);
  expect(after.directories).toEqual(before.directories);
  expect(after.groups).toEqual(before.groups);
  expect(after.aliases).toEqual(before.aliases);
  expect(snapshots(simulator)).toEqual([expect.stringMatching(/closed\.json$/)]);
});

it.concurrent("closes what was finished and never heard", async ({ simulator, env }) => {
  await dieIn(simulator, "after set-passwords");
  await pulumiKerio(["recover"], env);
  const next = provider(settingsOf(simulator));
  const other = await idOf(simulator, "asmith");
  await next.coordinator.create(renameRequest("asmith", "bdoe", other));
  await next.close();
  const told = await recoverJson(env);
  expect(told).toMatchObject({
    code: 0,
    open: [{ from: `asmith@${domain}`, state: "finished", will: "close" }],
    recovered: [{ from: `asmith@${domain}`, result: "finished", passwordUnknown: false }],
  });
  expect(snapshots(simulator)).toHaveLength(2);
  expect(snapshots(simulator).every((name) => name.endsWith(".closed.json"))).toBe(true);
});

it.concurrent("tells what it cannot finish, and goes on from there the next time", async ({ simulator, env }) => {
  const before = await picture(simulator);
  await dieIn(simulator, "after remove-old");
  await simulator.control.fault("refuse", { method: "Users.set", code: 1000, message: "not now" });
  const refused = await recoverJson(env);
  expect(refused).toMatchObject({ code: 3, recovered: [{ from, to, result: "open" }] });
  expect(refused.recovered[0]?.["error"]).toContain("not now");
  expect(snapshots(simulator)).toEqual([expect.stringMatching(/open\.json$/)]);
  await simulator.control.clearFaults();
  expect(await recoverJson(env)).toMatchObject({ code: 0, open: [{ state: "old-gone" }] });
  await expectDone(simulator, before);
});

it.concurrent("closes what was open in a domain that was removed, and says so", async ({ simulator, env, expect }) => {
  await loseDomain(simulator);
  const [left, state] = [{ from: "leaver@old.example", to: "left@old.example" }, "domain-gone"];
  expect(await recoverJson(env, "--dry-run")).toMatchObject({ code: 3, open: [{ ...left, state, will: "close" }] });
  const { code, stdout, stderr } = await pulumiKerio(["recover"], env);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/leaver@old\.example → left@old\.example: over\. .*accounts are on the server no more/);
  expect(snapshots(simulator)).toEqual([expect.stringMatching(/closed\.json$/)]);
  const status = await pulumiKerio(["status", "--json"], env);
  expect(JSON.parse(status.stdout)).toMatchObject({ snapshots: [{ open: false, renames: [{ ...left, state }] }] });
});

/** Holds the mail host as a run of that stack does, for as long as `work` takes. */
async function holding(
  simulator: Simulator,
  caller: string,
  work: (supervisor: Supervisor) => Promise<void>,
): Promise<void> {
  const { server, close } = provider(settingsOf(simulator));
  const host = await openHost(server);
  try {
    await underSupervision({ ...server, caller }, host, [domain], (_facts, supervisor) => work(supervisor));
  } finally {
    await host.close();
    await close();
  }
}

it.concurrent(
  "ends a run that died with the service stopped, over SSH alone, and goes on",
  async ({ simulator, env }) => {
    const before = await picture(simulator);
    await dieIn(simulator, "after create-accounts");
    await holding(simulator, "stack dev", async (supervisor) => {
      await supervisor.stop();
      const run = join(layoutOf(simulator.state).homeDir, ".pulumi-kerio/runs", supervisor.run);
      for (const role of ["guard", "main"]) {
        process.kill(Number(readFileSync(join(run, role), "utf8").split(" ")[0]), "SIGKILL");
      }
    });
    expect((await simulator.control.service()).running).toBe(false);
    const status = await pulumiKerio(["status"], env);
    expect(status.stdout).toMatch(/^A run of .* pid \d+, stack dev died while it held the mail host/);
    expect(await recoverJson(env, "--dry-run")).toMatchObject({ code: 3, open: [{ state: "unknown", will: "look" }] });
    expect((await simulator.control.service()).running).toBe(false);

    const { code, stdout, stderr } = await pulumiKerio(["recover"], env);
    expect(code, stdout + stderr).toBe(0);
    expect(stderr).toContain("the supervisor and its guard were killed; ; the service runs");
    expect(stdout).toContain(`${from} → ${to}: rolled back`);
    const after = await picture(simulator);
    expect(after.names).toEqual(before.names);
    expect(after.services).toEqual(before.services);
  },
);

it.concurrent("waits for another run and says for whom, with a bound", async ({ simulator, env }) => {
  await dieIn(simulator, "after create-accounts");
  let waiting: Promise<CliResult> | undefined;
  await holding(simulator, "stack dev", async () => {
    const status = await pulumiKerio(["status"], env);
    expect(status.stdout).toMatch(/^The mail host is held by .*@.* pid \d+, stack dev\./);
    const busy = await pulumiKerio(["recover", "--wait", "1"], env);
    expect(busy.code).toBe(1);
    expect(busy.stderr).toMatch(
      /held by .* pid \d+, stack dev.*whichever mail server on it is meant.*\[RENAME_BUSY\]/s,
    );
    await new Promise<void>((said) => {
      const onMessage = (text: string) => {
        if (/Waiting for .* pid \d+, stack dev, which holds the mail host/.test(text)) said();
      };
      waiting = pulumiKerio(["recover"], env, { onMessage });
      void waiting.then(() => said());
    });
  });
  const { code, stdout, stderr } = await (waiting as Promise<CliResult>);
  expect(code, stdout + stderr).toBe(0);
  expect(stderr).toMatch(/Waiting for .* pid \d+, stack dev, which holds the mail host/);
});

it.concurrent("is waited for by an update, which is told that it is recover", async ({ simulator, env, expect }) => {
  await dieIn(simulator, "after create-accounts");
  await simulator.control.fault("delay", { method: "Users.remove", ms: 4000, times: 1 });
  const recovering = pulumiKerio(["recover"], env);
  const lock = join(layoutOf(simulator.state).homeDir, ".pulumi-kerio/lock");
  const owner = async () => expect((await pulumiKerio(["status"], env)).stdout).toMatch(/held by .*, recover\./);
  await vi.waitFor(owner, { timeout: 30_000, interval: 200 });
  expect(readdirSync(lock)).toHaveLength(1);
  const update = provider(settingsOf(simulator));
  const result = await update.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  await update.close();
  expect((await recovering).code).toBe(0);
  expect(update.lines.join("\n")).toMatch(/Waiting for .*, recover, which holds the mail host/);
  expect((await simulator.control.login("jsmith", result.initialPassword ?? "")).ok).toBe(true);
  expect((await picture(simulator)).names).toEqual(["asmith", "jsmith"]);
});
