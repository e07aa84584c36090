import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configFiles, readConfigFile } from "../simulator/engine/config-files";
import { deliver, resolveAddress } from "../simulator/engine/delivery";
import { storeMessage } from "../simulator/engine/mailbox";
import { effectiveRoleOf } from "../simulator/engine/rpc/account-rules";
import { loadState, saveState } from "../simulator/engine/state-storage";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

const again = () => {
  saveState(bare.engine.programDir, bare.engine.state);
  Object.assign(bare.engine.state, loadState(bare.engine.programDir));
};
const row = async (loginName: string) => {
  const query = { conditions: [{ fieldName: "loginName", comparator: "Eq", value: loginName }] };
  return (await bare.call("Users.get", { query, domainId: bare.domain })).list[0];
};
const alias = (name: string, deliverTo: string, more: object = {}) =>
  bare.call("Aliases.create", { aliases: [{ domainId: bare.domain, name, deliverTo, ...more }] });
const ends = (address: string) =>
  resolveAddress(bare.engine, address).targets.map((target) =>
    target.kind === "mailbox" ? target.user.loginName : target.kind,
  );

describe("accounts", () => {
  it("remember whether they were made with the rule against spam, which cannot be changed later", async () => {
    const { id } = await bare.user("jdoe", { hasDefaultSpamRule: true });
    await bare.user("jsmith");
    await bare.call("Users.set", { userIds: [id], pattern: { hasDefaultSpamRule: false } });
    again();
    expect(await row("jdoe")).toMatchObject({ hasDefaultSpamRule: true });
    expect(await row("jsmith")).toMatchObject({ hasDefaultSpamRule: false });
  });

  it("keep their policy when an empty one comes, and get the default one when theirs is removed", async () => {
    const { errors, result } = await bare.call("AccessPolicy.createGroupList", {
      groups: [{ name: "Only webmail" }, { name: "default" }, { name: "" }],
    });
    expect(errors.map(({ inputIndex, code }: Record<string, number>) => [inputIndex, code])).toEqual([
      [1, 1001],
      [2, 1000],
    ]);
    const policy = { id: result[0].id, name: "Only webmail" };
    expect(policy.id).toMatch(/^keriodb:\/\/accesspolicygroup\/[0-9a-f-]{36}$/);
    const { id } = await bare.user("jdoe", { accessPolicy: { id: "", name: "" } });
    expect(await row("jdoe")).toMatchObject({ accessPolicy: { name: "Default" } });
    await bare.call("Users.set", { userIds: [id], pattern: { accessPolicy: { id: policy.id } } });
    await bare.call("Users.set", { userIds: [id], pattern: { accessPolicy: { id: "" } } });
    const made = await bare.call("AccessPolicy.create", { rules: [{ groupId: policy.id, service: "x", more: [1] }] });
    await bare.call("AccessPolicy.set", { ruleIds: [made.result[0].id], pattern: { service: "y" } });
    again();
    expect(await row("jdoe")).toMatchObject({ accessPolicy: policy });
    expect((await bare.call("AccessPolicy.get")).rules).toEqual([
      { id: made.result[0].id, groupId: policy.id, service: "y", more: [1] },
    ]);
    const remove = (groupIds: string[]) => bare.call("AccessPolicy.removeGroupList", { groupIds });
    const [standard] = bare.engine.state.policies;
    expect(
      (await remove([standard?.id ?? "", policy.id, "none"])).errors.map((each: { code: number }) => each.code),
    ).toEqual([1000, 1002]);
    expect(await row("jdoe")).toMatchObject({ accessPolicy: { name: "Default" } });
    expect((await bare.call("AccessPolicy.get")).rules).toEqual([]);
    await expect(bare.call("AccessPolicy.createGroupList", { groups: [{ name: 1 }] })).rejects.toThrow("-32602");
  });

  it("have no password with the domain in it where passwords must be complex", async () => {
    const pattern = { passwordComplexityEnabled: true, passwordMinimumLength: 8 };
    await bare.call("Domains.set", { domainIds: [bare.domain], pattern });
    await expect(bare.user("jdoe", { password: "Xk7-Example.Com" })).rejects.toThrow("must not contain the domain");
  });
});

describe("the password policy", () => {
  it("wants three kinds of signs of four, and nothing of the full name longer than two", async () => {
    const pattern = { passwordComplexityEnabled: true, passwordMinimumLength: 8 };
    await bare.call("Domains.set", { domainIds: [bare.domain], pattern });
    const made = (password: string) =>
      bare.user(`u${bare.engine.state.users.length}`, { fullName: "Al Brown", password });
    for (const weak of ["lowercase7", "UPPERCASE7", "lowerUPPER", "lower-only", "1234-5678"]) {
      await expect(made(weak), weak).rejects.toThrow("characters of three kinds");
    }
    for (const good of ["lowerUPPER7", "lowerUPPER-", "lower-name7", "UPPER-NAME7"]) await made(good);
    await expect(made("Xk7-brOWNie")).rejects.toThrow("part of the full name");
    await made("Xk7-almost-all");
  });

  it("wants the least length of a password, without complexity as the switch password-minimum says", async () => {
    const set = (passwordComplexityEnabled: boolean) =>
      bare.call("Domains.set", {
        domainIds: [bare.domain],
        pattern: { passwordComplexityEnabled, passwordMinimumLength: 12 },
      });
    const made = (password: string) => bare.user(`u${bare.engine.state.users.length}`, { password });
    await set(true);
    await expect(made("Xk7-eleven-")).rejects.toThrow("at least %1 characters");
    await made("Xk7-twelve--");
    await set(false);
    await made("x");
    bare.engine.switches.choose("password-minimum", "always");
    await expect(made("Xk7-eleven-")).rejects.toThrow("at least %1 characters");
    await made("x".repeat(12));
  });

  it("takes what generatePassword makes, however long it must be and whatever the domain is called", async () => {
    const { result } = await bare.call("Domains.create", {
      domains: [{ name: "k", passwordComplexityEnabled: true, passwordMinimumLength: 200 }],
    });
    const domainId = result[0].id;
    const generated = async (): Promise<string> => (await bare.call("Domains.generatePassword", { domainId })).password;
    const made = await Promise.all([generated(), generated()]);
    for (const [index, password] of made.entries()) {
      const users = [{ domainId, loginName: `jsmith${index}`, password }];
      expect((await bare.call("Users.create", { users })).errors).toEqual([]);
    }
    expect(made[0]).not.toBe(made[1]);
    const usual = (await bare.call("Domains.generatePassword", { domainId: bare.domain })).password;
    expect(usual).toMatch(/^[\w.!-]{23}$/);
  });

  it("remembers as many passwords as the domain says, through a start", async () => {
    await bare.call("Domains.set", { domainIds: [bare.domain], pattern: { passwordHistoryCount: 2 } });
    const { id } = await bare.user("jdoe", { password: "first" });
    const set = async (password: string) =>
      (await bare.call("Users.set", { userIds: [id], pattern: { password } })).errors.length === 0;
    expect(await set("second")).toBe(true);
    again();
    expect([await set("first"), await set("second"), await set("third")]).toEqual([false, false, true]);
    expect(await set("first")).toBe(true);
  });
});

describe("aliases", () => {
  it("to a public folder carry its id, those to an address none", async () => {
    const [domain] = bare.engine.state.domains;
    storeMessage(bare.engine.publicFolder(domain!, "Info"), Buffer.from("x"));
    const { publicFolderList } = await bare.call("Aliases.getMailPublicFolderList", { domainId: bare.domain });
    const [{ id }] = publicFolderList;
    const type = "TypePublicFolder";
    await alias("info", "#public/Info", { type });
    await alias("byid", "", { type, deliverToId: id });
    await alias("mail", "jdoe", { deliverToId: "x" });
    const query = { fields: ["name", "deliverTo", "deliverToId"] };
    const { list } = await bare.call("Aliases.get", { query, domainId: bare.domain });
    expect(list).toMatchObject([
      { name: "info", deliverTo: "#public/Info", deliverToId: id },
      { name: "byid", deliverTo: "Info", deliverToId: id },
      { name: "mail", deliverTo: "jdoe", deliverToId: "" },
    ]);
  });

  it("that lead back end in the mailbox of the last one that was not used, else in the one they lead to", async () => {
    await alias("first", "second");
    await alias("second", "first");
    expect(ends("first@example.com")).toEqual([]);
    await bare.user("first");
    expect(ends("first@example.com")).toEqual(["first"]);
    await bare.user("second");
    expect(ends("first@example.com")).toEqual(["second"]);
    expect(ends("second@example.com")).toEqual(["first"]);
    await bare.user("asmith");
    await alias("asmith", "first");
    await alias("asmith", "asmith");
    expect(ends("asmith@example.com").sort()).toEqual(["asmith", "second"]);
  });
});

describe("delivery", () => {
  it("forwards unknown names of a domain, after its aliases", async () => {
    const set = (isEnabled: boolean) =>
      bare.call("Domains.set", {
        domainIds: [bare.domain],
        pattern: { forwardingOptions: { isEnabled, host: "mail2.example.com" } },
      });
    expect(ends("nobody@example.com")).toEqual([]);
    await set(true);
    expect(ends("nobody@example.com")).toEqual(["remote"]);
    await bare.user("jdoe");
    await alias("no*", "jdoe");
    expect(ends("nobody@example.com")).toEqual(["jdoe"]);
    await set(false);
    expect(ends("somebody@example.com")).toEqual([]);
  });

  it("keeps others' mail from members of a group that is for its own domain", async () => {
    const { id } = await bare.user("jdoe");
    const groups = [{ domainId: bare.domain, name: "inside", hasDomainRestriction: true }];
    const { result } = await bare.call("Groups.create", { groups });
    await bare.call("Groups.addMemberList", { groupId: result[0].id, userList: [id] });
    const arrived: string[] = [];
    bare.engine.truth.watch((kind, event) => {
      if (kind === "deliveries") arrived.push(String(event["sender"]));
    });
    for (const sender of ["a@example.org", "jsmith@example.com"]) {
      deliver(bare.engine, { queueId: "q", sender, recipient: "jdoe@example.com", bytes: Buffer.from("x\r\n") });
    }
    expect(arrived).toEqual(["jsmith@example.com"]);
  });
});

describe("the space of a domain", () => {
  it("is told where it is limited or asked for, and blocks what is too much", async () => {
    await bare.user("jdoe");
    await bare.user("jsmith");
    const bounced: string[] = [];
    bare.engine.truth.watch((kind, event) => {
      if (kind === "bounces") bounced.push(String(event["reason"]));
    });
    const send = (name: string) =>
      deliver(bare.engine, {
        queueId: "q",
        sender: "a@example.org",
        recipient: `${name}@example.com`,
        bytes: Buffer.alloc(600, "x"),
      });
    const used = async (query: object = {}) =>
      (await bare.call("Domains.get", { query })).list[0].domainQuota.consumedSize;
    const limit = { isActive: true, limit: { value: 1, units: "KiloBytes" } };
    const set = (domainQuota: object) =>
      bare.call("Domains.set", { domainIds: [bare.domain], pattern: { domainQuota } });
    send("jdoe");
    expect(await used({ fields: ["domainQuota"] })).toEqual({ value: 600, units: "Bytes" });
    await set({ diskSizeLimit: limit });
    send("jsmith");
    expect(await used()).toEqual({ value: 1200, units: "Bytes" });
    expect(bounced).toEqual([]);
    await set({ blocks: true });
    send("jsmith");
    expect(bounced).toEqual(["552 5.2.2 <jsmith@example.com>: domain is full"]);
    await set({ diskSizeLimit: { isActive: false } });
    send("jsmith");
    expect(bounced).toHaveLength(1);
  });
});

describe("the configuration files", () => {
  const change = (file: string, from: string, to: string) => {
    const text = readFileSync(file, "utf8");
    expect(text).toContain(from);
    writeFileSync(file, text.replace(from, to));
  };

  it("have the known names: rights that count, addresses as text, the lockout in its own table", async () => {
    const user = await bare.user("jdoe", { emailAddresses: ["jane", "j.doe"] });
    await bare.call("Groups.create", { groups: [{ domainId: bare.domain, name: "sales", emailAddresses: ["sales"] }] });
    saveState(bare.engine.programDir, bare.engine.state);
    const files = configFiles(bare.engine.programDir);
    const { lists } = readConfigFile(files.users);
    expect(lists["User"]?.[0]).toMatchObject({ Name: "jdoe", Rights: "0", MailAddress: "jane;j.doe" });
    expect(lists["Group"]?.[0]).toMatchObject({ Domain: "example.com", MailAddress: "sales" });
    expect(readConfigFile(files.server).tables["Security"]).toMatchObject({
      LockoutEnabled: "1",
      LockoutCount: "3",
      LockoutResetInterval: "5",
    });
    change(files.users, '<variable name="Rights">0<', '<variable name="Rights">3<');
    change(files.server, '<variable name="LockoutEnabled">1<', '<variable name="LockoutEnabled">0<');
    Object.assign(bare.engine.state, loadState(bare.engine.programDir));
    const loaded = bare.engine.user(user.id)!;
    expect(effectiveRoleOf(bare.engine, loaded)).toBe("FullAdmin");
    expect(loaded.emailAddresses).toEqual(["jane", "j.doe"]);
    expect(bare.engine.state.settings.lockoutEnabled).toBe(false);
  });

  it("keep what belongs to parts of the server that are not here", async () => {
    await bare.user("jdoe");
    saveState(bare.engine.programDir, bare.engine.state);
    const files = configFiles(bare.engine.programDir);
    const table = '<table name="LogGlobal"><variable name="RelativePathsRoot">/var/log/kerio</variable></table>';
    change(files.server, "<config>", `<config>${table}<list name="Other"><listitem/></list>`);
    change(
      files.users,
      '<variable name="Name">jdoe<',
      '<variable name="Unknown">kept</variable><variable name="Name">jdoe<',
    );
    const state = loadState(bare.engine.programDir);
    saveState(bare.engine.programDir, state);
    const { tables, lists } = readConfigFile(files.server);
    expect(tables["LogGlobal"]).toEqual({ RelativePathsRoot: "/var/log/kerio" });
    expect(lists).toHaveProperty("Other");
    expect(readConfigFile(files.users).lists["User"]?.[0]).toMatchObject({ Unknown: "kept", Name: "jdoe" });
  });
});

describe("constants", () => {
  it("have the names that old clients look up", async () => {
    const { constants } = await bare.call("Server.getNamedConstantList");
    expect(constants).toContainEqual({ name: "kerio_web_Asc", value: "Asc" });
    expect(constants).toContainEqual({ name: "kerio_web_Like", value: "Like" });
  });
});

describe("list methods", () => {
  it("that are asked without a query give everything, or the error that was seen", async () => {
    expect((await bare.call("Domains.get")).totalItems).toBe(1);
    bare.engine.switches.choose("missing-query", "refused");
    await expect(bare.call("Domains.get")).rejects.toThrow("internal database error (1000)");
    expect((await bare.call("Domains.get", { query: {} })).totalItems).toBe(1);
  });

  it("heed the switches of queries, each of them", async () => {
    const domainId = bare.domain;
    const mlId = (await bare.call("MailingLists.create", { mailingLists: [{ domainId, name: "news" }] })).result[0].id;
    bare.engine.switches.choose("missing-query", "refused");
    const own: Record<string, object> = {
      "Aliases.getTargetList": { domainId },
      "MailingLists.getMlUserList": { mlId },
      "MailingLists.getTrusteeTargetList": { domainId },
      "Resources.getPrincipalList": { domainId },
      "Server.getWebSessions": {},
      "Users.getStatistics": { userIds: [] },
    };
    for (const [method, params] of Object.entries(own)) {
      await expect(bare.call(method, params), method).rejects.toThrow("internal database error (1000)");
      await expect(bare.call(method, { ...params, query: {} }), method).resolves.toHaveProperty("list");
    }
  });

  it("of targets refuse a domain that is not there", async () => {
    for (const method of ["Aliases.getTargetList", "MailingLists.getTrusteeTargetList", "Resources.getPrincipalList"]) {
      await expect(bare.call(method, { query: {}, domainId: "none" }), method).rejects.toThrow("(1002)");
    }
  });

  it("of statistics are ordered and cut", async () => {
    const users = ["asmith", "jdoe", "jsmith"].map((loginName) => ({
      domainId: bare.domain,
      loginName,
      password: "Xk7-pretty-long",
    }));
    const made = (await bare.call("Users.create", { users })).result as { id: string }[];
    const query = { start: 1, limit: 1, orderBy: [{ columnName: "name", direction: "Desc" }] };
    const { list } = await bare.call("Users.getStatistics", { userIds: made.map(({ id }) => id), query });
    expect(list).toMatchObject([{ name: "jdoe@example.com", ownBox: { currentUsage: { items: 0 } } }]);
  });
});

describe("references-on-disk", () => {
  const idOf = async (what: string, item: object): Promise<string> => {
    const key = what.charAt(0).toLowerCase() + what.slice(1);
    return (await bare.call(`${what}.create`, { [key]: [{ domainId: bare.domain, ...item }] })).result[0].id;
  };

  it.each([
    ["ids", 0],
    ["names", 1],
  ])("%s: who they lead to after the next start", async (value, takenUp) => {
    bare.engine.switches.choose("references-on-disk", value);
    const leaver = await bare.user("JDoe");
    const { id } = await bare.user("jsmith");
    const principal = { type: "UserPrincipal", id };
    const groupId = await idOf("Groups", { name: "staff" });
    await bare.call("Groups.addMemberList", { groupId, userList: [leaver.id, id] });
    const readers = [
      { kind: "TrusteeUser", readerId: id },
      { kind: "TrusteeGroup", readerId: groupId },
    ];
    const mlId = await idOf("MailingLists", {
      name: "news",
      archive: { keepArchive: true, archiveReaderList: readers },
    });
    const members = [
      { hasId: true, userId: id, kind: "Member" },
      { hasId: false, emailAddress: "a@example.org", kind: "Member" },
    ];
    await bare.call("MailingLists.addMlUserList", { mlId, members });
    await idOf("Resources", { name: "room1", manager: principal, resourceUsers: [principal] });
    const { groups, lists, resources } = structuredClone(bare.engine.state);
    bare.engine.save();
    const loaded = () => loadState(bare.engine.programDir);
    expect(loaded()).toMatchObject({ groups, lists, resources });
    const { users, server } = configFiles(bare.engine.programDir);
    const written = [users, server].map(readConfigFile);
    const rows = JSON.stringify(
      written.map(({ lists: { Group, MailingList, Resource } }) => [Group, MailingList, Resource]),
    );
    expect([rows.includes(id), rows.includes("jsmith@example.com")]).toEqual([takenUp === 0, takenUp === 1]);

    const removal = { userId: leaver.id, method: "UDeleteUser", removeReferences: false };
    await bare.call("Users.remove", { requests: [removal] });
    bare.engine.save();
    expect(loaded().groups[0]?.memberIds).toEqual(takenUp ? [id] : [leaver.id, id]);
    const newcomer = await bare.user("jdoe");
    expect(bare.engine.state.groups[0]?.memberIds).toEqual([leaver.id, id]);
    bare.engine.save();
    expect(loaded().groups[0]?.memberIds).toEqual([takenUp ? newcomer.id : leaver.id, id]);
  });
});
