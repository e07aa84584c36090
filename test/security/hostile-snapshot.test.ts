import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSession, type HostSession } from "../../provider/host/session";
import type { Supervisor } from "../../provider/host/supervisor";
import { silentLogger } from "../../provider/log";
import { goOn, readOpen } from "../../provider/rename/recover";
import type { Snapshot } from "../../provider/rename/snapshot";
import { trustSnapshot } from "../../provider/rename/trust-snapshot";
import type { MailServer } from "../../provider/rename/mail-server";
import type { Simulator } from "../helpers/start-simulator";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "../rename/stage";
import { canary, hostileNames } from "./hostile-names";
import { treeOf } from "./tree";

type Edit = (snapshot: Snapshot, record: Snapshot["renames"][number]) => void;

let simulator: Simulator;
let plugin: Provider;
let host: HostSession;
let genuine: string;
let directory: string;

/** The places of a record that hold a name. */
const places = ["from", "to", "domain", "home", "transientFor"] as const;

/** Nobody may ask it for anything: what it is asked for is an effect. */
const noSupervisor = new Proxy({} as Supervisor, {
  get: (_target, name) => () => Promise.reject(new Error(`the supervisor was asked to ${String(name)}`)),
});

beforeAll(async () => {
  rmSync(canary, { force: true });
  simulator = await stage();
  await simulator.deliver({ to: `asmith@${domain}`, subject: "private" });
  await simulator.adminCall("Domains.create", { domains: [{ name: "example.org" }] });
  mkdirSync(join(simulator.info.store, "mail/example.org"), { recursive: true });
  directory = join(simulator.state, "home/.pulumi-kerio/snapshots");
  // A real one, of a run that ends before its first effect.
  const first = provider(settingsOf(simulator), {
    hooks: {
      before: () => {},
      after: (step) => {
        if (step !== "write-snapshot") return;
        const [name = ""] = readdirSync(directory);
        genuine = readFileSync(join(directory, name), "utf8");
        throw new Error("stopped by the test");
      },
    },
  });
  await expect(
    first.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"))),
  ).rejects.toThrow();
  await first.close();
  plugin = provider(settingsOf(simulator));
  host = await openSession(plugin.server.settings.ssh!, { connectTimeout: 20, log: silentLogger });
}, 180_000);

afterAll(async () => {
  await host?.close();
  await plugin?.close();
  await simulator?.stop();
});

const mail = () => treeOf(join(simulator.info.store, "mail"));

/** Lays a changed snapshot on the host, lets the next run meet it, and gives the refusal. */
async function met(edit: Edit, file?: string): Promise<string> {
  const snapshot = JSON.parse(genuine) as Snapshot;
  const name = file ?? `${snapshot.id}.open.json`;
  snapshot.results = {};
  edit(snapshot, snapshot.renames[0]!);
  for (const other of readdirSync(directory)) rmSync(join(directory, other));
  writeFileSync(join(directory, name), JSON.stringify(snapshot));
  return goOnWithAll().then(
    () => "not refused",
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );
}

/** Sees that the work changes nothing: no file of the store, nothing by the API, and no command got through. */
async function harmless(work: () => Promise<void>): Promise<void> {
  const before = mail();
  const calls = (await simulator.control.calls()).length;
  await work();
  expect(mail()).toEqual(before);
  const made = (await simulator.control.calls()).slice(calls).map(({ method }) => method);
  expect(made.filter((method) => /\.(create|set|remove|add|stop|start)/.test(method))).toEqual([]);
  expect(existsSync(canary)).toBe(false);
}

async function goOnWithAll(): Promise<void> {
  plugin.server.inventory.invalidate();
  const rest = { hooks: { before: () => {}, after: () => {} }, hasNewBearer: () => false };
  const base = { server: plugin.server, host, supervisor: noSupervisor, ...rest };
  for (const snapshot of await readOpen(host)) await goOn({ ...base, snapshot }, []);
}

const inodeOf = (path: string) => String(statSync(join(simulator.info.store, path)).ino);

describe("an open snapshot that was changed", () => {
  test("as it was written, is taken up", async () => {
    // The first thing that is asked for is the supervisor's sign of life.
    expect(await met(() => {})).toContain("not refused");
    expect(plugin.lines.join("\n")).toContain("An earlier run stopped half-way (jdoe → jsmith)");
  });

  // Places of one kind by turns: the host is asked for every snapshot anew.
  const named: [string, (name: string) => Edit][] = [
    [
      "a name",
      (name) => (_snapshot, record) => {
        record[places[hostileNames.indexOf(name) % places.length] ?? "to"] = name;
      },
    ],
    [
      "a directory",
      (name) => (_snapshot, record) => {
        if (hostileNames.indexOf(name) % 2 === 0) record.domainPath += `/${name}`;
        else record.parking = `/${name}`;
      },
    ],
    ["the store", (name) => (snapshot) => void (snapshot.storePath = name)],
    ["the inode", (name) => (_snapshot, record) => void (record.mailbox = { inode: name, messages: 1, bytes: 1 })],
    ["the mark", (name) => (snapshot) => void (snapshot.mark = name)],
    ["its id", (name) => (snapshot) => void (snapshot.id = name)],
  ];
  test.each(named)("in %s is refused, and nothing happens", { timeout: 240_000 }, async (_what, edit) => {
    await harmless(async () => {
      for (const name of hostileNames) {
        const said = await met(edit(name));
        expect(said, JSON.stringify(name)).toMatch(/^RENAME_OPEN: snapshot \w+ on the mail host: /);
      }
    });
  });

  test.each(places)("in %s, by any name, is refused before anybody is asked for anything", async (place) => {
    const nobody = new Proxy({}, { get: (_target, name) => expect.fail(`asked for ${String(name)}`) });
    for (const name of hostileNames) {
      const snapshot = JSON.parse(genuine) as Snapshot;
      const record = { ...snapshot.renames[0]!, [place]: name };
      const trusted = trustSnapshot(nobody as MailServer, nobody as HostSession, snapshot, [record]);
      await expect(trusted, JSON.stringify(name)).rejects.toMatchObject({ code: "RENAME_OPEN" });
      await expect(trusted).rejects.toThrow(`${place} is ${JSON.stringify(name)}, which is no name`);
    }
  });

  test("so that it means another person's mailbox is refused, and nothing happens", { timeout: 120_000 }, async () => {
    const asmith = await idOf(simulator, "asmith");
    const domainPath = join(simulator.info.store, "mail", domain);
    const edits: [RegExp, Edit][] = [
      [/the account that it renames is "asmith"/, (_s, record) => void (record.from = "asmith")],
      [/the account that it renames is "jdoe"/, (_s, record) => void (record.oldId = asmith)],
      [
        /asmith@example.com is an account that the rename of jdoe has not made/,
        (_s, record) => {
          record.to = "asmith";
          record.mailbox = { inode: inodeOf(`mail/${domain}/asmith`), messages: 1, bytes: 1 };
        },
      ],
      [
        /asmith@example.com is an account/,
        (snapshot, record) => {
          snapshot.order = "article";
          record.to = "asmith";
        },
      ],
      [/renames jdoe to itself/, (_s, record) => void (record.to = "jdoe")],
      [/the id of example.com/, (_s, record) => void (record.domainId = "another")],
      [/the id of example.org/, (_s, record) => void (record.domain = "example.org")],
      [/the directory of example.com/, (_s, r) => void (r.domainPath = join(simulator.info.store, "mail/example.org"))],
      [/the directory of example.com/, (_s, record) => void (record.domainPath = "/etc")],
      [/the directory of example.com/, (_s, record) => void (record.domainPath = `${domainPath}/`)],
      [/the directory of example.com/, (_s, record) => void (record.domainPath = `${domainPath}/../${domain}`)],
      [/the parking directory/, (_s, record) => void (record.parking = join(domainPath, "asmith"))],
      [/the parking directory/, (_s, record) => void (record.parking = "/tmp")],
      [/the store/, (snapshot) => void (snapshot.storePath = "/")],
      [/not in a form that this version knows/, (snapshot) => void (snapshot.mark = "")],
      [/not in a form/, (snapshot) => void (snapshot.renames = [{ ...snapshot.renames[0]!, from: 7 as never }])],
    ];
    for (const [told, edit] of edits) {
      await harmless(async () => {
        const said = await met(edit);
        expect(said).toMatch(/^RENAME_OPEN: snapshot /);
        expect(said).toMatch(told);
      });
    }
  });

  test("is refused by a whole run too, before the service is stopped", { timeout: 120_000 }, async () => {
    await met((_snapshot, record) => void (record.parking = "/tmp/x"));
    const id = await idOf(simulator, "jdoe");
    const before = mail();
    const whole = plugin.coordinator.create(renameRequest("jdoe", "jsmith", id));
    await expect(whole).rejects.toMatchObject({ code: "RENAME_OPEN" });
    await expect(whole).rejects.toThrow(/the parking directory is "\/tmp\/x"/);
    expect(await simulator.control.downtimes()).toEqual([]);
    expect(mail()).toEqual(before);
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
    await plugin.coordinator.create(renameRequest("jdoe", "jsmith", id));
    expect(await idOf(simulator, "jsmith")).not.toBe(id);
  });

  test("files beside it that are no snapshots of ours are left alone", async () => {
    for (const name of ["$(touch x).open.json", "-rf.open.json", "A.open.json", ".x.open.json", "a b.open.json"]) {
      await harmless(async () => expect(await met(() => {}, name)).toBe("not refused"));
      expect(existsSync(join(directory, name))).toBe(true);
    }
  });
});
