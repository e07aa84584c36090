import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { keepSaved, savePause } from "../simulator/engine/config-saves";
import { resolveAddress } from "../simulator/engine/delivery";
import { Engine } from "../simulator/engine/engine";
import { Queue } from "../simulator/engine/queue";
import { dispatch } from "../simulator/engine/rpc/dispatch";
import { seedState } from "../simulator/engine/seed";
import { loadState, saveState } from "../simulator/engine/state-storage";

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** An engine without ports, in this process. */
function engineWith(switches: Record<string, string> = {}): Engine {
  const directory = mkdtempSync(join(tmpdir(), "engine-"));
  directories.push(directory);
  const environment = {
    host: "127.0.0.1",
    adminPort: 0,
    smtpPort: 0,
    submissionPort: 0,
    imapPort: 0,
    licenceSeats: 25,
    switches,
    certificateFile: "",
    keyFile: "",
    startDelayMs: 0,
    stopDelayMs: 0,
    firstRun: false,
  };
  const state = seedState(environment);
  const engine = new Engine(directory, directory, environment, state);
  engine.save = () => saveState(directory, state);
  return engine;
}

type Row = Record<string, unknown>;
type Bulk = { errors: { code: number }[]; result: { id: string }[]; list: Row[] };

/** Calls a method as the built-in administrator. */
async function call(engine: Engine, method: string, params: object = {}): Promise<Bulk> {
  const session = engine.sessions.open("Admin", undefined);
  const answer = await dispatch(engine, { method, params, session });
  if (answer.error) throw new Error(JSON.stringify(answer.error));
  return answer.result as Bulk;
}

const domainOf = (engine: Engine): string => engine.state.domains[0]?.id ?? "";

async function create(engine: Engine, loginName: string): Promise<string> {
  const users = [{ domainId: domainOf(engine), loginName, password: "x" }];
  return (await call(engine, "Users.create", { users })).result[0]?.id ?? "";
}

const rows = async (engine: Engine, what = "Users"): Promise<Row[]> =>
  (await call(engine, `${what}.get`, { query: {}, domainId: domainOf(engine) })).list;

const removal = (userId: string) => ({
  requests: [{ userId, method: "UDeleteUser", removeReferences: false, targetUserId: "" }],
});

describe("switches", () => {
  it("refuse values they do not know", () => {
    expect(() => engineWith({ "directory-at": "never" })).toThrow("directory-at");
  });

  it("removal-delay-ms keeps the row for a while, and an orderly stop ends the wait", async () => {
    vi.useFakeTimers();
    try {
      const engine = engineWith({ "removal-delay-ms": "5000" });
      const [first, second] = [await create(engine, "jdoe"), await create(engine, "jsmith")];
      await call(engine, "Users.remove", removal(first));
      expect(await rows(engine)).toHaveLength(2);
      vi.advanceTimersByTime(5000);
      expect(await rows(engine)).toHaveLength(1);
      await call(engine, "Users.remove", removal(second));
      engine.finishWaiting();
      expect(await rows(engine)).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("directory-at: at create or at the first use", async () => {
    for (const [value, made] of [
      ["create", true],
      ["first-use", false],
    ] as const) {
      const engine = engineWith({ "directory-at": value });
      await create(engine, "JDoe");
      expect(existsSync(join(engine.store, "mail/example.com/jdoe"))).toBe(made);
    }
  });

  it("adopted-sizes and bind-account: when the items of an adopted mailbox count", async () => {
    const shown = async (switches: Record<string, string>) => {
      const engine = engineWith(switches);
      const messages = join(engine.store, "mail/example.com/jdoe/INBOX/#msgs");
      mkdirSync(messages, { recursive: true });
      writeFileSync(join(messages, "00000001.eml"), "Subject: x\r\n\r\n");
      await create(engine, "jdoe");
      const before = (await rows(engine))[0]?.["consumedItems"];
      const user = engine.state.users[0];
      if (user) engine.openMailbox(user);
      return [before, (await rows(engine))[0]?.["consumedItems"]];
    };
    expect(await shown({})).toEqual([1, 1]);
    expect(await shown({ "adopted-sizes": "later" })).toEqual([0, 1]);
    expect(await shown({ "bind-account": "at-create" })).toEqual([1, 1]);
    expect((await shown({ "bind-account": "at-start" }))[0]).toBe(0);
  });

  it("set-login-name: accept changes the name and leaves the directory", async () => {
    const engine = engineWith({ "set-login-name": "accept", "directory-at": "create" });
    const id = await create(engine, "jdoe");
    await call(engine, "Users.set", { userIds: [id], pattern: { loginName: "jsmith" } });
    expect((await rows(engine))[0]).toMatchObject({ loginName: "jsmith", consumedItems: 0 });
    expect(existsSync(join(engine.store, "mail/example.com/jdoe"))).toBe(true);
    expect(existsSync(join(engine.store, "mail/example.com/jsmith"))).toBe(false);
  });

  it("set-login-name: another domain is refused, ignored or accepted as another name is", async () => {
    const tried = async (value: string) => {
      const engine = engineWith({ "set-login-name": value });
      const { result } = await call(engine, "Domains.create", { domains: [{ name: "second.example" }] });
      const id = await create(engine, "jdoe");
      const set = async (domainId: unknown) =>
        (await call(engine, "Users.set", { userIds: [id], pattern: { domainId } })).errors.map((each) => each["code"]);
      const [asked, unknown] = [await set(result[0]?.id), await set("none")];
      return { asked, unknown, moved: engine.user(id)?.domainId === result[0]?.id };
    };
    expect(await tried("refuse")).toEqual({ asked: [1000], unknown: [1000], moved: false });
    expect(await tried("ignore")).toEqual({ asked: [], unknown: [], moved: false });
    expect(await tried("accept")).toEqual({ asked: [], unknown: [1002], moved: true });
  });

  it("set-login-name: accept takes no name that a new account could not have", async () => {
    const engine = engineWith({ "set-login-name": "accept" });
    const id = await create(engine, "jdoe");
    await create(engine, "jsmith");
    for (const [loginName, code] of [
      ["JSmith", 1001],
      ["with space", 1000],
    ] as const) {
      const { errors } = await call(engine, "Users.set", { userIds: [id], pattern: { loginName } });
      expect(errors).toMatchObject([{ code }]);
    }
    expect(engine.user(id)?.loginName).toBe("jdoe");
  });

  it("forms of addresses, duplicates, unknown ids", async () => {
    const engine = engineWith({
      "email-addresses": "full",
      "deliver-to": "completed",
      "duplicate-alias": "refused",
      "alias-beside-address": "refused",
      "unknown-id": "ignored",
    });
    const id = await create(engine, "jdoe");
    await call(engine, "Users.set", { userIds: [id, "none"], pattern: { emailAddresses: ["jane"] } });
    expect((await rows(engine))[0]).toMatchObject({ emailAddresses: ["jane@example.com"] });
    const alias = (name: string) =>
      call(engine, "Aliases.create", { aliases: [{ domainId: domainOf(engine), name, deliverTo: "jdoe" }] });
    expect((await alias("old")).errors).toEqual([]);
    expect((await alias("old")).errors).toMatchObject([{ code: 1001 }]);
    expect((await alias("jane")).errors).toMatchObject([{ code: 1001 }]);
    expect(await rows(engine, "Aliases")).toMatchObject([{ name: "old", deliverTo: "jdoe@example.com" }]);
    expect((await call(engine, "Aliases.remove", { aliasIds: ["none"] })).errors).toEqual([]);
  });

  it("list-id, ignore-service-stop, directory-access, unknown-method, batch-after-error", async () => {
    const engine = engineWith({
      "list-id": "asked",
      "ignore-service-stop": "yes",
      "directory-access": "no",
      "unknown-method": "hang",
      "batch-after-error": "stop",
    });
    await create(engine, "jdoe");
    const query = { fields: ["loginName"] };
    const { list } = await call(engine, "Users.get", { query, domainId: domainOf(engine) });
    expect(list).toEqual([{ loginName: "jdoe" }]);
    const imap = engine.state.services.find((each) => each.name === "IMAP");
    if (imap) imap.isRunning = true;
    await call(engine, "Services.stop", { service: imap?.id });
    expect(imap?.isRunning).toBe(true);
    await expect(call(engine, "Server.getDirs", { fullPath: "/" })).rejects.toThrow("1004");
    await expect(call(engine, "Server.pathExists", { path: "/" })).rejects.toThrow("1004");
    const session = engine.sessions.open("Admin", undefined);
    expect(await dispatch(engine, { method: "No.such", params: {}, session })).toMatchObject({ hang: true });
    const commandList = [{ method: "No.such" }, { method: "Session.whoAmI" }];
    expect(await call(engine, "Batch.run", { commandList })).toHaveLength(1);
  });

  it("config-save: after each change, so that a kill loses nothing", async () => {
    const engine = engineWith({ "config-save": "after-change" });
    await create(engine, "jdoe");
    expect(loadState(engine.programDir).users).toEqual(engine.state.users);
  });

  it("config-save: after a change that the engine carries out later, too", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const engine = engineWith({ "config-save": "after-change", "removal-delay-ms": "500" });
    await call(engine, "Users.remove", removal(await create(engine, "jdoe")));
    expect(loadState(engine.programDir).users).toHaveLength(1);
    vi.advanceTimersByTime(500);
    expect(loadState(engine.programDir).users).toEqual([]);
    vi.useRealTimers();
  });

  it("config-save: now and then, whoever changes what", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    const engine = engineWith();
    keepSaved(engine);
    await create(engine, "jdoe");
    vi.advanceTimersByTime(savePause);
    expect(existsSync(join(engine.programDir, "users.cfg"))).toBe(false);
    engine.switches.choose("config-save", "now-and-then");
    vi.advanceTimersByTime(savePause);
    expect(loadState(engine.programDir).users).toEqual(engine.state.users);
    vi.useRealTimers();
  });

  it("disabled-delivery: defer keeps mail outside, and in the queue, until the account is enabled", async () => {
    const engine = engineWith({ "disabled-delivery": "defer" });
    const id = await create(engine, "jdoe");
    const queue = new Queue(engine);
    const smtp = engine.service("SMTP");
    if (smtp) smtp.isRunning = true;
    const enable = (isEnabled: boolean) => call(engine, "Users.set", { userIds: [id], pattern: { isEnabled } });
    await enable(false);
    expect(resolveAddress(engine, "jdoe@example.com").refusal).toMatch(/^450 4\.2\.1 /);
    const bounced = vi.fn();
    engine.truth.watch((kind, event) => kind === "bounces" && bounced(event["recipient"]));
    queue.accept("a@example.org", ["jdoe@example.com", "nobody@example.com"], Buffer.from("Subject: x\r\n\r\n"));
    expect(queue.list()).toMatchObject([{ recipients: ["jdoe@example.com"] }]);
    await enable(true);
    queue.run();
    expect(queue.length).toBe(0);
    expect(existsSync(join(engine.store, "mail/example.com/jdoe/INBOX/#msgs/00000001.eml"))).toBe(true);
    expect(bounced.mock.calls).toEqual([["nobody@example.com"]]);
  });

  it("init-system: tells what the server runs on", async () => {
    for (const [value, os] of [
      ["systemd", "Linux"],
      ["sysv", "Linux"],
      ["launchd", "MacOs"],
    ] as const) {
      const answer: unknown = await call(engineWith({ "init-system": value }), "Server.getProductInfo");
      expect(answer).toMatchObject({ info: { os } });
    }
  });

  it("queue-while-held: the queue waits for the service, or does not", async () => {
    for (const [value, waiting] of [
      ["hold", 1],
      ["deliver", 0],
    ] as const) {
      const engine = engineWith({ "queue-while-held": value });
      await create(engine, "jdoe");
      const queue = new Queue(engine);
      engine.runQueue = () => queue.run();
      queue.accept("a@example.org", ["jdoe@example.com"], Buffer.from("Subject: x\r\n\r\n"));
      expect(queue.length).toBe(waiting);
      expect(existsSync(join(engine.store, "mail/example.com/jdoe"))).toBe(waiting === 0);
      await call(engine, "Services.start", { service: engine.service("SMTP")?.id });
      expect(queue.length).toBe(0);
      expect(existsSync(join(engine.store, "mail/example.com/jdoe/INBOX/#msgs/00000001.eml"))).toBe(true);
    }
  });
});

describe("resources", () => {
  it("hold users and managers by id, and keep what dangles", async () => {
    const engine = engineWith();
    const id = await create(engine, "jdoe");
    const manager = { type: "UserPrincipal", id };
    const resources = [{ domainId: domainOf(engine), name: "room1", manager, resourceUsers: [manager] }];
    const { result } = await call(engine, "Resources.create", { resources });
    await call(engine, "Users.remove", removal(id));
    const [row] = await rows(engine, "Resources");
    expect(row).toMatchObject({ address: "room1@example.com", manager: { id, name: "jdoe" }, resourceUsers: [{ id }] });
    const set = (pattern: object) => call(engine, "Resources.set", { resourceIds: [result[0]?.id], pattern });
    expect((await set({ resourceUsers: [manager] })).errors).toEqual([]);
    expect((await set({ name: "room2" })).errors).toHaveLength(1);
    expect((await set({ manager: { type: "UserPrincipal", id: "none" } })).errors).toMatchObject([{ code: 1002 }]);
  });
});
