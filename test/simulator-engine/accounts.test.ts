import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminCaller } from "../helpers/admin-caller";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { domainId, makeUser, removeUser, userRow, type Created, type Listed } from "./people";

let simulator: Simulator;
let domain: string;
beforeAll(async () => {
  simulator = await startSimulator({ switches: { "licence-seats": "12" } });
  domain = await domainId(simulator);
});
afterAll(() => simulator?.stop());

const mailbox = (name: string) => join(simulator.info.store, "mail", "example.com", name);

describe("Users", () => {
  it("creates what it can, each with a new id, and shows no password", async () => {
    const users = ["jdoe", "with space", "JDoe", "jsmith"].map((loginName) => ({
      domainId: domain,
      loginName,
      password: "x",
    }));
    const answer = await simulator.adminCall<Created>("Users.create", { users });
    expect(answer.result.map((each) => each.inputIndex)).toEqual([0, 3]);
    expect(answer.errors.map((each) => [each.inputIndex, each.code])).toEqual([
      [1, 1000],
      [2, 1001],
    ]);
    const row = await userRow(simulator, "JDOE");
    expect(row?.["id"]).toMatch(new RegExp(`^keriodb://user/${domain.slice(17)}/[0-9a-f-]{36}$`));
    expect(JSON.stringify(row)).not.toMatch(/password(Stored|History|")/);
    expect(existsSync(mailbox("jdoe"))).toBe(false);
  });

  it("sets a part, wants nested ones whole, and refuses another login name", async () => {
    const id = await makeUser(simulator, "asmith");
    const set = (pattern: object) => simulator.adminCall<Created>("Users.set", { userIds: [id, "none"], pattern });
    expect((await set({ fullName: "A. Smith", emailAddresses: ["A.Smith@example.com"] })).errors).toMatchObject([
      { inputIndex: 1, code: 1002 },
    ]);
    expect(await userRow(simulator, "asmith")).toMatchObject({ fullName: "A. Smith", emailAddresses: ["a.smith"] });
    await expect(set({ emailForwarding: { mode: "UForwardYes" } })).rejects.toThrow("-32602");
    expect((await set({ loginName: "other" })).errors[0]).toMatchObject({ inputIndex: 0, code: 1000 });
    await simulator.control.setSwitch("set-login-name", "ignore");
    expect((await set({ loginName: "other" })).errors).toHaveLength(1);
    expect(await userRow(simulator, "other")).toBeUndefined();
    await simulator.control.setSwitch("set-login-name", "refuse");
  });

  it("adopts a directory that lies there and never clears it", async () => {
    mkdirSync(join(mailbox("leaver"), "INBOX", "#msgs"), { recursive: true });
    writeFileSync(join(mailbox("leaver"), "INBOX", "#msgs", "0000000a.eml"), "Subject: old\r\n\r\nx");
    const inode = statSync(mailbox("leaver")).ino;
    await makeUser(simulator, "Leaver", { password: "secret-7X" });
    expect(await userRow(simulator, "leaver")).toMatchObject({
      consumedItems: 1,
      consumedSize: { value: 17, units: "Bytes" },
    });
    const seen = (await simulator.control.login("leaver", "secret-7X")) as { messages: { subject: string }[] };
    expect(seen.messages.map((each) => each.subject)).toEqual(["old"]);
    expect(statSync(mailbox("leaver")).ino).toBe(inode);
    expect(readFileSync(join(mailbox("leaver"), "INBOX", "status.fld"), "utf8")).toContain("Leaver@example.com ");
  });

  it("removes by three methods, and keeps references unless told otherwise", async () => {
    const [kept, deleted, moved, target] = [
      await makeUser(simulator, "kept"),
      await makeUser(simulator, "deleted"),
      await makeUser(simulator, "moved"),
      await makeUser(simulator, "target"),
    ];
    for (const name of ["kept", "deleted", "moved"])
      await simulator.deliver({ to: `${name}@example.com`, subject: name });
    const { result } = await simulator.adminCall<Created>("Groups.create", {
      groups: [{ domainId: domain, name: "all" }],
    });
    const group = result[0]?.id ?? "";
    await simulator.adminCall("Groups.addMemberList", { groupId: group, userList: [kept, deleted] });
    const aliases = ["kept", "deleted"].map((to) => ({
      domainId: domain,
      name: `${to}.alias`,
      deliverTo: `${to}@example.com`,
    }));
    await simulator.adminCall("Aliases.create", { aliases });
    expect((await removeUser(simulator, kept, "UDeleteUser")).errors).toEqual([]);
    await removeUser(simulator, deleted, "UDeleteFolder", { removeReferences: true });
    await removeUser(simulator, moved, "UMoveFolder", { targetUserId: target });
    expect((await removeUser(simulator, moved, "UDeleteUser")).errors[0]).toMatchObject({ code: 1002 });
    expect(existsSync(mailbox("kept"))).toBe(true);
    expect(existsSync(mailbox("deleted"))).toBe(false);
    expect(existsSync(mailbox("moved"))).toBe(false);
    const files = await simulator.control.messages("example.com", "target");
    expect(files.map((each) => each.folder)).toEqual(["Deleted mailbox - moved@example.com/INBOX"]);
    const truth = await simulator.control.truth();
    expect(truth.groups[0]?.["memberIds"]).toEqual([kept]);
    expect(truth.aliases.map((each) => each["name"])).toEqual(["kept.alias"]);
  });

  it("counts enabled accounts against the licence and the domain", async () => {
    const { countInfo } = await simulator.adminCall<{ countInfo: { currentUsers: number } }>(
      "Domains.getUserCountInfo",
      {
        domainId: domain,
      },
    );
    const free = 12 - countInfo.currentUsers;
    const users = Array.from({ length: free + 1 }, (_, index) => ({
      domainId: domain,
      loginName: `u${index}`,
      password: "x",
    }));
    const answer = await simulator.adminCall<Created>("Users.create", { users });
    expect(answer.errors).toMatchObject([{ inputIndex: free, code: 1003, message: "user count license exceeded" }]);
    const disabled = await makeUser(simulator, "bdoe", { isEnabled: false });
    const enable = () =>
      simulator.adminCall<Created>("Users.set", { userIds: [disabled], pattern: { isEnabled: true } });
    expect((await enable()).errors[0]?.code).toBe(1003);
    await simulator.adminCall("Users.set", { userIds: [answer.result[0]?.id], pattern: { isEnabled: false } });
    expect((await enable()).errors).toEqual([]);
    await simulator.control.setSwitch("licence-error", "call");
    await expect(makeUser(simulator, "onemore")).rejects.toThrow("(1003)");
    await simulator.control.setSwitch("licence-error", "item");
  });

  it("holds a password against the policy and the name", async () => {
    await simulator.adminCall("Domains.set", {
      domainIds: [domain],
      pattern: { passwordComplexityEnabled: true, passwordMinimumLength: 8 },
    });
    const create = (password: string) => makeUser(simulator, "bsmith", { password, isEnabled: false });
    await expect(create("short")).rejects.toThrow("at least");
    await expect(create("Xy7-bsmith-Q")).rejects.toThrow("user name");
    await create("Xy7-long-enough");
    const { password } = await simulator.adminCall<{ password: string }>("Domains.generatePassword", {
      domainId: domain,
    });
    const [row] = (await simulator.control.truth()).accounts.filter((each) => each.name === "bsmith");
    const set = await simulator.adminCall<Created>("Users.set", { userIds: [row?.id], pattern: { password } });
    expect(set.errors).toEqual([]);
  });

  it("lets an account administrator touch neither itself nor its betters", async () => {
    const role = (userRole: string) => ({ role: { userRole, publicFolderRight: false, archiveFolderRight: false } });
    const password = "Kq9-nothing-here";
    const self = await makeUser(simulator, "helper", { ...role("AccountAdmin"), password, isEnabled: false });
    const better = await makeUser(simulator, "chief", { ...role("FullAdmin"), isEnabled: false });
    const plain = await makeUser(simulator, "plain", { isEnabled: false });
    const { accounts } = await simulator.control.truth();
    const freed = accounts.filter((each) => /^u\d$/.test(each.name) && each.enabled).map((each) => each.id);
    await simulator.adminCall("Users.set", { userIds: freed, pattern: { isEnabled: false } });
    await simulator.adminCall("Users.set", { userIds: [self], pattern: { isEnabled: true } });
    const helper = new AdminCaller({ ...simulator.info, admin: { user: "helper", password } });
    const remove = (userId: string) =>
      helper.call<Created>("Users.remove", { requests: [{ userId, method: "UDeleteUser", removeReferences: false }] });
    expect((await remove(self)).errors[0]?.code).toBe(1004);
    expect((await remove(better)).errors[0]?.code).toBe(1004);
    expect((await remove(plain)).errors).toEqual([]);
    await expect(helper.call("Services.get")).rejects.toThrow("(1004)");
    await expect(helper.call("Users.get", { query: {}, domainId: domain })).resolves.toMatchObject({});
  });

  it("carries contacts", async () => {
    const { accounts } = await simulator.control.truth();
    const id = accounts[0]?.id;
    const contact = { companyName: "Example", postalAddressWork: { locality: "Town" }, isReadOnly: true, nonsense: 1 };
    await simulator.adminCall("Users.setPersonalContact", { userIds: [id], contact });
    const { contacts } = await simulator.adminCall<{ contacts: object[] }>("Users.getPersonalContact", {
      userIds: [id],
    });
    expect(contacts[0]).toMatchObject({
      companyName: "Example",
      postalAddressWork: { locality: "Town" },
      isReadOnly: false,
    });
    expect(contacts[0]).not.toHaveProperty("nonsense");
  });

  it("searches, orders and cuts", async () => {
    const query = {
      fields: ["loginName"],
      conditions: [{ fieldName: "QUICKSEARCH", comparator: "Like", value: "u" }],
      orderBy: [{ columnName: "loginName", direction: "Desc" }],
      start: 1,
      limit: 2,
    };
    const found = await simulator.adminCall<Listed>("Users.get", { query, domainId: domain });
    expect(found.totalItems).toBeGreaterThan(2);
    expect(found.list).toHaveLength(2);
    expect(Object.keys(found.list[0] ?? {}).sort()).toEqual(["id", "loginName"]);
  });
});
