import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  clearParking,
  listMailboxes,
  makeProbe,
  moveMessages,
  removeEmptyMailbox,
  removeProbe,
} from "../../provider/host/directories";
import { markHeard } from "../../provider/host/heard-marks";
import {
  closeSnapshot,
  listSnapshots,
  reopenSnapshot,
  updateSnapshot,
  writeSnapshot,
} from "../../provider/host/snapshot-store";
import { FakeHost } from "./fake-host";
import type { LocalSession } from "./local-session";

let host: FakeHost;
let session: LocalSession;

beforeEach(() => {
  host = new FakeHost();
  session = host.session("echo banner; ");
});
afterEach(() => host.destroy());

describe("snapshots", () => {
  const text = '{"name":"$(touch pwned) \'ü\' \\\\n"}\n\nkerio:end:0\n';

  test("are written, listed, closed; private to root", async () => {
    expect(await listSnapshots(session)).toEqual([]);
    await writeSnapshot(session, "abc", text);
    await writeSnapshot(session, "def", "");
    await expect(writeSnapshot(session, "abc", "other")).rejects.toMatchObject({ code: "SSH_FAILED" });
    expect(statSync(join(host.state, "snapshots")).mode & 0o777).toBe(0o700);
    expect(statSync(join(host.state, "snapshots/abc.open.json")).mode & 0o777).toBe(0o600);
    await closeSnapshot(session, "abc", `${text}closed`);
    const listed = await listSnapshots(session);
    expect(listed.sort((a, b) => a.id.localeCompare(b.id))).toEqual([
      { id: "abc", open: false, text: `${text}closed` },
      { id: "def", open: true, text: "" },
    ]);
    expect(readdirSync(join(host.state, "snapshots")).sort()).toEqual(["abc.closed.json", "def.open.json"]);
    await closeSnapshot(session, "abc", "again");
  });

  test("keep their text when the connection is cut in the middle of another one", async () => {
    await writeSnapshot(session, "abc", text);
    session.lostBytes = 5;
    for (const put of [updateSnapshot, closeSnapshot, writeSnapshot]) {
      const id = put === writeSnapshot ? "def" : "abc";
      await expect(put(session, id, `${text}and results`)).rejects.toThrow(/did not arrive whole/);
    }
    session.lostBytes = 0;
    expect(await listSnapshots(session)).toEqual([{ id: "abc", open: true, text }]);
    expect(readdirSync(join(host.state, "snapshots"))).toEqual(["abc.open.json"]);
  });

  test("are listed whole and once while somebody closes them", async () => {
    for (const id of ["abc", "def"]) await writeSnapshot(session, id, text);
    const close = 'for file in *.open.json; do mv "$file" "${file%.open.json}.closed.json" 2>/dev/null; done';
    const real = execFileSync("sh", ["-c", "command -v wc"], { encoding: "utf8" }).trim();
    writeFileSync(join(host.root, "bin/wc"), `#!/bin/sh\n${real} "$@"; ${close}; :\n`, { mode: 0o755 });
    expect(await listSnapshots(session)).toEqual([
      { id: "abc", open: true, text },
      { id: "def", open: false, text },
    ]);
  });

  test("closed ones and copies go after 30 days, open ones never", async () => {
    for (const id of ["old", "older", "kept"]) await writeSnapshot(session, id, id);
    await closeSnapshot(session, "old", "old");
    mkdirSync(join(host.state, "copies/x"), { recursive: true });
    const long = new Date(Date.now() - 32 * 86400_000);
    for (const file of ["snapshots/old.closed.json", "snapshots/older.open.json", "copies/x"]) {
      utimesSync(join(host.state, file), long, long);
    }
    await closeSnapshot(session, "kept", "kept");
    expect(readdirSync(join(host.state, "snapshots")).sort()).toEqual(["kept.closed.json", "older.open.json"]);
    expect(readdirSync(join(host.state, "copies"))).toEqual([]);
  });

  test("closed ones stay for 29 days and are gone after 31; open ones stay for years", async () => {
    const ages = { "fresh.closed.json": 29, "stale.closed.json": 31, "kept.open.json": 400 };
    for (const [name, days] of Object.entries(ages)) {
      const [id = ""] = name.split(".");
      await writeSnapshot(session, id, id);
      if (name.includes("closed")) await closeSnapshot(session, id, id);
      // Well within the day: neither the clock's own steps nor this test's length count.
      const then = new Date(Date.now() - (days + 0.25) * 86400_000);
      utimesSync(join(host.state, "snapshots", name), then, then);
    }
    await writeSnapshot(session, "now", "now");
    await closeSnapshot(session, "now", "now");
    const left = readdirSync(join(host.state, "snapshots")).sort();
    expect(left).toEqual(["fresh.closed.json", "kept.open.json", "now.closed.json"]);
  });

  test("copies go after the days of their own setting", async () => {
    await writeSnapshot(session, "kept", "kept");
    const days = (count: number) => new Date(Date.now() - (count + 0.5) * 86400_000);
    for (const count of [1, 3]) {
      mkdirSync(join(host.state, `copies/${count}`), { recursive: true });
      utimesSync(join(host.state, `copies/${count}`), days(count), days(count));
    }
    await closeSnapshot(session, "kept", "kept", 2);
    expect(readdirSync(join(host.state, "copies"))).toEqual(["1"]);
  });

  test("a closed one can be opened again, whole, and closed", async () => {
    await writeSnapshot(session, "abc", "written");
    await expect(reopenSnapshot(session, "abc", "again")).rejects.toMatchObject({ code: "SSH_FAILED" });
    await closeSnapshot(session, "abc", "closed");
    await reopenSnapshot(session, "abc", "again");
    expect(await listSnapshots(session)).toEqual([{ id: "abc", open: true, text: "again" }]);
    await closeSnapshot(session, "abc", "closed again");
    expect(await listSnapshots(session)).toEqual([{ id: "abc", open: false, text: "closed again" }]);
  });

  test("are marked as heard beside their text, and closed where it is still the one that was read", async () => {
    const files = () => readdirSync(join(host.state, "snapshots")).sort();
    await writeSnapshot(session, "abc", text);
    const read = { id: "abc", open: true, text };
    await updateSnapshot(session, "abc", `${text}results`);
    const settled = { text: `${text}heard`, heard: ["a1", "b2"], copyDays: 30 };
    await markHeard(session, read, ["a1"], settled);
    await markHeard(session, read, ["b2"]);
    await markHeard(session, { ...read, id: "def" }, ["c3"]);
    const now = { ...read, text: `${text}results`, heard: ["a1", "b2"] };
    expect(await listSnapshots(session)).toEqual([now]);
    expect(statSync(join(host.state, "snapshots/abc.heard.a1")).mode & 0o777).toBe(0o600);

    session.lostBytes = 5;
    await expect(markHeard(session, now, [], settled)).rejects.toThrow(/did not arrive whole/);
    session.lostBytes = 0;
    expect(files()).toEqual(["abc.heard.a1", "abc.heard.b2", "abc.open.json"]);
    await markHeard(session, now, [], { ...settled, heard: ["a1"] });
    expect(await listSnapshots(session)).toEqual([{ id: "abc", open: false, text: `${text}heard`, heard: ["b2"] }]);
    expect(await updateSnapshot(session, "abc", text)).toBe("closed");

    const long = new Date(Date.now() - 32 * 86400_000);
    utimesSync(join(host.state, "snapshots/abc.closed.json"), long, long);
    await writeSnapshot(session, "ghi", text);
    await closeSnapshot(session, "ghi", text);
    expect(files()).toEqual(["ghi.closed.json"]);
  });

  test("ids are ids", async () => {
    await expect(writeSnapshot(session, "../x", "")).rejects.toMatchObject({ code: "INPUT_INVALID" });
    expect(session.sent).toEqual([]);
  });
});

describe("mailboxes", () => {
  test("are listed with inode and messages, files and links as what they are", async () => {
    const inode = host.mailbox("jdoe", ["12345", "123"]);
    host.mailbox("a b $(touch pwned)", ["1"]);
    host.mailbox("#public");
    writeFileSync(join(host.domain, "file"), "x");
    symlinkSync(join(host.domain, "jdoe"), join(host.domain, "link"));
    const all = await listMailboxes(session, host.domain);
    expect(all.map((entry) => entry.name).sort()).toEqual(["#public", "a b $(touch pwned)", "file", "jdoe", "link"]);
    const jdoe = { name: "jdoe", inode, symlink: false, directory: true, messages: 2, bytes: 8 };
    expect(all).toContainEqual(jdoe);
    const some = await listMailboxes(session, host.domain, {
      names: ["jdoe", "link", "file", "nobody", "a b $(touch pwned)"],
    });
    expect(some.map((entry) => entry.name)).toEqual(["jdoe", "link", "file", "a b $(touch pwned)"]);
    expect(some[0]).toEqual(jdoe);
    expect(some[1]).toMatchObject({ symlink: true, directory: false, messages: 0 });
    expect(some[2]).toMatchObject({ symlink: false, directory: false });
    expect(await listMailboxes(session, join(host.domain, "absent"))).toEqual([]);
    await expect(listMailboxes(session, host.domain, { names: ["../x"] })).rejects.toMatchObject({
      code: "INPUT_INVALID",
    });
  });

  test("probes", async () => {
    await makeProbe(session, host.domain, "probe");
    expect(host.names).toEqual(["probe"]);
    await expect(makeProbe(session, host.domain, "probe")).rejects.toMatchObject({ code: "SSH_FAILED" });
    await removeProbe(session, host.domain, "probe");
    await removeProbe(session, host.domain, "probe");
    for (const name of ["pulumi-kerio-probe-dead", "pulumi-kerio-probe-alive"]) mkdirSync(join(host.domain, name));
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(join(host.domain, "pulumi-kerio-probe-dead"), longAgo, longAgo);
    await makeProbe(session, host.domain, "probe");
    expect(host.names).toEqual(["probe", "pulumi-kerio-probe-alive"]);
    for (const name of host.names) await removeProbe(session, host.domain, name);
    expect(host.names).toEqual([]);
  });

  test("are removed only when they are empty and the right ones", async () => {
    const full = host.mailbox("full", ["x"]);
    const empty = host.mailbox("it's $(touch x)");
    const path = join(host.domain, "it's $(touch x)");
    symlinkSync(host.domain, join(path, "link"));
    const full_path = join(host.domain, "full");
    await expect(removeEmptyMailbox(session, full_path, full)).rejects.toMatchObject({ code: "DELETE_REFUSED" });
    await expect(removeEmptyMailbox(session, path, full)).rejects.toMatchObject({ code: "DELETE_REFUSED" });
    await removeEmptyMailbox(session, path, empty);
    await removeEmptyMailbox(session, path, empty);
    expect(readdirSync(host.domain)).toEqual(["full"]);
  });

  test("give their messages to another one", async () => {
    const from = { path: join(host.domain, "stray"), inode: host.mailbox("stray", ["s1", "s2"]) };
    mkdirSync(join(from.path, "Sent Items/#msgs"), { recursive: true });
    writeFileSync(join(from.path, "Sent Items/#msgs/00000001.eml"), "s3");
    const to = { path: join(host.domain, "jdoe"), inode: host.mailbox("jdoe", ["j1"]) };
    writeFileSync(join(to.path, "INBOX/#msgs/000000ff.eml"), "j2");
    const move = { from, to, parking: host.parking };
    await expect(moveMessages(session, { ...move, from: { ...from, inode: "1" } })).rejects.toMatchObject({
      code: "DELETE_REFUSED",
    });
    expect(await moveMessages(session, move)).toBe(3);
    const messages = join(to.path, "INBOX/#msgs");
    expect(readdirSync(messages).sort()).toEqual(
      ["00000001", "000000ff", "00100100", "00100101", "00100102"].map((n) => `${n}.eml`),
    );
    expect(
      readdirSync(messages)
        .map((name) => readFileSync(join(messages, name), "utf8"))
        .sort(),
    ).toEqual(["j1", "j2", "s1", "s2", "s3"]);
    expect(readdirSync(join(to.path, "INBOX")).sort()).toEqual(["#msgs", "index.bad"]);
    expect(existsSync(from.path)).toBe(false);
    host.mailbox("kept", ["mail"], host.parking);
    expect(await clearParking(session, host.parking)).toEqual(["kept"]);
    expect(readdirSync(host.parking)).toEqual(["kept"]);
  });

  describe("give their messages to another one while the engine runs", () => {
    const contents = (name: string): string[] => {
      const folder = join(host.domain, name, "INBOX/#msgs");
      return readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
    };
    const both = (strayMail: string[]) => ({
      from: { path: join(host.domain, "stray"), inode: host.mailbox("stray", strayMail) },
      to: { path: join(host.domain, "jdoe"), inode: host.mailbox("jdoe", ["j1"]) },
      parking: host.parking,
    });
    /** A tool of that name that runs `before` and then the real one, where that answers 0. */
    const wrap = (tool: string, before: string): void => {
      const real = execFileSync("sh", ["-c", `command -v ${tool}`])
        .toString()
        .trim();
      const script = `#!/bin/sh\nfor last; do :; done\n${before}\nexec ${real} "$@"\n`;
      writeFileSync(join(host.root, "bin", tool), script, { mode: 0o755 });
    };
    /** Delivers under the very name that is about to be used, once. */
    const deliver = `case $last in
      */jdoe/*.eml) [ -e "\${0%/*}/delivered" ] || { echo engine >"$last"; : >"\${0%/*}/delivered"; } ;;
    esac`;

    test("and replace none that it delivers under the same name", async () => {
      const move = both(["s1", "s2"]);
      wrap("ln", deliver);
      wrap("mv", deliver);
      expect(await moveMessages(session, move)).toBe(2);
      expect(existsSync(join(host.root, "bin/delivered"))).toBe(true);
      expect(contents("jdoe").sort()).toEqual(["engine\n", "j1", "s1", "s2"]);
    });

    test("and leave it the names that it will use next", async () => {
      const move = both(["s1"]);
      writeFileSync(join(move.to.path, "INBOX/#msgs/ffff0000.eml"), "j2");
      await moveMessages(session, move);
      const names = readdirSync(join(move.to.path, "INBOX/#msgs")).sort();
      expect(names).toEqual(["00000001.eml", "00000002.eml", "ffff0000.eml"]);
      expect(contents("jdoe").sort()).toEqual(["j1", "j2", "s1"]);
    });

    test("and none twice after a run that died between the link and the removal", async () => {
      const move = both(["s1", "s2"]);
      linkSync(join(move.from.path, "INBOX/#msgs/00000001.eml"), join(move.to.path, "INBOX/#msgs/00100002.eml"));
      await moveMessages(session, move);
      expect(contents("jdoe").sort()).toEqual(["j1", "s1", "s2"]);
    });

    test("also where the file system knows no hard links", async () => {
      const move = both(["s1", "s2"]);
      wrap("ln", "exit 1");
      expect(await moveMessages(session, move)).toBe(2);
      expect(contents("jdoe").sort()).toEqual(["j1", "s1", "s2"]);
    });
  });
});
