import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it, vi } from "vitest";
import { KerioError } from "../../provider/errors";
import { recoverAll } from "../../provider/rename/recover-all";
import type { Simulator } from "../helpers/start-simulator";
import { plantStray, straySubject } from "./crash/trigger";
import { aroundCalls } from "./meddle";
import { picture } from "./picture";
import { domain, idOf, madeAtFirstUse, provider, renameRequest, settingsOf, stage } from "./stage";

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(switches: Record<string, string> = {}): Promise<Simulator> {
  const simulator = await stage({
    switches: { "start-delay-ms": "50", "stop-delay-ms": "20", ...madeAtFirstUse, ...switches },
  });
  open.push(() => simulator.stop());
  return simulator;
}

const subjectsOf = async ({ control }: Simulator, name: string) =>
  (await control.messages(domain, name)).map((message) => message.subject).sort();

/** Kills the supervisor of the run that is at work, which hears of it when its guard has ended the run. */
async function loseLock({ state }: Simulator): Promise<never> {
  const home = join(state, "home/.pulumi-kerio");
  for (const run of readdirSync(join(home, "runs")))
    process.kill(Number(readFileSync(join(home, "runs", run, "main"), "utf8").split(" ")[0]), "SIGKILL");
  await vi.waitFor(() => expect(existsSync(join(home, "lock"))).toBe(false), { timeout: 30_000, interval: 100 });
  throw new KerioError("LOCK_LOST", {
    object: "the test",
    doing: "going on",
    happened: "the supervisor was killed",
    outcome: "rejected",
  });
}

/** Takes the snapshots away for as long as the service is stopped, so that nothing can be written down. */
function hideSnapshots({ state }: Simulator): { whileStopped(): Promise<void>; wereHidden(): boolean } {
  const home = join(state, "home/.pulumi-kerio");
  const [place, away] = [join(home, "snapshots"), join(home, "snapshots.away")];
  const isStopped = () =>
    readdirSync(join(home, "runs")).some((run) => {
      const phase = join(home, "runs", run, "phase");
      return existsSync(phase) && readFileSync(phase, "utf8").trim() === "stopped";
    });
  let hidden = false;
  const whileStopped = async () => {
    while (!isStopped()) await sleep(5);
    renameSync(place, away);
    hidden = true;
    while (isStopped()) await sleep(5);
    rmSync(place, { recursive: true, force: true });
    renameSync(away, place);
  };
  return { whileStopped, wereHidden: () => hidden };
}

/** Judges that nothing is open and nothing is left beside the mailboxes. */
async function expectClosed(simulator: Simulator, mailboxes: string[]): Promise<void> {
  expect(Object.keys((await picture(simulator)).directories).sort()).toEqual(mailboxes);
  const snapshots = readdirSync(join(simulator.state, "home/.pulumi-kerio/snapshots"));
  expect(snapshots.filter((file) => !file.endsWith(".closed.json"))).toEqual([]);
  expect(readdirSync(simulator.info.store).filter((entry) => entry.startsWith("pulumi-kerio"))).toEqual([]);
}

it.each([
  { what: "before the stop", again: false },
  { what: "before the stop, and another after the start", again: true },
  { what: "before the stop, and another while the services are held", again: true, queue: "deliver" },
])(
  "the first message of a person without a mailbox stays theirs: $what",
  { timeout: 180_000 },
  async ({ again, queue = "hold" }) => {
    const simulator = await start({ "queue-while-held": queue });
    const to = `asmith@${domain}`;
    const after = async (step: string) => {
      if (step === "write-snapshot") await simulator.deliver({ to, subject: "first" });
    };
    const before = async (step: string) => {
      if (step !== "create-accounts") return;
      // A server may go on delivering although its services are held.
      if (again) await simulator.control.submit("sender@example.org", [to], "Subject: second\r\n\r\nA message.\r\n");
      await simulator.control.fault("refuse", { method: "Users.create", code: 1000 });
    };
    const plugin = provider(settingsOf(simulator, { renameOrder: "article" }), { hooks: { before, after } });
    open.push(() => plugin.close());
    const renamed = plugin.coordinator.create(renameRequest("asmith", "bsmith", await idOf(simulator, "asmith")));
    await expect(renamed).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
    await expect(renamed).rejects.toThrow(/The server is as it was before/);
    expect(await subjectsOf(simulator, "asmith")).toEqual(again ? ["first", "second"] : ["first"]);
    await expectClosed(simulator, ["asmith", "jdoe"]);

    await simulator.control.clearFaults();
    const next = provider(settingsOf(simulator));
    open.push(() => next.close());
    await next.coordinator.create(renameRequest("asmith", "bsmith", await idOf(simulator, "asmith")));
    expect(await subjectsOf(simulator, "bsmith")).toEqual(again ? ["first", "second"] : ["first"]);
  },
);

it("the mailbox of such a person goes on with a run that died behind the move", { timeout: 180_000 }, async () => {
  const simulator = await start();
  const after = async (step: string) => {
    if (step === "write-snapshot") await simulator.deliver({ to: `asmith@${domain}`, subject: "first" });
  };
  const before = async (step: string) => {
    if (step === "create-accounts") await loseLock(simulator);
  };
  const plugin = provider(settingsOf(simulator, { renameOrder: "article" }), { hooks: { before, after } });
  open.push(() => plugin.close());
  const renamed = plugin.coordinator.create(renameRequest("asmith", "bsmith", await idOf(simulator, "asmith")));
  await expect(renamed).rejects.toMatchObject({ code: "LOCK_LOST" });
  expect((await picture(simulator)).names).toEqual(["asmith", "jdoe"]);
  expect(await subjectsOf(simulator, "bsmith")).toEqual(["first"]);

  expect(await recoverAll(plugin.server)).toMatchObject([{ to: `bsmith@${domain}`, result: "finished" }]);
  expect((await picture(simulator)).names).toEqual(["bsmith", "jdoe"]);
  expect(await subjectsOf(simulator, "bsmith")).toEqual(["first"]);
  await expectClosed(simulator, ["bsmith", "jdoe"]);
});

it(
  "such a person stays where the mailbox cannot be written down, and keeps nobody else",
  { timeout: 180_000 },
  async () => {
    const simulator = await start();
    const withoutSnapshots = hideSnapshots(simulator);
    const after = async (step: string) => {
      if (step === "write-snapshot") await simulator.deliver({ to: `asmith@${domain}`, subject: "first" });
    };
    const before = (step: string) => {
      if (step === "move-mailboxes") void withoutSnapshots.whileStopped();
    };
    const plugin = provider(settingsOf(simulator, { renameOrder: "article" }), { hooks: { before, after } });
    open.push(() => plugin.close());
    const [late, other] = await Promise.allSettled([
      plugin.coordinator.create(renameRequest("asmith", "bsmith", await idOf(simulator, "asmith"))),
      plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"))),
    ]);
    expect(withoutSnapshots.wereHidden()).toBe(true);
    expect(other).toMatchObject({ status: "fulfilled" });
    expect(late).toMatchObject({ status: "rejected", reason: { code: "RENAME_ROLLED_BACK" } });
    expect(String((late as PromiseRejectedResult).reason)).toContain("could not be written down");
    expect(await simulator.control.downtimes()).toHaveLength(1);
    expect((await picture(simulator)).names).toEqual(["asmith", "jsmith"]);
    expect(await subjectsOf(simulator, "asmith")).toEqual(["first"]);
  },
);

it("a message for an account that is being removed again comes into the mailbox", { timeout: 180_000 }, async () => {
  const simulator = await start();
  await simulator.control.fault("refuse", { method: "Users.setPersonalContact", code: 1000 });
  const plugin = provider(settingsOf(simulator));
  open.push(() => plugin.close());
  aroundCalls(plugin.server.client, async ({ method }, call) => {
    if (method === "Users.remove") plantStray(join(simulator.info.store, "mail", domain), "jsmith");
    return call();
  });
  const renamed = plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  await expect(renamed).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
  await expect(renamed).rejects.toThrow(/The server is as it was before/);
  expect(await subjectsOf(simulator, "jdoe")).toEqual(["one", straySubject, "three", "two"].sort());
  await expectClosed(simulator, ["jdoe"]);
  expect(await recoverAll(plugin.server)).toEqual([]);
});

it(
  "who looks for mail of the old name is told where, also when its removal was not heard of",
  { timeout: 180_000 },
  async () => {
    const simulator = await start();
    const before = async (step: string) => {
      if (step !== "remove-old") return;
      plantStray(join(simulator.info.store, "mail", domain));
      await simulator.control.fault("drop-after", { method: "Users.remove", times: 1 });
    };
    const plugin = provider(settingsOf(simulator), { hooks: { before, after: () => {} } });
    open.push(() => plugin.close());
    const request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"));
    const { notes } = await plugin.coordinator.create(request);
    expect(await subjectsOf(simulator, "jsmith")).toContain(straySubject);
    expect(notes.filter((note) => note.includes("Deleted mailbox - jdoe@example.com"))).toHaveLength(1);
  },
);
