import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dispatch } from "../simulator/engine/rpc/dispatch";
import type { Session } from "../simulator/engine/sessions";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

describe("bulk-refusals", () => {
  const removal = (userId: string) => ({ userId, method: "UDeleteFolder", removeReferences: true });

  it("items: who is not refused is done, and a row that is named twice is removed once", async () => {
    const { id } = await bare.user("jdoe");
    await bare.user("jsmith");
    const { errors, result } = await bare.call("Users.create", {
      users: ["asmith", "jdoe"].map((loginName) => ({ domainId: bare.domain, loginName, password: "x" })),
    });
    expect([errors, result]).toMatchObject([[{ inputIndex: 1, code: 1001 }], [{ inputIndex: 0 }]]);
    const removed = await bare.call("Users.remove", { requests: [removal(id), removal(id)] });
    expect(removed.errors).toMatchObject([{ inputIndex: 1, code: 1002 }]);
    const alias = await bare.idOf("Aliases", { name: "books", deliverTo: "jsmith" });
    await bare.idOf("Aliases", { name: "sales", deliverTo: "jsmith" });
    await bare.call("Aliases.remove", { aliasIds: [alias, alias] });
    const { users: left, aliases } = bare.engine.state;
    expect([left.map((each) => each.loginName), aliases.map((each) => each.name)]).toEqual([
      ["jsmith", "asmith"],
      ["sales"],
    ]);
  });

  it("call: of a call that is refused nothing is done, on the disk neither", async () => {
    bare.choose({ "bulk-refusals": "call", "directory-at": "create", "dangling-references": "by-name" });
    const { id } = await bare.user("jdoe", { password: "Xk7-pretty-long", fullName: "J. Doe" });
    const groupId = await bare.idOf("Groups", { name: "staff" });
    const aliasIds = [await bare.idOf("Aliases", { name: "books", deliverTo: "jdoe" }), "none"];
    const before = structuredClone(bare.engine.state);
    const refused = (method: string, params: object, code: number) =>
      expect(bare.call(method, params), method).rejects.toMatchObject({ code });
    const named = (loginName: string, password = "x") => ({ domainId: bare.domain, loginName, password });
    const pattern = { fullName: "Jane", loginName: "jdoe", userGroups: [{ id: groupId }], emailAddresses: ["j"] };
    await refused("Users.create", { users: [named("asmith"), named("JDoe")] }, 1001);
    await refused("Users.create", { users: [named("asmith"), named("a b")] }, 1000);
    await refused("Users.set", { userIds: [id, "none"], pattern }, 1002);
    await refused("Users.remove", { requests: [removal(id), removal("none")] }, 1002);
    await refused("Aliases.set", { aliasIds, pattern: { name: "sales" } }, 1002);
    await refused("Aliases.remove", { aliasIds }, 1002);
    await refused("Groups.addMemberList", { groupId, userList: [id, "none"] }, 1002);
    await refused("Groups.remove", { requests: [{ groupId }, { groupId: "none" }] }, 1002);
    expect(bare.engine.state).toEqual(before);
    const mailbox = (name: string) => existsSync(join(bare.engine.store, "mail/example.com", name));
    expect([mailbox("jdoe"), mailbox("asmith")]).toEqual([true, false]);
    expect(bare.engine.user(id)).toBe(bare.engine.state.users[0]);

    expect((await bare.call("Users.create", { users: [named("asmith")] })).errors).toEqual([]);
    expect(mailbox("asmith")).toBe(true);
    await bare.call("Users.remove", { requests: [removal(id)] });
    expect([mailbox("jdoe"), bare.engine.user(id)]).toEqual([false, undefined]);
  });

  it.each([
    ["names", "rejected", "fulfilled"],
    ["ids", "fulfilled", "rejected"],
  ])("%s: a taken name and an unknown id stand in other places", async (value, name, unknown) => {
    bare.choose({ "bulk-refusals": value });
    const { id } = await bare.user("jdoe");
    const users = ["asmith", "JDoe"].map((loginName) => ({ domainId: bare.domain, loginName, password: "x" }));
    const ended = await Promise.allSettled([
      bare.call("Users.create", { users }),
      bare.call("Users.set", { userIds: [id, "none"], pattern: { fullName: "Jane" } }),
    ]);
    expect(ended.map(({ status }) => status)).toEqual([name, unknown]);
    expect(bare.engine.state.users).toHaveLength(name === "rejected" ? 1 : 2);
    expect(bare.engine.user(id)?.fullName).toBe(unknown === "rejected" ? "" : "Jane");
  });

  it("call: where the refusal of a seat stands is said by licence-error", async () => {
    bare.choose({ "bulk-refusals": "call" });
    await bare.call("Domains.set", { domainIds: [bare.domain], pattern: { userMaxCount: 1 } });
    const users = ["jdoe", "jsmith"].map((loginName) => ({ domainId: bare.domain, loginName, password: "x" }));
    expect((await bare.call("Users.create", { users })).errors).toMatchObject([{ inputIndex: 1, code: 1003 }]);
    expect(bare.engine.state.users.map((each) => each.loginName)).toEqual(["jdoe"]);
  });
});

describe("refusal-texts", () => {
  it.each([
    ["with-parameters", "%1 does not exist.", ["none"]],
    ["plain", "none does not exist.", []],
    ["empty", "", []],
  ])("%s: of a call, of one of several, and of an item", async (value, message, positionalParameters) => {
    bare.choose({ "refusal-texts": value });
    const text = { message, messageParameters: { positionalParameters, plurality: 1 } };
    const session = bare.engine.sessions.open("Admin", undefined);
    const params = { query: {}, domainId: "none" };
    const { error } = await dispatch(bare.engine, { method: "Users.get", params, session });
    const call = { code: 1002, message, data: { messageParameters: text.messageParameters } };
    expect(error).toEqual(call);
    const several = await bare.call("Batch.run", { commandList: [{ method: "Users.get", params }] });
    expect(several).toEqual([{ error: call }]);
    const { errors } = await bare.call("Users.set", { userIds: ["none"], pattern: {} });
    expect(errors).toEqual([{ inputIndex: 0, code: 1002, ...text }]);
    const started = await bare.call("Services.set", { services: [{ id: "none", howToStart: "Manual" }] });
    expect(started.errors).toEqual([{ inputIndex: 0, code: 1002, ...text }]);
  });
});

describe("codes of refusals", () => {
  it("each is what its switch says", async () => {
    bare.choose({ "duplicate-alias": "refused" });
    const { id } = await bare.user("jdoe");
    const session = bare.engine.sessions.open("jdoe", bare.engine.user(id));
    const alias = { name: "books", deliverTo: "jdoe" };
    await bare.idOf("Aliases", alias);
    await bare.call("Users.set", { userIds: [id], pattern: { role: fullAdmin } });
    const own = { userId: id, method: "UDeleteUser", removeReferences: false };
    const better = { ...own, userId: (await bare.user("chief", { role: fullAdmin })).id };
    const helper = await bare.as("AccountAdmin");
    const domain = bare.engine.domain(bare.domain);
    const code = async () => {
      Object.assign(domain ?? {}, { passwordComplexityEnabled: true });
      const weak = await bare.errorsOf("Users", { loginName: "jsmith", password: "x" });
      Object.assign(domain ?? {}, { passwordComplexityEnabled: false });
      return {
        "user-taken-code": (await bare.errorsOf("Users", { loginName: "JDOE" }))[0]?.code,
        "alias-taken-code": (await bare.errorsOf("Aliases", alias))[0]?.code,
        "invalid-name-code": (await bare.errorsOf("Users", { loginName: "a b" }))[0]?.code,
        "password-refused-code": weak[0]?.code,
        "unknown-id-code": (await bare.call("Users.set", { userIds: ["none"], pattern: {} })).errors[0]?.code,
        "own-account-code": (await bare.call("Users.remove", { requests: [own] }, session)).errors[0]?.code,
        "higher-rights-code": (await bare.call("Users.remove", { requests: [better] }, helper)).errors[0]?.code,
      };
    };
    const standard = await code();
    expect(standard).toEqual({
      "user-taken-code": 1001,
      "alias-taken-code": 1001,
      "invalid-name-code": 1000,
      "password-refused-code": 1000,
      "unknown-id-code": 1002,
      "own-account-code": 1004,
      "higher-rights-code": 1004,
    });
    const others = Object.fromEntries(Object.keys(standard).map((name, at) => [name, 2001 + at]));
    bare.choose(Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])));
    expect(await code()).toEqual(others);
  });

  it("second-backup: refused, or answered without effect", async () => {
    bare.engine.backup.inProgress = true;
    const start = () => bare.call("Backup.start", { backupType: "backupTypeFull" });
    await expect(start()).rejects.toThrow("in progress");
    bare.choose({ "second-backup": "ignored" });
    expect(await start()).toEqual({});
  });
});

describe("sessions and calls", () => {
  const fails = async (method: string, cookie?: "ended" | "without-token") => {
    const { error } = await dispatch(bare.engine, {
      method,
      params: {},
      session: undefined,
      ...(cookie && { cookie }),
    });
    return error as { code: number; message: string };
  };

  it("wrong-token-code, ended-session-text", async () => {
    const anonymous = await fails("Session.whoAmI");
    expect(anonymous).toMatchObject({ code: -32001, message: "User Anonymous does not have administrator rights" });
    for (const cookie of ["ended", "without-token"] as const) {
      expect(await fails("Session.whoAmI", cookie)).toEqual(anonymous);
    }
    bare.choose({ "wrong-token-code": "1004", "ended-session-text": "not-logged-in" });
    expect(await fails("Session.whoAmI")).toEqual(anonymous);
    expect(await fails("Session.whoAmI", "ended")).toMatchObject({
      code: -32001,
      message: "The user is not logged in.",
    });
    expect(await fails("Session.whoAmI", "without-token")).toMatchObject({ code: 1004, message: anonymous.message });
  });

  it("session-idle-minutes, session-longest-minutes: until somebody sets others", async () => {
    bare.choose({ "session-idle-minutes": "3", "session-longest-minutes": "9" });
    const limits = async () => (await bare.call("AdvancedOptions.get")).options.webMail;
    const minutes = (value: number) => ({ value, units: "Minutes" });
    expect(await limits()).toMatchObject({ sessionExpireTimeout: minutes(3), maximumSessionDuration: minutes(9) });
    const webMail = { sessionExpireTimeout: minutes(7) };
    await bare.call("AdvancedOptions.set", { options: { webMail } });
    expect(await limits()).toMatchObject({ sessionExpireTimeout: minutes(7), maximumSessionDuration: minutes(9) });
    expect(bare.engine.sessionLimits).toMatchObject({ sessionIdleMinutes: 7, sessionMaxMinutes: 9 });
  });

  it("version-without-login", async () => {
    expect(await fails("Version.getProductVersion")).toBeUndefined();
    bare.choose({ "version-without-login": "no" });
    expect(await fails("Version.getProductVersion")).toMatchObject({ code: -32001 });
    expect(await fails("Init.getEula")).toMatchObject({ code: 1004 });
  });

  it("missing-query: refused to nobody, to an auditor or to everybody", async () => {
    const auditor = await bare.as("Auditor");
    const rows = async (params: object, session?: Session) =>
      (await bare.call("Domains.get", params, session)).totalItems;
    await expect(rows({}, auditor)).rejects.toThrow("internal database error (1000)");
    await expect(rows({ query: [] }, auditor)).rejects.toThrow("(1000)");
    expect([await rows({}), await rows({ query: {} }, auditor)]).toEqual([1, 1]);
    const inBatch = await bare.call("Batch.run", { commandList: [{ method: "Domains.get", params: [] }] }, auditor);
    expect(inBatch).toMatchObject([{ error: { code: 1000 } }]);
    bare.choose({ "missing-query": "everything" });
    expect(await rows({}, auditor)).toBe(1);
    bare.choose({ "missing-query": "refused" });
    await expect(rows({})).rejects.toThrow("(1000)");
  });

  it("queue-without-query: nothing is answered, in several calls neither, or as of any list", async () => {
    const session = bare.engine.sessions.open("Admin", undefined);
    const ask = (method: string, params: object) => dispatch(bare.engine, { method, params, session });
    const several = { commandList: [{ method: "Queue.get" }] };
    expect(await ask("Queue.get", {})).toMatchObject({ hang: true });
    expect(await ask("Batch.run", several)).toMatchObject({ hang: true });
    expect((await bare.call("Queue.get", { query: {} })).list).toEqual([]);
    bare.choose({ "queue-without-query": "as-others" });
    expect((await ask("Queue.get", {})).result).toMatchObject({ list: [] });
    bare.choose({ "missing-query": "refused" });
    expect(await ask("Queue.get", {})).toMatchObject({ error: { code: 1000 }, hang: false });
  });

  it("login-refused-text: ends in a full stop or not", async () => {
    const application = { name: "", vendor: "", version: "" };
    const logIn = () => bare.call("Session.login", { userName: "nobody", password: "x", application });
    await expect(logIn()).rejects.toThrow("Username or password is not correct. (1000)");
    bare.choose({ "login-refused-text": "without-stop" });
    await expect(logIn()).rejects.toThrow("Username or password is not correct (1000)");
  });

  it("unprivileged-login, unknown-method=failed, batch-answer", async () => {
    await bare.user("jdoe", { password: "Secret-8" });
    const application = { name: "", vendor: "", version: "" };
    const logIn = () => bare.call("Session.login", { userName: "jdoe", password: "Secret-8", application });
    await expect(logIn()).rejects.toThrow("Insufficient rights");
    const commandList = [{ method: "Session.whoAmI" }];
    expect(await bare.call("Batch.run", { commandList })).toHaveLength(1);
    bare.choose({ "unprivileged-login": "refused", "unknown-method": "failed", "batch-answer": "object" });
    await expect(logIn()).rejects.toThrow("Username or password is not correct");
    await expect(bare.call("No.such")).rejects.toThrow("(1000)");
    expect((await bare.call("Batch.run", { commandList })).result).toHaveLength(1);
  });
});

const fullAdmin = { userRole: "FullAdmin", publicFolderRight: false, archiveFolderRight: false };
