import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deleteMessages } from "../simulator/engine/deleted-file";
import { deliver, resolveAddress } from "../simulator/engine/delivery";
import { rebuildIndex } from "../simulator/engine/mailbox";
import { keeperOf, recover } from "../simulator/engine/recovery";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

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
      bare.choose({ "directory-case": value });
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
      bare.choose({ "file-modes": value });
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
    await bare.idOf("Users", { loginName: "jdoe", password: "x" });
    bare.choose({ "minimal-create": "bare" });
    await bare.idOf("Users", { loginName: "jsmith", password: "x" });
    const shown = (on: boolean) => ({ isEnabled: on, allowPasswordChange: on, isPasswordReversible: on });
    expect(await users()).toMatchObject([shown(true), shown(false)]);
  });

  it("unasked-fields, password-shown, condition-case", async () => {
    await bare.user("JDoe");
    expect((await users())[0]).toHaveProperty("emailAddresses");
    bare.choose({ "unasked-fields": "few", "password-shown": "empty" });
    expect(Object.keys((await users())[0] ?? {})).not.toContain("emailAddresses");
    expect(await users({ fields: ["emailAddresses", "password"] })).toMatchObject([
      { emailAddresses: [], password: "" },
    ]);
    const conditions = [{ fieldName: "loginName", comparator: "Eq", value: "jdoe" }];
    expect(await users({ conditions })).toHaveLength(1);
    bare.choose({ "condition-case": "exact" });
    expect(await users({ conditions })).toEqual([]);
  });

  it("id-form: with the domain's guid, or without", async () => {
    const made = async (tag: string) => [
      await bare.idOf("Aliases", { name: `a${tag}`, deliverTo: "jdoe" }),
      await bare.idOf("Groups", { name: `g${tag}` }),
      await bare.idOf("MailingLists", { name: `l${tag}` }),
      await bare.idOf("Resources", { name: `r${tag}` }),
    ];
    const depth = (ids: string[]) => ids.map((id) => id.split("/").length);
    expect(depth(await made("1"))).toEqual([5, 5, 5, 5]);
    bare.choose({ "id-form": "flat" });
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
    bare.choose({ "dangling-references": value });
    const { id } = await bare.user("jdoe");
    const groupId = await bare.idOf("Groups", { name: "staff" });
    await bare.call("Groups.addMemberList", { groupId, userList: [id] });
    const archive = { keepArchive: true, archiveReaderList: [{ kind: "TrusteeUser", readerId: id }] };
    const mlId = await bare.idOf("MailingLists", { name: "news", archive });
    await bare.call("MailingLists.addMlUserList", { mlId, members: [{ hasId: true, userId: id, kind: "Member" }] });
    await bare.idOf("Resources", { name: "room1", manager: { type: "UserPrincipal", id } });
    await bare.idOf("Aliases", { name: "books", deliverTo: "jdoe@example.com" });
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
    const refused = async (what: string, item: object) =>
      (await bare.errorsOf(what, { password: "x", ...item })).length > 0;
    expect(await refused("Users", { loginName: "a+b" })).toBe(false);
    expect(await refused("Users", { loginName: "anyone" })).toBe(true);
    expect(await refused("Users", { loginName: "x".repeat(64) })).toBe(false);
    expect(await refused("Aliases", { name: "a+c", deliverTo: "jdoe" })).toBe(false);
    expect(await refused("Users", { loginName: "jdoe", emailAddresses: ["j@example.com"] })).toBe(false);
    bare.choose({ "login-name-signs": "without-plus", "longest-login-name": "20", "reserved-names": "none" });
    bare.choose({ "alias-name-signs": "without-plus", "full-email-address": "refused" });
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
    await bare.idOf("Aliases", { name: "books", deliverTo: "jdoe" });
    const rest = ["duplicate-alias", "second-alias", "alias-beside-user", "alias-beside-address"];
    bare.choose(Object.fromEntries(rest.map((each) => [each, each === name ? "allowed" : "refused"])));
    expect(await bare.errorsOf("Aliases", row)).toEqual([]);
    bare.engine.state.aliases.pop();
    bare.choose(Object.fromEntries(rest.map((each) => [each, each === name ? "refused" : "allowed"])));
    expect(await bare.errorsOf("Aliases", row)).toMatchObject([{ code: 1001 }]);
  });
});

describe("a user beside an alias", () => {
  it("user-beside-alias: made or refused, also by another login name; a wildcard is no name", async () => {
    const { id } = await bare.user("jdoe");
    await bare.idOf("Aliases", { name: "jsmith", deliverTo: "jdoe" });
    await bare.idOf("Aliases", { name: "a*", deliverTo: "jdoe" });
    bare.choose({ "user-beside-alias": "refused", "set-login-name": "accept", "user-taken-code": "1003" });
    const create = (loginName: string) => bare.errorsOf("Users", { loginName, password: "x" });
    expect(await create("JSmith")).toMatchObject([{ code: 1003 }]);
    const { errors } = await bare.call("Users.set", { userIds: [id], pattern: { loginName: "jsmith" } });
    expect(errors).toMatchObject([{ code: 1003 }]);
    expect(await create("asmith")).toEqual([]);
    bare.choose({ "user-beside-alias": "allowed" });
    expect(await create("jsmith")).toEqual([]);
  });
});

describe("an extra address that something else has", () => {
  it.each([
    ["address-beside-alias", ["Books"]],
    ["address-of-another", ["JSmith", "j.smith@example.com"]],
  ])("%s: given or refused, by create and by set, and nothing else is", async (name, taken) => {
    const { id } = await bare.user("jdoe", { emailAddresses: ["j.doe"] });
    await bare.user("jsmith", { emailAddresses: ["j.smith"] });
    await bare.idOf("Aliases", { name: "books", deliverTo: "jdoe" });
    const set = async (...emailAddresses: string[]) =>
      (await bare.call("Users.set", { userIds: [id], pattern: { emailAddresses } })).errors;
    const both = ["address-beside-alias", "address-of-another"];
    bare.choose({ ...Object.fromEntries(both.map((each) => [each, "refused"])), "user-taken-code": "1003" });
    for (const address of taken) {
      bare.choose({ [name]: "refused" });
      expect(await set("jane", address)).toMatchObject([{ code: 1003 }]);
      const another = { loginName: "asmith", password: "x", emailAddresses: [address] };
      expect(await bare.errorsOf("Users", another)).toMatchObject([{ code: 1003 }]);
      expect(bare.engine.user(id)?.emailAddresses).toEqual(["j.doe"]);
      expect(await set("jane", "jdoe", "j.doe")).toEqual([]);
      bare.choose({ [name]: "allowed" });
      expect(await set(address)).toEqual([]);
      expect(await set("j.doe")).toEqual([]);
    }
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
    bare.choose({ "foreign-email-address": "refused" });
    expect(await set("j@example.org")).toMatchObject([{ code: 1000 }]);
    expect(await set("jane@Example.com", "j.doe@example.net", "jd")).toEqual([]);
    expect(bare.engine.user(id)?.emailAddresses).toEqual(["jane", "j.doe", "jd"]);
  });
});

describe("mail for a resource that is disabled", () => {
  it("disabled-resource: refused, or taken; one that is enabled takes it", async () => {
    const id = await bare.idOf("Resources", { name: "room1", isEnabled: false });
    const resolved = () => resolveAddress(bare.engine, "Room1@example.com");
    const taken = { targets: [{ kind: "resource", address: "room1@example.com" }], refused: [] };
    expect(resolved()).toMatchObject({ targets: [], refusal: "550 5.2.1 <room1@example.com>: resource is disabled" });
    bare.choose({ "disabled-resource": "accept" });
    expect(resolved()).toEqual(taken);
    bare.choose({ "disabled-resource": "reject" });
    await bare.call("Resources.set", { resourceIds: [id], pattern: { isEnabled: true } });
    expect(resolved()).toEqual(taken);
  });
});

describe("removed-references", () => {
  it.each([
    ["everything", 0],
    ["aliases", 1],
  ])("%s", async (value, stays) => {
    bare.choose({ "removed-references": value });
    const { id } = await bare.user("jdoe");
    await bare.call("Groups.addMemberList", { groupId: await bare.idOf("Groups", { name: "staff" }), userList: [id] });
    const mlId = await bare.idOf("MailingLists", { name: "news" });
    await bare.call("MailingLists.addMlUserList", { mlId, members: [{ hasId: true, userId: id, kind: "Member" }] });
    await bare.idOf("Resources", { name: "room1", manager: { type: "UserPrincipal", id } });
    await bare.idOf("Aliases", { name: "books", deliverTo: "jdoe@example.com" });
    await bare.call("Users.remove", { requests: [{ userId: id, method: "UDeleteUser", removeReferences: true }] });
    const { groups, lists, resources, aliases } = bare.engine.state;
    const managed = resources.filter(({ manager }) => manager.id === id);
    expect([groups[0]?.memberIds, lists[0]?.members, managed].map((each) => each?.length)).toEqual(
      Array.from({ length: 3 }, () => stays),
    );
    expect(aliases).toEqual([]);
  });
});
