import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deleteMessages } from "../simulator/engine/deleted-file";
import { deliver, resolveAddress } from "../simulator/engine/delivery";
import { rebuildIndex } from "../simulator/engine/mailbox";
import { keeperOf, recover } from "../simulator/engine/recovery";
import { dispatch } from "../simulator/engine/rpc/dispatch";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

const choose = (values: Record<string, string>) => {
  for (const [name, value] of Object.entries(values)) bare.engine.switches.choose(name, value);
};

/** The errors of a bulk create in the domain. */
async function errorsOf(what: string, item: object): Promise<{ code: number }[]> {
  const key = what.charAt(0).toLowerCase() + what.slice(1);
  return (await bare.call(`${what}.create`, { [key]: [{ domainId: bare.domain, ...item }] })).errors;
}

async function idOf(what: string, item: object): Promise<string> {
  const key = what.charAt(0).toLowerCase() + what.slice(1);
  return (await bare.call(`${what}.create`, { [key]: [{ domainId: bare.domain, ...item }] })).result[0].id;
}

async function users(query: object = {}): Promise<Record<string, unknown>[]> {
  return (await bare.call("Users.get", { query, domainId: bare.domain })).list;
}

describe("directories", () => {
  it("directory-case: in small letters, or as the name", async () => {
    const mail = join(bare.engine.store, "mail/example.com");
    for (const [value, name, made] of [
      ["lower", "JDoe", "jdoe"],
      ["as-given", "JSmith", "JSmith"],
    ] as const) {
      choose({ "directory-case": value });
      bare.engine.openMailbox(await bare.user(name));
      expect(existsSync(join(mail, made)), made).toBe(true);
    }
    expect(existsSync(join(mail, "jsmith"))).toBe(false);
  });

  it.each([
    ["readable", 0o755, 0o644, 0o600],
    ["private", 0o700, 0o600, 0o600],
    ["open", 0o777, 0o666, 0o666],
  ])(
    "file-modes: %s, whatever the engine makes in a mailbox and for itself",
    async (value, directoryMode, fileMode, configMode) => {
      choose({ "file-modes": value });
      await bare.call("Domains.set", {
        domainIds: [bare.domain],
        pattern: { keepForRecovery: { isEnabled: true, days: 30 } },
      });
      const user = await bare.user("jdoe");
      const mail = { queueId: "1", sender: "a@example.org", recipient: "jdoe@example.com", bytes: Buffer.from("x") };
      for (let count = 0; count < 2; count += 1) deliver(bare.engine, mail);
      const mailbox = bare.engine.mailboxOf(user);
      deleteMessages(join(mailbox, "INBOX"), [1], keeperOf(bare.engine, user));
      rebuildIndex(join(mailbox, "INBOX"));
      expect(recover(bare.engine, user)).toBe(1);
      const below = readdirSync(mailbox, { recursive: true, encoding: "utf8" });
      expect(below).toEqual(
        expect.arrayContaining(["#recovery", "INBOX/deleted.fld", "Deleted Items/#msgs/00000001.eml"]),
      );
      const wrong = ["", ...below].filter((path) => {
        const stat = statSync(join(mailbox, path));
        return (stat.mode & 0o777) !== (stat.isDirectory() ? directoryMode : fileMode);
      });
      expect(wrong).toEqual([]);
      for (let count = 0; count < 2; count += 1) bare.engine.save();
      const config = ["users.cfg", "users.cfg.bak", "mailserver.cfg"].map((name) => join(bare.engine.programDir, name));
      expect(config.map((file) => statSync(file).mode & 0o777)).toEqual([configMode, configMode, configMode]);
    },
  );
});

describe("what an account is and shows", () => {
  it("minimal-create: what is not said", async () => {
    await idOf("Users", { loginName: "jdoe", password: "x" });
    choose({ "minimal-create": "bare" });
    await idOf("Users", { loginName: "jsmith", password: "x" });
    const shown = (on: boolean) => ({ isEnabled: on, allowPasswordChange: on, isPasswordReversible: on });
    expect(await users()).toMatchObject([shown(true), shown(false)]);
  });

  it("unasked-fields, password-shown, condition-case", async () => {
    await bare.user("JDoe");
    expect((await users())[0]).toHaveProperty("emailAddresses");
    choose({ "unasked-fields": "few", "password-shown": "empty" });
    expect(Object.keys((await users())[0] ?? {})).not.toContain("emailAddresses");
    expect(await users({ fields: ["emailAddresses", "password"] })).toMatchObject([
      { emailAddresses: [], password: "" },
    ]);
    const conditions = [{ fieldName: "loginName", comparator: "Eq", value: "jdoe" }];
    expect(await users({ conditions })).toHaveLength(1);
    choose({ "condition-case": "exact" });
    expect(await users({ conditions })).toEqual([]);
  });

  it("id-form: with the domain's guid, or without", async () => {
    const made = async (tag: string) => [
      await idOf("Aliases", { name: `a${tag}`, deliverTo: "jdoe" }),
      await idOf("Groups", { name: `g${tag}` }),
      await idOf("MailingLists", { name: `l${tag}` }),
      await idOf("Resources", { name: `r${tag}` }),
    ];
    const depth = (ids: string[]) => ids.map((id) => id.split("/").length);
    expect(depth(await made("1"))).toEqual([5, 5, 5, 5]);
    choose({ "id-form": "flat" });
    expect(depth(await made("2"))).toEqual([4, 4, 4, 4]);
  });
});

describe("dangling-references", () => {
  const kept = { group: 1, member: 1, reader: 1, manager: 1, aliases: 1 };

  it.each([
    ["kept", { ...kept }, false],
    ["by-name", { ...kept }, true],
    ["texts", { group: 0, member: 0, reader: 0, manager: 0, aliases: 1 }, false],
    ["gone", { group: 0, member: 0, reader: 0, manager: 0, aliases: 0 }, false],
  ])("%s", async (value, stays, isTakenUp) => {
    choose({ "dangling-references": value });
    const { id } = await bare.user("jdoe");
    const groupId = await idOf("Groups", { name: "staff" });
    await bare.call("Groups.addMemberList", { groupId, userList: [id] });
    const archive = { keepArchive: true, archiveReaderList: [{ kind: "TrusteeUser", readerId: id }] };
    const mlId = await idOf("MailingLists", { name: "news", archive });
    await bare.call("MailingLists.addMlUserList", { mlId, members: [{ hasId: true, userId: id, kind: "Member" }] });
    await idOf("Resources", { name: "room1", manager: { type: "UserPrincipal", id } });
    await idOf("Aliases", { name: "books", deliverTo: "jdoe@example.com" });
    const removal = { userId: id, method: "UDeleteUser", removeReferences: false };
    await bare.call("Users.remove", { requests: [removal] });

    const { groups, lists, resources } = bare.engine.state;
    const held = (userId: string) => ({
      group: groups[0]?.memberIds.filter((each) => each === userId).length,
      member: lists[0]?.members.filter((each) => each.userId === userId).length,
      reader: lists[0]?.archive.archiveReaderList.filter((each) => each.readerId === userId).length,
      manager: resources.filter(({ manager }) => manager.id === userId).length,
      aliases: bare.engine.state.aliases.length,
    });
    expect(held(id)).toEqual(stays);
    const namesake = await bare.user("JDoe");
    expect(held(namesake.id)).toMatchObject({ group: isTakenUp ? 1 : 0, member: isTakenUp ? 1 : 0 });
  });
});

describe("names", () => {
  it("login-name-signs, longest-login-name, reserved-names, alias-name-signs, full-email-address", async () => {
    const refused = async (what: string, item: object) => (await errorsOf(what, { password: "x", ...item })).length > 0;
    expect(await refused("Users", { loginName: "a+b" })).toBe(false);
    expect(await refused("Users", { loginName: "anyone" })).toBe(true);
    expect(await refused("Users", { loginName: "x".repeat(64) })).toBe(false);
    expect(await refused("Aliases", { name: "a+c", deliverTo: "jdoe" })).toBe(false);
    expect(await refused("Users", { loginName: "jdoe", emailAddresses: ["j@example.com"] })).toBe(false);
    choose({ "login-name-signs": "without-plus", "longest-login-name": "20", "reserved-names": "none" });
    choose({ "alias-name-signs": "without-plus", "full-email-address": "refused" });
    expect(await refused("Users", { loginName: "b+c" })).toBe(true);
    expect(await refused("Users", { loginName: "anyone" })).toBe(false);
    expect(await refused("Users", { loginName: "y".repeat(21) })).toBe(true);
    expect(await refused("Aliases", { name: "b+c", deliverTo: "jdoe" })).toBe(true);
    expect(await refused("Users", { loginName: "jsmith", emailAddresses: ["s@example.com"] })).toBe(true);
    expect(await refused("Users", { loginName: "jsmith", emailAddresses: ["s"] })).toBe(false);
    expect(await refused("Groups", { name: "staff", emailAddresses: ["staff@example.com"] })).toBe(true);
  });
});

describe("aliases beside others", () => {
  it.each([
    ["duplicate-alias", { name: "Books", deliverTo: "jdoe@example.com" }],
    ["second-alias", { name: "Books", deliverTo: "jsmith" }],
    ["alias-beside-user", { name: "JSmith", deliverTo: "jdoe" }],
    ["alias-beside-address", { name: "J.Smith", deliverTo: "jdoe" }],
  ])("%s: taken or refused, and nothing else is", async (name, row) => {
    await bare.user("jdoe");
    await bare.user("jsmith", { emailAddresses: ["j.smith"] });
    await idOf("Aliases", { name: "books", deliverTo: "jdoe" });
    const rest = ["duplicate-alias", "second-alias", "alias-beside-user", "alias-beside-address"];
    choose(Object.fromEntries(rest.map((each) => [each, each === name ? "allowed" : "refused"])));
    expect(await errorsOf("Aliases", row)).toEqual([]);
    bare.engine.state.aliases.pop();
    choose(Object.fromEntries(rest.map((each) => [each, each === name ? "refused" : "allowed"])));
    expect(await errorsOf("Aliases", row)).toMatchObject([{ code: 1001 }]);
  });
});

describe("a user beside an alias", () => {
  it("user-beside-alias: made or refused, also by another login name; a wildcard is no name", async () => {
    const { id } = await bare.user("jdoe");
    await idOf("Aliases", { name: "jsmith", deliverTo: "jdoe" });
    await idOf("Aliases", { name: "a*", deliverTo: "jdoe" });
    choose({ "user-beside-alias": "refused", "set-login-name": "accept", "user-taken-code": "1003" });
    const create = (loginName: string) => errorsOf("Users", { loginName, password: "x" });
    expect(await create("JSmith")).toMatchObject([{ code: 1003 }]);
    const { errors } = await bare.call("Users.set", { userIds: [id], pattern: { loginName: "jsmith" } });
    expect(errors).toMatchObject([{ code: 1003 }]);
    expect(await create("asmith")).toEqual([]);
    choose({ "user-beside-alias": "allowed" });
    expect(await create("jsmith")).toEqual([]);
  });
});

describe("an extra address of another domain", () => {
  it("foreign-email-address: loses its domain, or is refused", async () => {
    await bare.call("Domains.set", { domainIds: [bare.domain], pattern: { aliasList: ["example.net"] } });
    const { id } = await bare.user("jdoe");
    const set = async (...emailAddresses: string[]) =>
      (await bare.call("Users.set", { userIds: [id], pattern: { emailAddresses } })).errors;
    expect(await set("j@example.org")).toEqual([]);
    expect(bare.engine.user(id)?.emailAddresses).toEqual(["j"]);
    choose({ "foreign-email-address": "refused" });
    expect(await set("j@example.org")).toMatchObject([{ code: 1000 }]);
    expect(await set("jane@Example.com", "j.doe@example.net", "jd")).toEqual([]);
    expect(bare.engine.user(id)?.emailAddresses).toEqual(["jane", "j.doe", "jd"]);
  });
});

describe("mail for a resource that is disabled", () => {
  it("disabled-resource: refused, or taken; one that is enabled takes it", async () => {
    const id = await idOf("Resources", { name: "room1", isEnabled: false });
    const resolved = () => resolveAddress(bare.engine, "Room1@example.com");
    const taken = { targets: [{ kind: "resource", address: "room1@example.com" }] };
    expect(resolved()).toEqual({ targets: [], refusal: "550 5.2.1 <room1@example.com>: resource is disabled" });
    choose({ "disabled-resource": "accept" });
    expect(resolved()).toEqual(taken);
    choose({ "disabled-resource": "reject" });
    await bare.call("Resources.set", { resourceIds: [id], pattern: { isEnabled: true } });
    expect(resolved()).toEqual(taken);
  });
});

describe("removed-references", () => {
  it.each([
    ["everything", 0],
    ["aliases", 1],
  ])("%s", async (value, stays) => {
    choose({ "removed-references": value });
    const { id } = await bare.user("jdoe");
    await bare.call("Groups.addMemberList", { groupId: await idOf("Groups", { name: "staff" }), userList: [id] });
    const mlId = await idOf("MailingLists", { name: "news" });
    await bare.call("MailingLists.addMlUserList", { mlId, members: [{ hasId: true, userId: id, kind: "Member" }] });
    await idOf("Resources", { name: "room1", manager: { type: "UserPrincipal", id } });
    await idOf("Aliases", { name: "books", deliverTo: "jdoe@example.com" });
    await bare.call("Users.remove", { requests: [{ userId: id, method: "UDeleteUser", removeReferences: true }] });
    const { groups, lists, resources, aliases } = bare.engine.state;
    const managed = resources.filter(({ manager }) => manager.id === id);
    expect([groups[0]?.memberIds, lists[0]?.members, managed].map((each) => each?.length)).toEqual(
      Array.from({ length: 3 }, () => stays),
    );
    expect(aliases).toEqual([]);
  });
});

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
    const alias = await idOf("Aliases", { name: "books", deliverTo: "jsmith" });
    await idOf("Aliases", { name: "sales", deliverTo: "jsmith" });
    await bare.call("Aliases.remove", { aliasIds: [alias, alias] });
    const { users: left, aliases } = bare.engine.state;
    expect([left.map((each) => each.loginName), aliases.map((each) => each.name)]).toEqual([
      ["jsmith", "asmith"],
      ["sales"],
    ]);
  });

  it("call: of a call that is refused nothing is done, on the disk neither", async () => {
    choose({ "bulk-refusals": "call", "directory-at": "create", "dangling-references": "by-name" });
    const { id } = await bare.user("jdoe", { password: "Xk7-pretty-long", fullName: "J. Doe" });
    const groupId = await idOf("Groups", { name: "staff" });
    const aliasIds = [await idOf("Aliases", { name: "books", deliverTo: "jdoe" }), "none"];
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

  it("call: where the refusal of a seat stands is said by licence-error", async () => {
    choose({ "bulk-refusals": "call" });
    await bare.call("Domains.set", { domainIds: [bare.domain], pattern: { userMaxCount: 1 } });
    const users = ["jdoe", "jsmith"].map((loginName) => ({ domainId: bare.domain, loginName, password: "x" }));
    expect((await bare.call("Users.create", { users })).errors).toMatchObject([{ inputIndex: 1, code: 1003 }]);
    expect(bare.engine.state.users.map((each) => each.loginName)).toEqual(["jdoe"]);
  });
});

describe("codes of refusals", () => {
  it("each is what its switch says", async () => {
    choose({ "duplicate-alias": "refused" });
    const { id } = await bare.user("jdoe");
    const session = bare.engine.sessions.open("jdoe", bare.engine.user(id));
    const alias = { name: "books", deliverTo: "jdoe" };
    await idOf("Aliases", alias);
    await bare.call("Users.set", { userIds: [id], pattern: { role: fullAdmin } });
    const own = { userId: id, method: "UDeleteUser", removeReferences: false };
    const better = { ...own, userId: (await bare.user("chief", { role: fullAdmin })).id };
    const helper = await bare.as("AccountAdmin");
    const domain = bare.engine.domain(bare.domain);
    const code = async () => {
      Object.assign(domain ?? {}, { passwordComplexityEnabled: true });
      const weak = await errorsOf("Users", { loginName: "jsmith", password: "x" });
      Object.assign(domain ?? {}, { passwordComplexityEnabled: false });
      return {
        "user-taken-code": (await errorsOf("Users", { loginName: "JDOE" }))[0]?.code,
        "alias-taken-code": (await errorsOf("Aliases", alias))[0]?.code,
        "invalid-name-code": (await errorsOf("Users", { loginName: "a b" }))[0]?.code,
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
    choose(Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])));
    expect(await code()).toEqual(others);
  });

  it("second-backup: refused, or answered without effect", async () => {
    bare.engine.backup.inProgress = true;
    const start = () => bare.call("Backup.start", { backupType: "backupTypeFull" });
    await expect(start()).rejects.toThrow("in progress");
    choose({ "second-backup": "ignored" });
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
    choose({ "wrong-token-code": "1004", "ended-session-text": "not-logged-in" });
    expect(await fails("Session.whoAmI")).toEqual(anonymous);
    expect(await fails("Session.whoAmI", "ended")).toMatchObject({
      code: -32001,
      message: "The user is not logged in.",
    });
    expect(await fails("Session.whoAmI", "without-token")).toMatchObject({ code: 1004, message: anonymous.message });
  });

  it("session-idle-minutes, session-longest-minutes: until somebody sets others", async () => {
    choose({ "session-idle-minutes": "3", "session-longest-minutes": "9" });
    const limits = async () => (await bare.call("AdvancedOptions.get")).options.webMail;
    const minutes = (value: number) => ({ value, units: "Minutes" });
    expect(await limits()).toMatchObject({ sessionExpireTimeout: minutes(3), maximumSessionDuration: minutes(9) });
    const webMail = { sessionExpireTimeout: minutes(7) };
    await bare.call("AdvancedOptions.set", { options: { webMail } });
    expect(await limits()).toMatchObject({ sessionExpireTimeout: minutes(7), maximumSessionDuration: minutes(9) });
    expect(bare.engine.sessionLimits).toMatchObject({ sessionIdleMinutes: 7, sessionMaxMinutes: 9 });
  });

  it("queue-without-query: nothing is answered, in several calls neither, or as of any list", async () => {
    const session = bare.engine.sessions.open("Admin", undefined);
    const ask = (method: string, params: object) => dispatch(bare.engine, { method, params, session });
    const several = { commandList: [{ method: "Queue.get" }] };
    expect(await ask("Queue.get", {})).toMatchObject({ hang: true });
    expect(await ask("Batch.run", several)).toMatchObject({ hang: true });
    expect((await bare.call("Queue.get", { query: {} })).list).toEqual([]);
    choose({ "queue-without-query": "as-others" });
    expect((await ask("Queue.get", {})).result).toMatchObject({ list: [] });
    choose({ "missing-query": "refused" });
    expect(await ask("Queue.get", {})).toMatchObject({ error: { code: 1000 }, hang: false });
  });

  it("login-refused-text: ends in a full stop or not", async () => {
    const application = { name: "", vendor: "", version: "" };
    const logIn = () => bare.call("Session.login", { userName: "nobody", password: "x", application });
    await expect(logIn()).rejects.toThrow("Username or password is not correct. (1000)");
    choose({ "login-refused-text": "without-stop" });
    await expect(logIn()).rejects.toThrow("Username or password is not correct (1000)");
  });

  it("unprivileged-login, unknown-method=failed, batch-answer", async () => {
    await bare.user("jdoe", { password: "Secret-8" });
    const application = { name: "", vendor: "", version: "" };
    const logIn = () => bare.call("Session.login", { userName: "jdoe", password: "Secret-8", application });
    await expect(logIn()).rejects.toThrow("Insufficient rights");
    const commandList = [{ method: "Session.whoAmI" }];
    expect(await bare.call("Batch.run", { commandList })).toHaveLength(1);
    choose({ "unprivileged-login": "refused", "unknown-method": "failed", "batch-answer": "object" });
    await expect(logIn()).rejects.toThrow("Username or password is not correct");
    await expect(bare.call("No.such")).rejects.toThrow("(1000)");
    expect((await bare.call("Batch.run", { commandList })).result).toHaveLength(1);
  });
});

const fullAdmin = { userRole: "FullAdmin", publicFolderRight: false, archiveFolderRight: false };
