import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ServerSettings } from "../../provider/config";
import type { MailServer } from "../../provider/rename/mail-server";
import { recoverAll } from "../../provider/rename/recover-all";
import type { RunHooks } from "../../provider/rename/run-context";
import type { Snapshot } from "../../provider/rename/snapshot";
import { whereaboutsOf } from "../../provider/rename/whereabouts";
import type { Simulator } from "../helpers/start-simulator";
import { dieInDomain, loseDomain, takeSeat } from "./meddle";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage } from "./stage";

const quick = { "start-delay-ms": "100", "stop-delay-ms": "30" };
const orders = ["accountFirst", "article"] as const;

let simulator: Simulator;
afterEach(() => simulator?.stop());

/** Does something on the server just after a step, once. */
function after(step: string, act: () => unknown): RunHooks {
  let done = false;
  return {
    before: () => {},
    after: async (here) => {
      if (here === step && !done) await ((done = true), act());
    },
  };
}

/** Renames jdoe and asmith together. */
async function renameBoth(hooks?: RunHooks, change: Partial<ServerSettings> = {}): Promise<string[]> {
  const { coordinator, close } = provider(settingsOf(simulator, change), { hooks });
  const requests = [
    renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")),
    renameRequest("asmith", "bsmith", await idOf(simulator, "asmith")),
  ];
  const results = await Promise.allSettled(requests.map((request) => coordinator.create(request)));
  await close();
  return results.map((result) => (result.status === "rejected" ? String(result.reason) : "fulfilled"));
}

/** Somebody restores the mailbox of a leaver who bore the new name. */
function restoreLeaver(): void {
  const messages = join(simulator.info.store, "mail", domain, "jsmith/INBOX/#msgs");
  mkdirSync(messages, { recursive: true });
  writeFileSync(join(messages, "00000001.eml"), "From: a@example.org\r\nSubject: a leaver's\r\n\r\nSecret.\r\n");
}

async function subjects(name: string): Promise<string[]> {
  return (await simulator.control.messages(domain, name)).map((message) => message.subject);
}

function parked(): string[] {
  const parking = join(simulator.info.store, "pulumi-kerio");
  return existsSync(parking) ? readdirSync(parking).filter((name) => name.startsWith("mailbox-")) : [];
}

describe.each(orders)("in the order %s", (renameOrder) => {
  it("a leaver's mailbox that appears under the new name is shown to nobody", { timeout: 180_000 }, async () => {
    simulator = await stage({ switches: quick });
    await simulator.deliver({ to: `asmith@${domain}`, subject: "hers" });
    const [own, other] = await renameBoth(after("write-snapshot", restoreLeaver), { renameOrder });
    expect(own).toMatch(/jsmith.*\[RENAME_ROLLED_BACK\]$/s);
    expect(other).toBe("fulfilled");
    expect(await subjects("jsmith")).toEqual(["a leaver's"]);
    expect((await subjects("jdoe")).sort()).toEqual(["one", "three", "two"]);
    expect(await subjects("bsmith")).toEqual(["hers"]);
    const end = await picture(simulator);
    expect(end.names).toEqual(["bsmith", "jdoe"]);
    expect(end.account("jdoe")).toMatchObject({ enabled: true });
  });

  it("a stranger who takes the new name has nobody's mailbox put away", { timeout: 180_000 }, async () => {
    simulator = await stage({ switches: quick });
    const stranger = () => takeSeat(simulator, "jsmith");
    const [own, other] = await renameBoth(after("write-snapshot", stranger), { renameOrder });
    expect(own).toMatch(/jsmith@example\.com exists.*\[RENAME_ROLLED_BACK\]$/s);
    expect(other).toBe("fulfilled");
    expect(parked()).toEqual([]);
    const end = await picture(simulator);
    expect(end.names).toEqual(["bsmith", "jdoe", "jsmith"]);
    expect(end.directories.jdoe?.messages).toBe(3);
  });
});

it("a mailbox that an earlier run has put away for nobody is brought home, whoever bears the new name", async () => {
  simulator = await stage({ switches: { ...quick, "placed-directory": "at-once" } });
  const mail = join(simulator.info.store, "mail", domain);
  const fail = () => {
    throw new Error("this machine is switched off");
  };
  await renameBoth(after("write-snapshot", fail));
  const { inode } = (await picture(simulator)).directories.jdoe ?? {};
  mkdirSync(join(simulator.info.store, "pulumi-kerio"), { recursive: true, mode: 0o700 });
  renameSync(join(mail, "jdoe"), join(simulator.info.store, "pulumi-kerio", `mailbox-${inode}`));
  await takeSeat(simulator, "jsmith");
  await simulator.deliver({ to: `jdoe@${domain}`, subject: "four" });

  const { server, close } = provider(settingsOf(simulator));
  const ends = (await recoverAll(server)).map(({ from, result }) => `${from} ${result}`);
  await close();
  expect(ends).toEqual([`jdoe@${domain} rolled-back`, `asmith@${domain} rolled-back`]);
  expect((await subjects("jdoe")).sort()).toEqual(["four", "one", "three", "two"]);
  expect(parked()).toEqual([]);
  expect((await picture(simulator)).names).toEqual(["asmith", "jdoe", "jsmith"]);
});

it("a domain that was removed with a rename open in it keeps nobody of another domain waiting", async () => {
  simulator = await stage({ switches: quick });
  await loseDomain(simulator);
  const { coordinator, lines, close } = provider(settingsOf(simulator));
  const { userId } = await coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  await close();
  expect(await idOf(simulator, "jsmith")).toBe(userId);
  const warnings = lines.filter((line) => /^Snapshot [0-9a-f]+ .*old\.example.*npx pulumi-kerio recover/.test(line));
  expect(warnings).toHaveLength(1);
});

it("a domain that has another name by now keeps nobody waiting, and what is open in it stays open", async () => {
  simulator = await stage({ switches: quick });
  const { domainId } = await dieInDomain(simulator, "old.example");
  await simulator.adminCall("Domains.rename", { domainId, newName: "new.example" });
  await simulator.control.command("stop");
  await simulator.control.command("start");
  const { server, coordinator, lines, close } = provider(settingsOf(simulator));
  await coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  expect(lines.join()).toMatch(/passed by: the domain old\.example is called new\.example now\. Rename it back/);
  const open = (await recoverAll(server)).filter(({ from }) => from === "leaver@old.example");
  expect(open).toMatchObject([
    { result: "open", error: expect.stringContaining("old.example is called new.example now") as string },
  ]);
  await close();
});

it("nothing is stopped for a rename whose domain is given another name by the next start", async () => {
  simulator = await stage({ switches: { ...quick, "domain-rename": "at-restart" } });
  const [domain] = (await simulator.control.truth()).domains;
  const before = async (step: string) => {
    if (step !== "move-mailboxes") return;
    await simulator.adminCall("Domains.rename", { domainId: domain?.id, newName: "new.example" });
  };
  const { coordinator, close } = provider(settingsOf(simulator), { hooks: { before, after: () => {} } });
  const renamed = coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  await expect(renamed).rejects.toThrow(/the domain example\.com is being renamed/);
  await close();
  expect(await simulator.control.downtimes()).toEqual([]);
  expect((await picture(simulator)).names).toEqual(["asmith", "jdoe"]);
});

it("a domain is not taken for removed by the administrator of another one", async () => {
  const snapshot = {
    storePath: "/store",
    renames: [{ domain: "old.example", domainId: "theirs" }],
    results: {},
  } as unknown as Snapshot;
  const seenBy = (userRole: string) => {
    const inventory = {
      storePath: async () => "/store",
      domains: async () => [{ id: "ours", name: "example.com" }],
      me: async () => ({ effectiveRole: { userRole } }),
    };
    return whereaboutsOf({ inventory } as unknown as MailServer, [snapshot]);
  };
  expect((await seenBy("BuiltInDomainAdmin")).get(snapshot)).toBe("here");
  expect((await seenBy("FullAdmin")).get(snapshot)).toBe("lost");
});
