import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listMailboxes, makeProbe, moveMessages, removeEmptyMailbox } from "../../provider/host/directories";
import { inspectHost } from "../../provider/host/facts";
import { startSupervisor, type Move } from "../../provider/host/supervisor";
import { SupervisorWire } from "../../provider/host/supervisor-wire";
import { silentLogger } from "../../provider/log";
import type { MailServer } from "../../provider/rename/mail-server";
import { lookAtHost } from "../../provider/rename/prepare";
import { FakeHost } from "../host/fake-host";
import { canary, hostileNames, possibleNames } from "./hostile-names";
import { treeOf } from "./tree";

let host: FakeHost;
beforeEach(() => {
  rmSync(canary, { force: true });
  host = new FakeHost({ store: 'the store\'s "mail" $(touch x) `touch x`;&' });
  host.mailbox("asmith", ["private"]);
});
afterEach(async () => {
  const found = existsSync(canary);
  await host.destroy();
  expect(found).toBe(false);
});

/** The whole host but for our own files. */
const tree = () => treeOf(host.root, (path) => path.startsWith(join(host.root, "home")));

/** What a refusal said, or that there was none. */
const refusalOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "not refused",
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );

describe("names from anywhere", () => {
  test("are data to every script: those that a directory can bear are found, counted and moved as what they are", async () => {
    expect(possibleNames.length).toBeGreaterThan(60);
    expect(possibleNames.filter((name) => Buffer.byteLength(name) === 255)).toHaveLength(2);
    const legal = possibleNames.filter((name) => [...name].every((sign) => sign >= " " && sign !== "\x7f"));
    for (const name of legal) host.mailbox(name, ["mail"]);
    const session = host.session();
    const listed = await listMailboxes(session, host.domain, { names: legal });
    expect(listed.map((entry) => [entry.name, entry.inode, entry.messages])).toEqual(
      legal.map((name) => [name, host.inode(name), 1]),
    );
    const all = await listMailboxes(session, host.domain);
    expect(all.map((entry) => entry.name).sort()).toEqual([...legal, "asmith"].sort());
    const supervisor = await startSupervisor(session, host.settings(), { wait: 5, log: silentLogger });
    await supervisor.stop();
    const reports = await supervisor.move(legal.map((name, index) => moveOf(name, `moved-${index}`)));
    // Names that the server keeps for itself, and those that look like an option, are moved by nobody.
    const reserved = legal.filter((name) => /^[#-]/.test(name));
    expect(legal.filter((_name, index) => !reports[index]?.ok)).toEqual(reserved);
    const moved = legal.flatMap((name, index) => (reserved.includes(name) ? [name] : [`moved-${index}`]));
    expect(host.names).toEqual([...moved, "asmith"].sort());
    const back = legal.flatMap((name, index) => (reserved.includes(name) ? [] : [moveOf(`moved-${index}`, name)]));
    expect((await supervisor.move(back)).filter((report) => !report.ok)).toEqual([]);
    expect(host.names).toEqual([...legal, "asmith"].sort());
    await supervisor.finish();
  });

  test("are refused where they would be another path, another line or no text, and nothing is sent", async () => {
    const session = host.session();
    const before = tree();
    const impossible = hostileNames.filter((name) => !possibleNames.includes(name) || /\p{Cc}/u.test(name));
    expect(impossible.length).toBeGreaterThan(30);
    for (const name of impossible) {
      expect(await refusalOf(listMailboxes(session, host.domain, { names: [name] }))).toContain("INPUT_INVALID");
      expect(await refusalOf(makeProbe(session, host.domain, name))).toContain("INPUT_INVALID");
      const facts = inspectHost(session, { storePath: host.store, domains: [name] });
      expect(await refusalOf(facts)).toContain("INPUT_INVALID: domain");
    }
    expect(session.sent).toEqual([]);
    expect(tree()).toEqual(before);
  });

  test("are refused as the store that a server names", async () => {
    const session = host.session();
    const before = tree();
    // A server may answer any of them; beside the store each would lead somewhere else.
    const paths = hostileNames.flatMap((name) => [name, `/${name}`, `${host.store}/${name}`]);
    for (const storePath of paths) {
      const told = await refusalOf(inspectHost(session, { storePath, domains: ["example.com"] }));
      const isStore = ["", "/"].map((end) => host.store + end).includes(storePath);
      if (!isStore) expect(told, storePath).toMatch(/^(INPUT_INVALID: store directory|HOST_UNSUITABLE: mail host)/);
    }
    expect(tree()).toEqual(before);
  }, 120_000);
});

describe("rows that reach the supervisor past our own checks", () => {
  test("move nothing but a mailbox of the store", async () => {
    const outside = join(host.root, "elsewhere");
    mkdirSync(join(outside, "jdoe"), { recursive: true });
    mkdirSync(join(host.store, "mail/example.org"), { recursive: true });
    symlinkSync(outside, join(host.store, "mail/linked"));
    writeFileSync(join(host.domain, "file"), "x");
    const inode = host.mailbox("jdoe", ["mine"]);
    const { domain, parking } = host;
    const good = [inode, join(domain, "jdoe"), join(domain, "jsmith"), domain, parking, "ours"];
    const at = (index: number, value: string) => good.map((field, place) => (place === index ? value : field));
    const foreign = [host.inode("jdoe", outside), join(outside, "jdoe"), join(outside, "x"), outside, parking, "ours"];
    const names = hostileNames.filter(
      (name) => !/[\n]/.test(name) && name.length < 300 && /[/#]|^-|^\.+$|^$/.test(name),
    );
    const rows = [
      foreign,
      [...foreign.slice(0, 4), outside, "ours"],
      at(0, "1"),
      at(0, "$(touch x)"),
      at(0, ""),
      at(0, "*"),
      at(3, `${host.store}/mail`),
      at(3, "/"),
      at(3, ""),
      at(3, `${host.store}/mail/linked`),
      at(4, "/tmp"),
      at(4, outside),
      at(4, domain),
      at(2, `${host.store}/mail/example.org/jdoe`),
      at(2, `${domain}/asmith/INBOX/jdoe`),
      at(2, join(outside, "jdoe2")),
      at(1, join(domain, "file")),
      at(2, join(domain, "file")),
      ["x"],
      [""],
      ...names.map((name) => at(2, `${domain}/${name}`)),
      ...names.map((name) => at(1, `${domain}/${name}`)),
    ];
    const settings = host.settings();
    const session = host.session();
    const supervisor = await startSupervisor(session, settings, { wait: 5, log: silentLogger });
    await supervisor.stop();
    const before = tree();
    // A wire of our own, past what `move` checks; its numbers go on from the one above.
    const wire = new SupervisorWire(session, settings);
    await wire.command("unhold", [], 10);
    const reply = await wire.command(
      "move",
      rows.map((fields) => fields.join("\t")),
      120,
    );
    const reports = reply.split("\n").filter((line) => line.startsWith("move="));
    expect(reports.length).toBeGreaterThanOrEqual(rows.length - 1);
    expect(reports.filter((line) => !line.startsWith("move=no\t"))).toEqual([]);
    expect(tree()).toEqual(before);
    await wire.command("finish", [], 30);
    expect(readdirSync(domain).sort()).toEqual(["asmith", "file", "jdoe"]);
  });

  test("unknown commands do nothing", async () => {
    const settings = host.settings();
    const session = host.session();
    await startSupervisor(session, settings, { wait: 5, log: silentLogger });
    const before = tree();
    const wire = new SupervisorWire(session, settings);
    for (const verb of ["$(touch x)", "stop;start", "", "stop stop", "-h", "*", "../move"]) {
      expect(await wire.command(verb, [], 20)).toContain("refused=unknown command");
    }
    expect(tree()).toEqual(before);
    await wire.command("finish", [], 30);
  });
});

test("a host that the server's answers do not fit is refused as another machine, and left as it was", async () => {
  host.service("start");
  const session = host.session();
  const before = treeOf(join(host.store, "mail"));
  for (const name of hostileNames) {
    // A server elsewhere that lists anything but the directory that was just made over SSH.
    const client = { call: () => Promise.resolve({ dirList: [{ name }] }) };
    const inventory = { storePath: () => Promise.resolve(host.store) };
    const api = { url: "https://mail.example.com:4040" };
    const settings = { api, ssh: { host: "mail.example.com" }, programDirectory: host.program };
    const server = { client, inventory, settings } as unknown as MailServer;
    const told = await refusalOf(lookAtHost(server, session, ["example.com"]));
    expect(told).toMatch(/^HOST_UNSUITABLE: mail host mail.example.com: .*another machine than the mail server/);
  }
  expect(treeOf(join(host.store, "mail"))).toEqual(before);
  expect(readdirSync(host.store)).toEqual(["mail"]);
}, 120_000);

test("removals and moves of messages are bound to inodes and refuse every other path", async () => {
  const session = host.session();
  const asmith = { path: join(host.domain, "asmith"), inode: host.inode("asmith") };
  symlinkSync(asmith.path, join(host.domain, "link"));
  const before = tree();
  for (const path of hostileNames.map((name) => `${host.domain}/${name}`).filter((path) => path !== asmith.path)) {
    const told = await refusalOf(removeEmptyMailbox(session, path, asmith.inode));
    // What is not there is removed already.
    if (existsSync(path)) expect(told, path).toMatch(/INPUT_INVALID|DELETE_REFUSED/);
    if (!/[$;|&]/.test(path)) continue;
    const to = { path: `${path}`, inode: asmith.inode };
    expect(await refusalOf(moveMessages(session, { from: asmith, to, parking: host.parking }))).not.toBe("not refused");
  }
  expect(await refusalOf(removeEmptyMailbox(session, join(host.domain, "link"), asmith.inode))).toContain(
    "not a directory",
  );
  expect(tree()).toEqual(before);
}, 120_000);

function moveOf(from: string, to: string): Move {
  const { domain, parking } = host;
  return { inode: host.inode(from), from: join(domain, from), to: join(domain, to), directory: domain, parking };
}
