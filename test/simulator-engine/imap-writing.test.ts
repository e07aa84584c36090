import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { ImapFlow } from "imapflow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveImap } from "../simulator/engine/imap/serve-imap";
import { storeMessage } from "../simulator/engine/mailbox";
import type { User } from "../simulator/engine/state";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
let jdoe: User;
let server: Server;
let client: ImapFlow;
beforeAll(async () => {
  bare = new BareEngine();
  jdoe = await bare.user("jdoe");
  const serve = serveImap(bare.engine, () => ({}));
  const connection = { from: "127.0.0.1", since: 0, isSecure: false };
  server = createServer((socket) => void serve(socket, connection)).listen(0, "127.0.0.1");
  await once(server, "listening");
  client = await connected();
});
afterAll(async () => {
  await client?.logout();
  server?.close();
  bare.remove();
});

async function connected(): Promise<ImapFlow> {
  const { port } = server.address() as AddressInfo;
  const auth = { user: "jdoe", pass: "Xk7-pretty-long" };
  const where = { host: "127.0.0.1", port, secure: false, doSTARTTLS: false };
  const made = new ImapFlow({ ...where, auth, logger: false, disableAutoIdle: true });
  await made.connect();
  return made;
}

/** What the server says to a login, to these commands with their number as the tag, and to a LOGOUT. */
async function spoken(...commands: string[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const lines = ["a LOGIN jdoe Xk7-pretty-long", ...commands.map((command, tag) => `${tag} ${command}`), "z LOGOUT"];
  socket.write(lines.map((line) => `${line}\r\n`).join(""));
  let text = "";
  for await (const data of socket) text += String(data);
  return text;
}

const inBox = (...path: string[]) => join(bare.engine.mailboxOf(jdoe), ...path);
const letter = (subject: string) => Buffer.from(`Subject: ${subject}\r\n\r\n\xe9 \r\n`, "latin1");

async function uidsIn(folder: string): Promise<number[]> {
  await client.mailboxOpen(folder);
  return (await client.search({ all: true }, { uid: true })) || [];
}

describe("a mail program that writes", () => {
  it("appends a message with its flags and its date, as it is", async () => {
    const at = new Date("2021-05-04T03:02:01Z");
    const made = await client.append("Sent Items", letter("sent"), ["\\Seen", "\\Answered"], at);
    expect(made).toMatchObject({ uid: 1 });
    expect(readFileSync(inBox("Sent Items/#msgs/00000001.eml"))).toEqual(letter("sent"));
    const seconds = (at.getTime() / 1000).toString(16);
    expect(readFileSync(inBox("Sent Items/index.fld"), "utf8")).toMatch(new RegExp(`^U1 F3 S\\d+ D${seconds} `));
    await client.mailboxOpen("Sent Items");
    expect(await client.fetchOne("1", { internalDate: true })).toMatchObject({ internalDate: at });
    await expect(client.append("Nowhere", letter("lost"))).rejects.toMatchObject({ serverResponseCode: "TRYCREATE" });
  });

  it("copies, moves and deletes, and never sees a number twice", async () => {
    for (const subject of ["one", "two", "three"]) await client.append("INBOX", letter(subject));
    expect(await uidsIn("INBOX")).toEqual([1, 2, 3]);
    const copy = await client.messageCopy("1:2", "Drafts");
    expect(copy && Object.fromEntries(copy.uidMap ?? [])).toEqual({ 1: 1, 2: 2 });
    const move = await client.messageMove("3", "Deleted Items", { uid: true });
    expect(move && Object.fromEntries(move.uidMap ?? [])).toEqual({ 3: 1 });
    expect(await client.messageDelete("2", { uid: true })).toBe(true);
    expect(await uidsIn("INBOX")).toEqual([1]);
    await client.append("INBOX", letter("four"));
    expect(await uidsIn("INBOX")).toEqual([1, 4]);
    expect(await uidsIn("Drafts")).toEqual([1, 2]);
    expect(await uidsIn("Deleted Items")).toEqual([1]);
    expect(existsSync(inBox("INBOX/#msgs/00000003.eml"))).toBe(false);
    expect(readFileSync(inBox("INBOX/deleted.fld"), "utf8")).toMatch(/^[0-9a-f]{8} 3\n[0-9a-f]{8} 2\n$/);
  });

  it("closes a folder without what it has marked as deleted, unless it was only looking", async () => {
    await client.mailboxOpen("Drafts");
    await client.messageFlagsAdd("2", ["\\Deleted"], { uid: true });
    expect(await client.search({ deleted: true }, { uid: true })).toEqual([2]);
    await client.mailboxOpen("Drafts", { readOnly: true });
    expect(await client.mailboxClose()).toBe(true);
    expect(await uidsIn("Drafts")).toEqual([1, 2]);
    await client.mailboxClose();
    expect(await uidsIn("Drafts")).toEqual([1]);
  });

  it("makes folders, renames them and takes them away, the standard ones not", async () => {
    await client.mailboxCreate("Work/Plans");
    expect(readFileSync(inBox("Work/status.fld"), "utf8")).toMatch(/^jdoe@example\.com /);
    await client.append("Work/Plans", letter("plan"));
    await client.mailboxRename("Work", "Done");
    expect(await uidsIn("Done/Plans")).toEqual([1]);
    expect((await client.list()).map(({ path }) => path)).toEqual(expect.arrayContaining(["Done", "Done/Plans"]));
    await expect(client.mailboxDelete("Done")).rejects.toThrow();
    await client.mailboxDelete("Done/Plans");
    await client.mailboxDelete("Done");
    expect(existsSync(inBox("Done"))).toBe(false);
    for (const name of ["INBOX", "Drafts"]) await expect(client.mailboxDelete(name)).rejects.toThrow();
    for (const name of ["../jsmith", "#public", "a/./b", "INBOX/#msgs"]) {
      await expect(client.mailboxCreate(name)).rejects.toThrow();
    }
  });

  it("may ask for folders by any pattern, and is never kept waiting for it", async () => {
    const names = ["Work", "Work/Plans", "Work/Plans/Old", `Work/${"a".repeat(190)}`];
    for (const name of names) await client.mailboxCreate(name);
    const found = async (pattern: string) =>
      [...(await spoken(`LIST "" "${pattern}"`)).matchAll(/^\* LIST \(.*\) "\/" "(.*)"\r$/gm)].map((match) => match[1]);
    expect(await found("W*")).toEqual(names.toSorted());
    expect(await found("W%")).toEqual(["Work"]);
    expect(await found("%/%s")).toEqual(["Work/Plans"]);
    expect(await found("*/*O%d")).toEqual(["Work/Plans/Old"]);
    expect(await found("inbox")).toEqual(["INBOX"]);
    expect(await found("Work.Plans")).toEqual([]);
    expect(await found(`${"*a".repeat(40)}*b`)).toEqual([]);
    const long = [`LIST "" "${"*a".repeat(600)}"`, `LIST  ${"*".repeat(60_000)}(`];
    expect(await spoken(...long)).toMatch(/0 NO .*\r\n1 BAD /);
    const section = `FETCH 1 BODY[${".".repeat(60_000)}!]`;
    expect(await spoken("SELECT Drafts", section)).toContain("1 BAD ");
    for (const name of names.toReversed()) await client.mailboxDelete(name);
  });

  it("is refused what there is no room for", async () => {
    jdoe.itemLimit = { isActive: true, limit: 6 };
    expect(await uidsIn("INBOX")).toEqual([1, 4]);
    await expect(client.messageCopy("1:*", "Drafts")).resolves.toBe(false);
    await client.messageCopy("1", "Drafts");
    await expect(client.append("INBOX", letter("more"))).rejects.toMatchObject({ serverResponseCode: "OVERQUOTA" });
    jdoe.itemLimit = { isActive: false, limit: 0 };
  });

  it("gets back what it has deleted, where the domain keeps it and the mailbox has room", async () => {
    const keepForRecovery = { isEnabled: true, days: 7 };
    await bare.call("Domains.set", { domainIds: [bare.domain], pattern: { keepForRecovery } });
    const ids = { userIds: [jdoe.id] };
    const kept = async () => (await bare.call("Users.getRecoveryDeletedItemsSize", ids)).sizeList;
    expect(await kept()).toEqual([{ items: 0, storage: { value: 0, units: "Bytes" } }]);
    await client.mailboxOpen("Deleted Items");
    await client.messageDelete("1", { uid: true });
    expect(await kept()).toEqual([{ items: 1, storage: { value: letter("three").length, units: "Bytes" } }]);
    jdoe.itemLimit = { isActive: true, limit: 1 };
    expect(await bare.call("Users.recoverDeletedItems", ids)).toMatchObject({
      errors: [{ inputIndex: 0, code: 4000 }],
    });
    jdoe.itemLimit = { isActive: false, limit: 0 };
    expect(await bare.call("Users.recoverDeletedItems", ids)).toEqual({
      errors: [],
      recoveryMessages: [{ inputIndex: 0, itemsCount: 1 }],
    });
    expect(readFileSync(inBox("Deleted Items/#msgs/00000002.eml"))).toEqual(letter("three"));
    expect(await kept()).toMatchObject([{ items: 0 }]);
  });

  it("gives rights to folders, by name in their status file, and is seen to have one open", async () => {
    await bare.user("jsmith");
    const rights = () => readFileSync(inBox("INBOX/status.fld"), "utf8");
    const own = "jdoe@example.com lrswipkxtea\n";
    await client.mailboxOpen("INBOX");
    const { uidValidity } = client.mailbox as { uidValidity: bigint };
    const given = await spoken(
      "SETACL INBOX jsmith lrs",
      "SETACL INBOX JSmith@example.com +wi",
      "SETACL INBOX anyone l",
      "SETACL INBOX jsmith -sl",
      "GETACL INBOX",
    );
    expect(given).toContain('* ACL "INBOX" "jdoe@example.com" "lrswipkxtea" "anyone" "l" "jsmith@example.com" "rwi"');
    expect(rights()).toBe(`${own}anyone l\njsmith@example.com rwi\n`);
    const taken = await spoken(
      "DELETEACL INBOX jsmith",
      "MYRIGHTS inbox",
      "SETACL INBOX nobody l",
      "SETACL INBOX jsmith !",
    );
    expect(taken).toMatch(/0 OK .*\r\n\* MYRIGHTS "INBOX" "lrswipkxtea"\r\n1 OK .*\r\n2 NO .*\r\n3 BAD /);
    expect(rights()).toBe(`${own}anyone l\n`);
    expect(await client.status("INBOX", { uidValidity: true })).toMatchObject({ uidValidity });
    const folder = { folderName: "jdoe@example.com/INBOX", referenceCount: 1, users: ["jdoe@example.com"] };
    expect((await bare.call("Server.getOpenedFoldersInfo", { query: {} })).list).toMatchObject([folder]);
  });

  it("hears of news while it waits", async () => {
    const idle = await connected();
    await idle.mailboxOpen("INBOX");
    const waiting = idle.idle();
    const news = once(idle, "exists") as Promise<[{ count: number }]>;
    storeMessage(inBox("INBOX"), letter("news"));
    expect(await news).toMatchObject([{ count: 3 }]);
    const gone = once(idle, "expunge");
    await client.mailboxOpen("INBOX");
    await client.messageDelete("1", { uid: true });
    expect(await gone).toMatchObject([{ seq: 1 }]);
    expect(await idle.search({ all: true }, { uid: true })).toEqual([4, 5]);
    await waiting;
    await idle.logout();
  });
});
