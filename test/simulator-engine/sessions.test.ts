import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NewestMap } from "../simulator/engine/newest-map";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  bare = new BareEngine();
});
afterEach(() => {
  vi.useRealTimers();
  bare.remove();
});

const minutes = (count: number) => vi.setSystemTime(Date.now() + count * 60_000);
const application = { name: "", vendor: "", version: "" };
const attempt = (password: string, userName = "Admin") =>
  bare.call("Session.login", { userName, password, application }, undefined);

describe("sessions", () => {
  const alive = (address?: string) => {
    const { id, token } = session;
    return bare.engine.sessions.find(bare.engine, id, token, address) !== undefined;
  };
  let session: { id: string; token: string };
  beforeEach(() => (session = bare.engine.sessions.open("Admin", undefined, "10.0.0.1")));

  it("end after their idle time, which every call starts anew", () => {
    minutes(119);
    expect(alive()).toBe(true);
    minutes(119);
    expect(alive()).toBe(true);
    minutes(121);
    expect(alive()).toBe(false);
  });

  it("end after their whole time, however busy they are", async () => {
    const webMail = {
      sessionExpireTimeout: { value: 1, units: "Hours" },
      maximumSessionDuration: { value: 1, units: "Days" },
      forceLogout: true,
    };
    await bare.call("AdvancedOptions.set", { options: { webMail } });
    expect((await bare.call("AdvancedOptions.get")).options.webMail).toMatchObject(webMail);
    for (let hour = 0; hour < 24; hour += 1) {
      expect(alive("10.0.0.1")).toBe(true);
      minutes(60);
    }
    minutes(1);
    expect(alive("10.0.0.1")).toBe(false);
  });

  it("stay with their client's address when that is asked for", async () => {
    expect(alive("10.0.0.2")).toBe(true);
    await bare.call("AdvancedOptions.set", { options: { webMail: { forceLogout: true } } });
    expect(alive("10.0.0.1")).toBe(true);
    expect(alive("10.0.0.2")).toBe(false);
  });

  it("end with their logout; a second one is an error", async () => {
    const mine = bare.engine.sessions.open("Admin", undefined);
    expect(await bare.call("Session.logout", {}, mine)).toEqual({ redirectUrl: "" });
    const { id, token } = mine;
    const gone = bare.engine.sessions.find(bare.engine, id, token);
    expect(gone).toBeUndefined();
    await expect(bare.call("Session.logout", {}, null as never)).rejects.toThrow("(-32001)");
  });
});

describe("sessions that nobody ends", () => {
  const list = async (method: string) => (await bare.call(method, { query: {} })).list.length as number;

  it("are shown and taken for as long as they last", async () => {
    const { engine } = bare;
    const { id } = engine.sessions.open("Admin", undefined, "10.0.0.1");
    const before = [await list("Server.getWebSessions"), await list("Server.getConnections")];
    expect(engine.sessions.ofCookie(engine, id, "10.0.0.2")?.login).toBe("Admin");
    minutes(121);
    expect(engine.sessions.ofCookie(engine, id, "10.0.0.1")).toBeUndefined();
    expect(before).toEqual([2, 2]);
    expect([await list("Server.getWebSessions"), await list("Server.getConnections")]).toEqual([0, 0]);
  });

  it("end with the account, and stay with the address where that is asked for", async () => {
    const { engine } = bare;
    const helper = await bare.as("FullAdmin");
    expect(engine.sessions.ofCookie(engine, helper.id, "127.0.0.1")).toBe(helper);
    await bare.call("Users.set", { userIds: [helper.user?.id], pattern: { isEnabled: false } });
    expect(engine.sessions.find(engine, helper.id, helper.token, "127.0.0.1")).toBeUndefined();
    const { id } = await bare.as("FullAdmin");
    await bare.call("AdvancedOptions.set", { options: { webMail: { forceLogout: true } } });
    expect(engine.sessions.ofCookie(engine, id, "10.0.0.2")).toBeUndefined();
  });

  it("are forgotten when there are too many, those in use last", () => {
    const { engine } = bare;
    const { id, token } = engine.sessions.open("Admin", undefined);
    for (let count = 0; count < 9_990; count += 1) engine.sessions.open("Admin", undefined);
    expect(engine.sessions.find(engine, id, token)).toBeDefined();
    for (let count = 0; count < 5_000; count += 1) engine.sessions.open("Admin", undefined);
    expect(engine.sessions.list(engine)).toHaveLength(10_000);
    expect(engine.sessions.find(engine, id, token)).toBeDefined();
  });
});

describe("what is kept of many", () => {
  it("are the newest, by their weight", () => {
    const map = new NewestMap<string, string>(10, (text) => text.length);
    map.set("a", "xxxx").set("b", "xxxx").set("a", "xx");
    expect([...map.keys()]).toEqual(["b", "a"]);
    map.set("c", "xxxxx");
    expect([...map.keys()]).toEqual(["a", "c"]);
    map.set("d", "x".repeat(50));
    expect([...map.keys()]).toEqual(["d"]);
    map.delete("d");
    map.set("e", "x".repeat(10)).set("f", "");
    expect(map.size).toBe(2);
    map.clear();
    map.set("g", "x".repeat(10));
    expect(map.size).toBe(1);
  });

  it("are uploads, and the names of bad logins", () => {
    const { engine } = bare;
    for (let count = 0; count < 40; count += 1) engine.uploads.set(String(count), Buffer.allocUnsafe(2 ** 23));
    expect([engine.uploads.size, engine.uploads.has("39")]).toEqual([31, true]);
    const judge = (name: string) => engine.sessions.judge(engine, name, "wrong").outcome;
    for (let count = 0; count < 4; count += 1) judge("nobody");
    expect(judge("nobody")).toBe("locked");
    for (let count = 0; count < 10_000; count += 1) judge(`nobody${count}`);
    expect(judge("nobody")).toBe("refused");
  });
});

describe("bad logins", () => {
  it("lock the account for a while, as the policy says", async () => {
    const { options } = await bare.call("SecurityPolicy.get");
    expect(options.misc).toMatchObject({ enableLockout: true, failedLoginsToLock: 3, minutesToUnlock: 5 });
    await bare.call("SecurityPolicy.set", { options: { misc: { failedLoginsToLock: 2, minutesToUnlock: 10 } } });
    for (let count = 0; count < 2; count += 1) await expect(attempt("no")).rejects.toThrow("not correct. (1000)");
    await expect(attempt("Secret-7")).rejects.toThrow("not correct");
    minutes(9);
    await expect(attempt("Secret-7")).rejects.toThrow("not correct");
    minutes(2);
    expect(await attempt("Secret-7")).toHaveProperty("token");
    await bare.call("SecurityPolicy.set", { options: { misc: { enableLockout: false } } });
    for (let count = 0; count < 5; count += 1) await expect(attempt("no")).rejects.toThrow("not correct");
    expect(await attempt("Secret-7")).toHaveProperty("token");
  });

  it("shut an address out when guessing is watched", async () => {
    await bare.call("SecurityPolicy.set", { options: { misc: { antiHammering: { isEnabled: true } } } });
    for (let count = 0; count < 10; count += 1) await expect(attempt("no", `x${count}`)).rejects.toThrow();
    await expect(attempt("Secret-7")).rejects.toThrow("not correct");
    minutes(6);
    expect(await attempt("Secret-7")).toHaveProperty("token");
  });

  it("are told from accounts without rights", async () => {
    await bare.user("jdoe", { password: "Xk7-pretty-long" });
    await expect(attempt("Xk7-pretty-long", "jdoe")).rejects.toThrow("(1004)");
    await expect(attempt("wrong", "jdoe")).rejects.toThrow("not correct");
  });
});

describe("roles", () => {
  /** Which of some methods a role is denied. */
  async function denied(role: string, methods: Record<string, object>): Promise<string[]> {
    const session = await bare.as(role);
    const refused: string[] = [];
    for (const [method, params] of Object.entries(methods)) {
      await bare.call(method, params, session).catch((error: { code: number }) => {
        if (error.code !== 1004) throw error;
        refused.push(method);
      });
    }
    return refused;
  }

  it("decide what may be called", async () => {
    const query = {};
    const domainId = bare.domain;
    const methods = {
      "Session.whoAmI": {},
      "Version.getProductVersion": {},
      "Users.get": { query, domainId },
      "Domains.get": { query },
      "Statistics.get": {},
      "Services.get": {},
      "Backup.getStatus": {},
      "Users.checkMailboxIntegrity": { userIds: [] },
      "Users.create": { users: [] },
      "Aliases.remove": { aliasIds: [] },
      "Groups.set": { groupIds: [], pattern: {} },
      "Domains.generatePassword": { domainId },
      "Domains.set": { domainIds: [], pattern: {} },
      "Services.set": { services: [] },
      "SecurityPolicy.unlockAllAccounts": {},
    };
    expect(await denied("FullAdmin", methods)).toEqual([]);
    expect(await denied("AccountAdmin", methods)).toEqual([
      "Services.get",
      "Backup.getStatus",
      "Domains.set",
      "Services.set",
      "SecurityPolicy.unlockAllAccounts",
    ]);
    expect(await denied("Auditor", methods)).toEqual([
      "Users.checkMailboxIntegrity",
      "Users.create",
      "Aliases.remove",
      "Groups.set",
      "Domains.generatePassword",
      "Domains.set",
      "Services.set",
      "SecurityPolicy.unlockAllAccounts",
    ]);
  });
});
