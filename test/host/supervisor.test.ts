import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../provider/log";
import { startSupervisor, type Move } from "../../provider/host/supervisor";
import { supervisorProgram } from "../../provider/host/supervisor-script";
import { FakeHost } from "./fake-host";

const hosts: FakeHost[] = [];
const options = { wait: 0, log: silentLogger };

function newHost(settings: ConstructorParameters<typeof FakeHost>[0] = {}): FakeHost {
  const host = new FakeHost(settings);
  hosts.push(host);
  host.service("start");
  return host;
}

function moveOf(host: FakeHost, from: string, to: string, aside?: "ours"): Move {
  const parts = { inode: host.inode(from), from: join(host.domain, from), to: join(host.domain, to) };
  return { ...parts, directory: host.domain, parking: host.parking, ...(aside ? { aside } : {}) };
}

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.destroy();
});

test("the program is plain POSIX shell", () => {
  for (const shell of ["dash", "bash"]) execFileSync(shell, ["-n"], { input: supervisorProgram });
});

describe("one window", () => {
  test.each([false, true])("stops, copies, moves, starts and leaves nothing behind (systemd: %s)", async (systemd) => {
    const host = newHost({ systemd });
    const inode = host.mailbox("jdoe", ["one", "two"]);
    const service = systemd ? ({ kind: "systemd", unit: "kerio-connect" } as const) : host.settings().service;
    const settings = host.settings({ service });
    const supervisor = await startSupervisor(host.session("echo welcome; echo notice >&2; "), settings, options);
    await supervisor.beat();
    const stopped = await supervisor.stop();
    expect(stopped).toMatchObject({
      orderly: true,
      inactive: true,
      processGone: true,
      missingAccounts: [],
      detail: "",
    });
    expect(host.running).toBe(false);
    const copies = await supervisor.copyConfiguration();
    expect(readFileSync(join(copies, "users.cfg"), "utf8")).toContain("jdoe");
    expect(statSync(join(copies, "users.cfg")).mode & 0o777).toBe(0o600);
    const moved = await supervisor.move([moveOf(host, "jdoe", "jroe")]);
    expect(moved).toEqual([{ ok: true, inode, salvaged: 0 }]);
    expect(host.names).toEqual(["jroe"]);
    expect(host.inode("jroe")).toBe(inode);
    const started = await supervisor.start();
    expect(started).toMatchObject({ running: true, detail: "" });
    expect(started.downSeconds).toBeLessThan(30);
    expect(host.running).toBe(true);
    await supervisor.finish();
    expect(host.actions).toEqual(["start", "stop", "start"]);
    expect(host.locked).toBe(false);
    expect(readdirSync(join(host.state, "runs"))).toEqual([]);
  });

  test("starts the service with the umask of the login, not with ours", async () => {
    const host = newHost();
    const supervisor = await startSupervisor(host.session(), host.settings(), options);
    await supervisor.stop();
    await supervisor.start();
    await supervisor.finish();
    const masks = readFileSync(join(host.root, "actions"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("start"));
    expect(masks[1]).toBe(masks[0]);
  });

  test("misses the accounts that it was told of last", async () => {
    const host = newHost();
    const supervisor = await startSupervisor(host.session(), host.settings(), options);
    const domain = "example.com";
    await supervisor.nameAccounts(["jdoe", "late"].map((name) => ({ name, domain })));
    const other = "other.example";
    for (const name of ["early", "late"]) await supervisor.nameAccounts([{ name, domain: other }], [other]);
    const missingAccounts = ["late@example.com", "late@other.example"];
    expect(await supervisor.stop()).toMatchObject({ missingAccounts });
    await supervisor.start();
    await supervisor.finish();
  });

  test("reports what a stop left undone", async () => {
    const host = newHost({ systemd: true });
    host.writeUsers(["jsmith"]);
    host.switches({ result: "timeout" });
    const service = { kind: "systemd", unit: "kerio-connect" } as const;
    const supervisor = await startSupervisor(host.session(), host.settings({ service }), options);
    const report = await supervisor.stop();
    expect(report).toMatchObject({ orderly: false, processGone: true, missingAccounts: ["jdoe@example.com"] });
    expect(report.detail).toContain("timeout");
    await supervisor.finish();
    expect(host.running).toBe(true);
  });

  test.each(["yes", "no"])(
    "without systemd, an engine that ends by itself writes its configuration: %s",
    async (writes) => {
      const host = newHost();
      const old = new Date(Date.now() - 60_000);
      for (const file of ["users.cfg", "mailserver.cfg"]) utimesSync(join(host.program, file), old, old);
      host.switches({ stop_writes: writes });
      const supervisor = await startSupervisor(host.session(), host.settings({ startTimeout: 1 }), options);
      const report = await supervisor.stop();
      expect(report).toMatchObject({ orderly: writes === "yes", inactive: true, processGone: true });
      expect(report.detail).toMatch(writes === "yes" ? /^$/ : /^neither users\.cfg nor mailserver\.cfg was written/);
      host.switches({ start_fails: "yes" });
      expect(await supervisor.start()).toMatchObject({ running: false });
      // Nobody is there who could write: the stop before is still the one that counts.
      expect(await supervisor.stop()).toMatchObject({ orderly: writes === "yes" });
      host.switches({});
      await supervisor.finish();
    },
  );

  test("a service that refuses to stop is reported, and nothing can be moved", async () => {
    const host = newHost();
    host.mailbox("jdoe");
    host.switches({ stop_fails: "yes" });
    const supervisor = await startSupervisor(host.session(), host.settings({ stopTimeout: 2 }), options);
    expect(await supervisor.stop()).toMatchObject({ orderly: false, inactive: false, processGone: false });
    const [refused] = await supervisor.move([moveOf(host, "jdoe", "jroe")]);
    expect(refused).toMatchObject({ ok: false, salvaged: 0 });
    expect(host.names).toEqual(["jdoe"]);
    await expect(supervisor.copyConfiguration()).rejects.toMatchObject({ code: "RENAME_REFUSED" });
    await supervisor.finish();
  });

  test("a service that does not start is reported, and a second start is tried", async () => {
    const host = newHost();
    const supervisor = await startSupervisor(host.session(), host.settings({ startTimeout: 2 }), options);
    await supervisor.stop();
    host.switches({ start_fails: "yes" });
    const failed = await supervisor.start();
    expect(failed.running).toBe(false);
    expect(failed.detail).toContain("cannot start");
    host.switches({});
    expect(await supervisor.start()).toMatchObject({ running: true });
    await supervisor.finish();
  });
});

describe("moves", () => {
  test("are refused where the directory is not the one that was looked at", async () => {
    const host = newHost();
    host.mailbox("jdoe");
    host.mailbox("jsmith");
    symlinkSync(join(host.domain, "jsmith"), join(host.domain, "link"));
    symlinkSync(host.domain, join(host.store, "mail/linked"));
    const supervisor = await startSupervisor(host.session(), host.settings(), options);
    const early = await supervisor.move([moveOf(host, "jdoe", "jroe")]);
    expect(early[0]).toMatchObject({ ok: false, reason: expect.stringContaining("has not been stopped") as string });
    await supervisor.stop();
    const good = moveOf(host, "jdoe", "jroe");
    const linked = join(host.store, "mail/linked");
    const reports = await supervisor.move([
      { ...good, inode: "1" },
      { ...good, to: join(host.domain, "jsmith") },
      { ...good, to: join(host.root, "elsewhere") },
      { ...good, from: join(host.domain, "nobody") },
      { ...good, to: join(host.domain, "#public") },
      { ...good, inode: String(lstatSync(join(host.domain, "link")).ino), from: join(host.domain, "link") },
      { ...good, to: join(host.domain, "link") },
      { ...good, from: `${linked}/jdoe`, to: `${linked}/jroe`, directory: linked },
    ]);
    expect(reports.map((report) => report.ok)).toEqual(reports.map(() => false));
    expect(host.names).toEqual(["jdoe", "jsmith", "link"]);
    expect(await supervisor.move([good])).toMatchObject([{ ok: true }]);
    await supervisor.finish();
    expect(host.names).toEqual(["jroe", "jsmith", "link"]);
  });

  test("park a directory and place it again", async () => {
    const host = newHost();
    const inode = host.mailbox("jdoe", ["mine"]);
    const supervisor = await startSupervisor(host.session(), host.settings(), options);
    await supervisor.stop();
    const parked = join(host.parking, "parked");
    const move = { inode, from: join(host.domain, "jdoe"), to: parked, directory: host.domain, parking: host.parking };
    expect(await supervisor.move([move])).toMatchObject([{ ok: true }]);
    expect(statSync(host.parking).mode & 0o777).toBe(0o700);
    expect(await supervisor.move([{ ...move, from: parked, to: join(host.domain, "jroe") }])).toMatchObject([
      { ok: true },
    ]);
    await supervisor.finish();
    expect(host.names).toEqual(["jroe"]);
  });

  test("empty what our new account has already got, and lose no message of it", async () => {
    const host = newHost();
    const inode = host.mailbox("jdoe", ["old one", "old two"]);
    host.mailbox("jroe", ["early"]);
    const supervisor = await startSupervisor(host.session(), host.settings(), options);
    await supervisor.stop();
    expect(await supervisor.move([moveOf(host, "jdoe", "jroe")])).toMatchObject([{ ok: false }]);
    expect(await supervisor.move([moveOf(host, "jdoe", "jroe", "ours")])).toEqual([{ ok: true, inode, salvaged: 1 }]);
    await supervisor.finish();
    const messages = join(host.domain, "jroe/INBOX/#msgs");
    const texts = readdirSync(messages).map((name) => readFileSync(join(messages, name), "utf8"));
    expect(texts.sort()).toEqual(["early", "old one", "old two"]);
    expect(existsSync(join(host.domain, "jroe/INBOX/index.fld"))).toBe(false);
    expect(existsSync(join(host.domain, "jroe/INBOX/index.bad"))).toBe(true);
  });

  test("take names as data", async () => {
    const host = newHost({ store: "a 'store' \"with\" $(touch pwned) `touch pwned`;& \\n" });
    const hostile = [
      "$(touch pwned)",
      "`touch pwned`",
      "a b",
      "it's",
      'say "x"',
      "back\\slash",
      "semi;touch pwned",
      "*",
      "ünï",
    ];
    for (const name of hostile) host.mailbox(name);
    const supervisor = await startSupervisor(host.session(), host.settings({ owner: "$(touch pwned) 'x'" }), options);
    await supervisor.stop();
    const moves = hostile.map((name) => moveOf(host, name, `${name} moved`));
    expect((await supervisor.move(moves)).map((report) => report.ok)).toEqual(hostile.map(() => true));
    const good = moveOf(host, "* moved", "x");
    for (const name of ["a\nb", "a\tb", "..", "a/../b", ""]) {
      await expect(supervisor.move([{ ...good, to: `${host.domain}/${name}` }])).rejects.toMatchObject({
        code: "INPUT_INVALID",
      });
    }
    await supervisor.finish();
    expect(host.names).toEqual(hostile.map((name) => `${name} moved`).sort());
    expect(execFileSync("find", [host.root, "-name", "pwned"]).toString()).toBe("");
  });
});
