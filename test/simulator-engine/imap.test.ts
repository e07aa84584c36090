import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ImapFlow, type FetchMessageObject } from "imapflow";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { makeUser, userRow } from "./people";
import { rawSocket, type RawSocket } from "./raw-socket";

const password = "Xk7-pretty-long";
const letter = [
  "From: =?utf-8?Q?J=C3=B6rg?= <jsmith@example.com>",
  'To: "Doe, J." <jdoe@example.com>, staff: asmith@example.com;',
  "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=",
  "Date: Mon, 02 Mar 2020 10:00:00 +0100",
  "Message-ID: <1@example.com>",
  'Content-Type: multipart/mixed; boundary="b1"',
  "",
  "a preamble",
  "--b1",
  "",
  "plain words",
  "--b1",
  "Content-Type: message/rfc822",
  "",
  "Subject: the inner one",
  "",
  "inner words",
  "",
  "--b1",
  'Content-Type: application/pdf; name="plan.pdf"',
  "Content-Disposition: attachment; filename=plan.pdf",
  "Content-Transfer-Encoding: base64",
  "",
  "JVBERi0=",
  "--b1--",
  "",
].join("\r\n");

let simulator: Simulator;
let jdoe: string;
beforeAll(async () => {
  simulator = await startSimulator();
  jdoe = await makeUser(simulator, "jdoe");
  await makeUser(simulator, "jsmith");
});
afterAll(() => simulator?.stop());

/** Logs in, works, logs out. */
async function reading<T>(
  user: string,
  work: (client: ImapFlow) => Promise<T>,
  { pass = password, port = simulator.info.imap.port, secure = false } = {},
): Promise<T> {
  const ca = readFileSync(simulator.info.caFile);
  const { host } = simulator.info.imap;
  const auth = { user, pass };
  const client = new ImapFlow({ host, port, auth, secure, tls: { ca }, logger: false });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.logout();
  }
}

async function send(raw: Buffer, to: string): Promise<void> {
  const transport = createTransport({ ...simulator.info.smtp, ignoreTLS: true });
  await transport.sendMail({ envelope: { from: "a@example.org", to }, raw });
  transport.close();
}

/** A connection in the clear that has been greeted. */
async function lines(): Promise<RawSocket> {
  const client = await rawSocket(simulator.info, false, simulator.info.imap.port);
  await client.until((text) => /^\* OK .*\r\n$/.test(text));
  return client;
}

/** Says a line and waits for one that begins so; gives all that has come in between. */
async function say(client: RawSocket, line: string, start: string): Promise<string> {
  const before = client.text().length;
  client.write(`${line}\r\n`);
  const isThere = (text: string) => text.endsWith("\r\n") && text.split("\r\n").some((each) => each.startsWith(start));
  return (await client.until((text) => isThere(text.slice(before)))).slice(before);
}

async function all(client: ImapFlow, query: object): Promise<FetchMessageObject[]> {
  const messages: FetchMessageObject[] = [];
  for await (const message of client.fetch("1:*", query)) messages.push(message);
  return messages;
}

describe("IMAP", () => {
  it("makes the default folders at the first login, and remembers when that was", async () => {
    expect(await simulator.control.directories("example.com")).toEqual([]);
    const before = Math.floor(Date.now() / 1000);
    const { paths, secure } = await reading("jdoe@example.com", async (client) => ({
      paths: (await client.list()).map((each) => each.path),
      secure: client.secureConnection,
    }));
    expect(secure).toBe(true);
    expect(paths).toHaveLength(10);
    expect(paths).toEqual(expect.arrayContaining(["INBOX", "Drafts", "Sent Items", "Deleted Items", "Junk E-mail"]));
    const directories = await simulator.control.directories("example.com");
    expect(directories.map((each) => each.name)).toEqual(["jdoe"]);
    const row = (await userRow(simulator, "jdoe")) as { lastLoginInfo: { dateTime: number; protocol: string } };
    expect(row.lastLoginInfo.protocol).toBe("IMAP");
    expect(row.lastLoginInfo.dateTime).toBeGreaterThanOrEqual(before);
  });

  it("refuses the unknown, wrong passwords and the disabled", async () => {
    const login = (user: string, pass?: string) => reading(user, async () => "in", { pass });
    await expect(login("nobody")).rejects.toMatchObject({ authenticationFailed: true });
    await expect(login("jdoe", "wrong")).rejects.toMatchObject({ authenticationFailed: true });
    await expect(login(simulator.info.admin.user, simulator.info.admin.password)).rejects.toThrow();
    await simulator.adminCall("Users.set", { userIds: [jdoe], pattern: { isEnabled: false } });
    await expect(login("jdoe")).rejects.toMatchObject({ authenticationFailed: true });
    await simulator.adminCall("Users.set", { userIds: [jdoe], pattern: { isEnabled: true } });
    expect(await login("JDoe")).toBe("in");
  });

  it("shows the bytes of the files, and what they say", async () => {
    const latin = Buffer.from("From: <a@example.org>\r\nSubject: bytes\r\n\r\n.dot\r\nlatin \xe9\r\n", "latin1");
    await send(latin, "jdoe@example.com");
    await send(Buffer.from(letter), "jdoe@example.com");
    const query = { uid: true, source: true, envelope: true, bodyStructure: true, size: true, internalDate: true };
    const [first, second] = await reading("jdoe", async (client) => {
      await client.mailboxOpen("INBOX", { readOnly: true });
      return all(client, query);
    });
    expect(first?.source).toEqual(latin);
    expect(second?.source?.toString()).toBe(letter);
    expect([first?.uid, second?.uid, first?.size]).toEqual([1, 2, latin.length]);
    expect(Math.abs(Date.now() - (second?.internalDate as Date).getTime())).toBeLessThan(600_000);
    const stored = await simulator.control.messages("example.com", "jdoe");
    expect(stored.map((each) => each.sha256)).toEqual(
      [first, second].map((each) =>
        createHash("sha256")
          .update(each?.source ?? "")
          .digest("hex"),
      ),
    );
    expect(second?.envelope).toMatchObject({
      subject: "Grüße",
      messageId: "<1@example.com>",
      from: [{ name: "Jörg", address: "jsmith@example.com" }],
      to: expect.arrayContaining([{ name: "Doe, J.", address: "jdoe@example.com" }]) as unknown,
      date: new Date("2020-03-02T09:00:00Z"),
    });
    expect(second?.bodyStructure).toMatchObject({
      type: "multipart/mixed",
      childNodes: [
        { part: "1", type: "text/plain" },
        { part: "2", type: "message/rfc822" },
        { part: "3", type: "application/pdf", disposition: "attachment", encoding: "base64", size: 8 },
      ],
    });
  });

  it("gives parts and pieces", async () => {
    const { parts, headers, piece } = await reading("jdoe", async (client) => {
      await client.mailboxOpen("INBOX", { readOnly: true });
      const bodyParts = ["1", "2.1", "2.header", "3.mime", "text"];
      const message = await client.fetchOne("2", { bodyParts, headers: ["subject"] });
      const start = await client.fetchOne("2", { source: { start: 6, maxLength: 9 } });
      return {
        parts: message ? [...(message.bodyParts ?? [])].map(([name, bytes]) => [name, bytes.toString()]) : [],
        headers: message && message.headers?.toString(),
        piece: start && start.source?.toString(),
      };
    });
    expect(Object.fromEntries(parts)).toEqual({
      "1": "plain words",
      "2.1": "inner words\r\n",
      "2.header": "Subject: the inner one\r\n\r\n",
      "3.mime": letter.slice(letter.indexOf("Content-Type: application"), letter.indexOf("JVBER")),
      text: letter.slice(letter.indexOf("a preamble")),
    });
    expect(headers).toBe("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\n");
    expect(piece).toBe(letter.slice(6, 15));
  });

  it("finds, and keeps flags in the index", async () => {
    const found = await reading("jdoe", async (client) => {
      await client.mailboxOpen("INBOX");
      const search = (query: object) => client.search(query, { uid: true });
      const results = {
        subject: await search({ subject: "grüße" }),
        from: await search({ from: "a@example.org" }),
        or: await search({ or: [{ subject: "bytes" }, { body: "inner words" }] }),
        not: await search({ not: { subject: "bytes" } }),
        sentBefore: await search({ sentBefore: new Date("2020-03-03") }),
        since: await search({ since: new Date(Date.now() - 86_400_000), larger: 200 }),
        unseen: await search({ seen: false }),
      };
      await client.messageFlagsAdd("1", ["\\Flagged", "\\Answered"]);
      await client.messageFlagsRemove("1", ["\\Answered"]);
      return results;
    });
    expect(found).toEqual({
      subject: [2],
      from: [1],
      or: [1, 2],
      not: [2],
      sentBefore: [2],
      since: [2],
      unseen: [1, 2],
    });
    const index = readFileSync(`${simulator.info.store}/mail/example.com/jdoe/INBOX/index.fld`, "utf8");
    expect(index).toMatch(/^U1 F4 S/);
    const { flags, status } = await reading("jdoe", async (client) => {
      const status = await client.status("INBOX", { messages: true, unseen: true, uidNext: true });
      await client.mailboxOpen("INBOX");
      return { status, flags: (await all(client, { flags: true })).map((each) => [...(each.flags ?? [])]) };
    });
    expect(flags).toEqual([["\\Flagged"], []]);
    expect(status).toMatchObject({ messages: 2, unseen: 2, uidNext: 3 });
  });

  it("speaks to bare lines: literals, tags, mistakes, what marks a message as seen, and news", async () => {
    const client = await lines();
    expect(client.text()).toContain("IMAP4rev1");
    expect(await say(client, "a1 SELECT INBOX", "a1 ")).toContain("a1 BAD");
    expect(await say(client, "a2 LOGIN {4}", "+ ")).toMatch(/^\+ /);
    expect(await say(client, `jdoe {${password.length}+}\r\n${password}`, "a2 ")).toContain("a2 OK");
    expect(await say(client, 'a3 LIST "" I*X', "a3 ")).toMatch(/^\* LIST \(\\HasNoChildren\) "\/" "INBOX"\r\na3 OK/);
    expect(await say(client, 'a4 LIST "" ""', "a4 ")).toContain('* LIST (\\Noselect) "/" ""');
    expect(await say(client, `c1 LIST "" "${"*%".repeat(5000)}x"`, "c1 ")).toBe("c1 OK LIST completed\r\n");
    expect(await say(client, "a5 EXAMINE nowhere", "a5 ")).toContain("a5 NO");
    expect(await say(client, "a6 SELECT inbox", "a6 ")).toMatch(
      /\* 2 EXISTS\r\n[^]*UIDVALIDITY \d+[^]*a6 OK \[READ-WRITE\]/,
    );
    expect(await say(client, "a7 UID FETCH 1 BODY[TEXT]<1.3>", "a7 ")).toContain(
      "* 1 FETCH (UID 1 BODY[TEXT]<1> {3}\r\ndot FLAGS (\\Seen \\Flagged))",
    );
    expect(await say(client, "a8 FETCH 1 (NONSENSE)", "a8 ")).toContain("a8 BAD");
    expect(await say(client, "a9 ((((", "a9 ")).toContain("a9 BAD");
    expect(await say(client, "b1 GETQUOTAROOT INBOX", "b1 ")).toContain("b1 BAD");
    await simulator.deliver({ to: "jdoe@example.com", subject: "news" });
    expect(await say(client, "b2 NOOP", "b2 ")).toContain("* 3 EXISTS");
    expect(await say(client, "b3 LOGOUT", "b3 ")).toContain("* BYE");
    await client.closed();
  });

  it.each(["SELECT", "EXAMINE"])("mends a broken folder when somebody opens it with %s", async (command) => {
    const inbox = `${simulator.info.store}/mail/example.com/jdoe/INBOX`;
    const client = await lines();
    await say(client, `a1 LOGIN jdoe ${password}`, "a1 OK");
    const there = readdirSync(join(inbox, "#msgs")).length;
    for (const [index, left] of [
      ["\0\n", 0],
      ["U1 F0 S1 D0 M0 I1 CIPM.Note\n", 1],
    ] as const) {
      writeFileSync(join(inbox, "index.fld"), index);
      expect(await say(client, "a2 STATUS INBOX (MESSAGES)", "a2 ")).toContain(`(MESSAGES ${left})`);
      expect(await say(client, `a3 ${command} INBOX`, "a3 ")).toContain(`* ${there} EXISTS\r\n`);
    }
    expect(await say(client, "a4 LOGOUT", "a4 ")).toContain("* BYE");
    await client.closed();
  });

  it("closes its port while the service is held, and ends those who are logged in", async () => {
    const { services } = await simulator.adminCall<{
      services: { id: string; name: string; listeners: { port: number }[] }[];
    }>("Services.get");
    const [imap, secureImap] = ["IMAP", "Secure IMAP"].map((name) => services.find((each) => each.name === name));
    expect(imap?.listeners).toMatchObject([{ port: simulator.info.imap.port }]);
    const client = await lines();
    await simulator.adminCall("Services.stop", { service: imap?.id });
    await client.closed();
    expect(client.text()).toContain("* BYE");
    await expect(reading("jdoe", async () => "in")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    const port = secureImap?.listeners[0]?.port;
    expect(await reading("jdoe", async (client) => client.secureConnection, { port, secure: true })).toBe(true);
    await simulator.adminCall("Services.start", { service: imap?.id });
    expect(await reading("jdoe", async () => "in")).toBe("in");
  });

  it("lets go of an account that is removed while it is logged in", async () => {
    const client = await lines();
    await say(client, `a1 LOGIN jsmith ${password}`, "a1 OK");
    const row = await userRow(simulator, "jsmith");
    const request = { userId: row?.["id"], method: "UDeleteUser", removeReferences: false, targetUserId: "" };
    await simulator.adminCall("Users.remove", { requests: [{ ...request, mode: "DSModeDeactivate" }] });
    expect(await say(client, "a2 SELECT INBOX", "* BYE")).not.toContain("a2 OK");
    await client.closed();
  });
});
