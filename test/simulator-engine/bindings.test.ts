import { once } from "node:events";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { afterEach, describe, expect, it } from "vitest";
import type { Serve } from "../simulator/engine/doors/door";
import { serveSmtp } from "../simulator/engine/doors/serve-smtp";
import { Engine } from "../simulator/engine/engine";
import { serveImap } from "../simulator/engine/imap/serve-imap";
import { ensureMailbox, storeMessage } from "../simulator/engine/mailbox";
import { Queue } from "../simulator/engine/queue";
import { BareEngine } from "./bare-engine";

const pass = "Xk7-pretty-long";
const unavailable = "t NO [UNAVAILABLE] the mailbox is not available\r\n";
const restarting = { "placed-directory": "at-restart" };

const opened: { close(): unknown }[] = [];
afterEach(() =>
  opened
    .splice(0)
    .reverse()
    .forEach((each) => each.close()),
);

/** An engine that has just started, with accounts of these names. */
async function started(switches: Record<string, string>, names: string[] = [], more = {}): Promise<BareEngine> {
  const bare = new BareEngine(switches);
  opened.push({ close: () => bare.remove() });
  Object.assign(bare.engine.service("SMTP") ?? {}, { isRunning: true });
  for (const name of names) await bare.user(name, more);
  bare.engine.bindings.start();
  return bare;
}

/** The next life of an engine, on the same store. */
function restarted({ programDir, environment, state }: Engine): Engine {
  const engine = new Engine(programDir, programDir, environment, state);
  engine.bindings.start();
  return engine;
}

const mailboxOf = ({ store }: Engine, name: string) => join(store, "mail/example.com", name);

/** Puts a mailbox with one message under a name; what lies there is put out of the domain. */
function place(engine: Engine, name: string): void {
  const made = join(engine.store, "made");
  ensureMailbox(made, `${name}@example.com`);
  storeMessage(join(made, "INBOX"), Buffer.from("Subject: placed\r\n\r\n"));
  mkdirSync(mailboxOf(engine, ""), { recursive: true });
  if (existsSync(mailboxOf(engine, name))) renameSync(mailboxOf(engine, name), join(engine.store, `gone-${name}`));
  renameSync(made, mailboxOf(engine, name));
}

/** Sends a message and gives the queue. */
function send(engine: Engine, name: string): Queue {
  const queue = new Queue(engine);
  queue.accept("a@example.org", [`${name}@example.com`], Buffer.from("Subject: sent\r\n\r\n"));
  return queue;
}

async function listening(serve: Serve): Promise<number> {
  const connection = { from: "127.0.0.1", since: 0, isSecure: false };
  const server = createServer((socket) => void serve(socket, connection)).listen(0, "127.0.0.1");
  opened.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A mail program that says one command at a time and is given all that is answered. */
async function reader(engine: Engine): Promise<(command: string) => Promise<string>> {
  const socket = connect(await listening(serveImap(engine, () => ({}))), "127.0.0.1").setEncoding("latin1");
  opened.push({ close: () => socket.destroy() });
  let text = "";
  socket.on("data", (part: string) => (text += part));
  await once(socket, "data");
  return async (command) => {
    text = "";
    socket.write(`t ${command}\r\n`);
    while (!/^t .*\r\n/m.test(text)) await once(socket, "data");
    return text;
  };
}

/** Whether somebody who logs in finds the message that has been placed, and mail comes in beside it. */
async function isSeen(engine: Engine, name: string): Promise<boolean> {
  const say = await reader(engine);
  const login = await say(`LOGIN ${name} ${pass}`);
  const waiting = send(engine, name).list();
  const isWaiting = waiting.some(({ recipients }) => recipients.includes(`${name}@example.com`));
  if (login === unavailable && isWaiting) return false;
  expect([login, isWaiting]).toEqual([expect.stringContaining("t OK"), false]);
  expect(await say("STATUS INBOX (MESSAGES)")).toContain("(MESSAGES 2)");
  return true;
}

describe("a directory that is put under a name while the engine runs", () => {
  it.each([
    ["at-once", "at-first-use", [true, true, true]],
    ["at-once", "at-create", [true, true, true]],
    ["at-once", "at-start", [true, true, true]],
    ["at-restart", "at-first-use", [false, true, true]],
    ["at-restart", "at-create", [false, false, true]],
    ["at-restart", "at-start", [false, false, false]],
  ])("placed-directory=%s, bind-account=%s: used, unused, new account", async (placed, bind, seen) => {
    const bare = await started({ "placed-directory": placed, "bind-account": bind }, ["jdoe", "jsmith"]);
    const { engine } = bare;
    expect(send(engine, "jdoe").length).toBe(0);
    for (const name of ["jdoe", "jsmith", "asmith"]) place(engine, name);
    await bare.user("asmith");
    const found = [];
    for (const name of ["jdoe", "jsmith", "asmith"]) found.push(await isSeen(engine, name));
    expect(found).toEqual(seen);
    const next = restarted(engine);
    const queue = new Queue(next);
    queue.run();
    expect(queue.length).toBe(0);
    expect(next.state.users.map((user) => next.usageOf(user).items)).toEqual([2, 2, 2]);
  });

  it.each([
    ["at-create", "yes", "behind", false],
    ["at-create", "no", "behind", true],
    ["at-create", "no", "before", false],
    ["at-start", "yes", "behind", false],
    ["at-start", "no", "behind", true],
    ["at-start", "no", "before", false],
  ])("bind-account=%s, bind-disabled=%s: an account that is enabled %s it", async (bind, value, when, seen) => {
    const switches = { ...restarting, "bind-account": bind, "bind-disabled": value };
    const bare = await started(switches, ["jdoe"], { isEnabled: false });
    if (when === "behind") place(bare.engine, "jdoe");
    const userIds = bare.engine.state.users.map(({ id }) => id);
    await bare.call("Users.set", { userIds, pattern: { isEnabled: true } });
    if (when === "before") place(bare.engine, "jdoe");
    expect(await isSeen(bare.engine, "jdoe")).toBe(seen);
  });
});

describe("an account whose directory is taken away under placed-directory=at-restart", () => {
  it("keeps its size, lets its mail wait and makes no other directory", async () => {
    const bare = await started(restarting);
    const { engine } = bare;
    const user = await bare.user("jdoe");
    send(engine, "jdoe");
    const [home, other] = [mailboxOf(engine, "jdoe"), mailboxOf(engine, "jsmith")];
    renameSync(home, other);
    const queue = send(engine, "jdoe");
    expect([queue.length, existsSync(home), engine.usageOf(user).items]).toEqual([1, false, 1]);
    renameSync(other, home);
    queue.run();
    expect([queue.length, engine.usageOf(user).items]).toEqual([0, 2]);
  });

  it("is refused for now, by every door and in the folder that is open", async () => {
    const bare = await started(restarting, ["jdoe"]);
    const say = await reader(bare.engine);
    for (const command of [`LOGIN jdoe ${pass}`, "SELECT INBOX"]) expect(await say(command)).toContain("t OK");
    place(bare.engine, "jdoe");
    for (const command of ["FETCH 1 UID", 'LIST "" INBOX']) expect(await say(command)).toBe(unavailable);
    expect(await say("NOOP")).toBe("t OK NOOP completed\r\n");
    const manner = { door: "smtp", loginFirst: false, tls: "none" } as const;
    const port = await listening(serveSmtp(bare.engine, new Queue(bare.engine), () => ({}), manner));
    const sender = (auth?: object) => createTransport({ host: "127.0.0.1", port, ignoreTLS: true, ...auth });
    const mail = { from: "a@example.org", to: "jdoe@example.com", text: "x" };
    await expect(sender().sendMail(mail)).rejects.toMatchObject({ responseCode: 450 });
    const auth = { user: "jdoe", pass };
    await expect(sender({ auth }).sendMail(mail)).rejects.toMatchObject({ responseCode: 454 });
  });

  it("gives none to others: not what is moved to it, recovered or removed", async () => {
    const bare = await started(restarting);
    const [jdoe, jsmith] = [await bare.user("jdoe"), await bare.user("jsmith")];
    for (const name of ["jdoe", "jsmith"]) send(bare.engine, name);
    place(bare.engine, "jdoe");
    const away = [{ code: 1000 }];
    const request = { userId: jsmith.id, method: "UMoveFolder", removeReferences: false, targetUserId: jdoe.id };
    expect((await bare.call("Users.remove", { requests: [request] })).errors).toMatchObject(away);
    expect((await bare.call("Users.recoverDeletedItems", { userIds: [jdoe.id] })).errors).toMatchObject(away);
    const removal = { userId: jdoe.id, method: "UDeleteFolder", removeReferences: false };
    expect((await bare.call("Users.remove", { requests: [removal] })).errors).toEqual([]);
    expect(existsSync(mailboxOf(bare.engine, "jdoe"))).toBe(true);
  });

  it("has another directory with another name", async () => {
    const bare = await started({ ...restarting, "set-login-name": "accept" });
    const { id } = await bare.user("jdoe");
    send(bare.engine, "jdoe");
    await bare.call("Users.set", { userIds: [id], pattern: { loginName: "jsmith" } });
    expect(send(bare.engine, "jsmith").length).toBe(0);
    expect(existsSync(mailboxOf(bare.engine, "jsmith"))).toBe(true);
  });
});
