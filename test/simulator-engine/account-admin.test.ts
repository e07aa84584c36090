import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Session } from "../simulator/engine/sessions";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
let helper: Session;
let elsewhere: string;
beforeEach(async () => {
  bare = new BareEngine();
  helper = await bare.as("AccountAdmin");
  const { result } = await bare.call("Domains.create", { domains: [{ name: "second.example" }] });
  elsewhere = result[0].id;
});
afterEach(() => bare.remove());

/** Makes one of everything in the other domain, and gives what would change each. */
async function everything(): Promise<[string, object][]> {
  const domainId = elsewhere;
  const { id: userId } = await bare.user("jsmith", { domainId });
  const made = async (method: string, items: object) => (await bare.call(method, items)).result[0].id as string;
  const aliasId = await made("Aliases.create", { aliases: [{ domainId, name: "info", deliverTo: "jsmith" }] });
  const groupId = await made("Groups.create", { groups: [{ domainId, name: "all" }] });
  const mlId = await made("MailingLists.create", { mailingLists: [{ domainId, name: "news" }] });
  const resourceId = await made("Resources.create", { resources: [{ domainId, name: "room1" }] });
  const description = "x";
  return [
    ["Users.create", { users: [{ domainId, loginName: "another" }] }],
    ["Users.set", { userIds: [userId], pattern: { description } }],
    ["Users.setPersonalContact", { userIds: [userId], contact: { comment: "x" } }],
    ["Aliases.create", { aliases: [{ domainId, name: "more", deliverTo: "jsmith" }] }],
    ["Aliases.set", { aliasIds: [aliasId], pattern: { description } }],
    ["Aliases.remove", { aliasIds: [aliasId] }],
    ["Groups.create", { groups: [{ domainId, name: "some" }] }],
    ["Groups.set", { groupIds: [groupId], pattern: { description } }],
    ["Groups.remove", { requests: [{ groupId }] }],
    ["MailingLists.create", { mailingLists: [{ domainId, name: "more" }] }],
    ["MailingLists.set", { mlIds: [mlId], pattern: { description } }],
    ["MailingLists.remove", { mlIds: [mlId] }],
    ["Resources.create", { resources: [{ domainId, name: "room2" }] }],
    ["Resources.set", { resourceIds: [resourceId], pattern: { description } }],
    ["Resources.remove", { resourceIds: [resourceId] }],
    ["Users.remove", { requests: [{ userId, method: "UDeleteUser", removeReferences: false }] }],
  ];
}

describe("an account administrator", () => {
  it("changes nothing in another domain, unless the server lets it", async () => {
    const changes = await everything();
    for (const [method, params] of changes) {
      expect([method, (await bare.call(method, params, helper)).errors[0]?.code]).toEqual([method, 1004]);
    }
    const [list] = bare.engine.state.lists;
    const members = [{ hasId: false, emailAddress: "a@example.org", kind: "Member" }];
    await expect(bare.call("MailingLists.addMlUserList", { members, mlId: list?.id }, helper)).rejects.toThrow("1004");
    const { list: rows } = await bare.call("Users.get", { query: {}, domainId: elsewhere }, helper);
    expect(rows).toMatchObject([{ loginName: "jsmith", isWritableByMe: false }]);
    bare.engine.switches.choose("account-admin-domain", "every");
    for (const [method, params] of changes) {
      expect([method, (await bare.call(method, params, helper)).errors]).toEqual([method, []]);
    }
  });

  it("has resources, or only reads them", async () => {
    const resources = [{ domainId: bare.domain, name: "room1" }];
    const { result } = await bare.call("Resources.create", { resources }, helper);
    bare.engine.switches.choose("account-admin-resources", "no");
    const remove = { resourceIds: [result[0].id] };
    await expect(bare.call("Resources.remove", remove, helper)).rejects.toThrow("(1004)");
    expect((await bare.call("Resources.get", { query: {}, domainId: bare.domain }, helper)).totalItems).toBe(1);
    expect((await bare.call("Resources.remove", remove)).errors).toEqual([]);
  });

  it("gives nobody rights above its own, not through a group either, and takes none", async () => {
    const groups = [
      { domainId: bare.domain, name: "chiefs", role: "FullAdmin" },
      { domainId: bare.domain, name: "plain" },
    ];
    const { result } = await bare.call("Groups.create", { groups });
    const [chiefs, plain] = result.map(({ id }: { id: string }) => ({ id }));
    const user = await bare.user("jdoe");
    const join = async (userGroups: object[], session = helper) =>
      (await bare.call("Users.set", { userIds: [user.id], pattern: { userGroups } }, session)).errors[0]?.code;
    expect(await join([chiefs])).toBe(1004);
    expect(await join([plain])).toBeUndefined();
    expect(await join([{ id: "none" }])).toBe(1002);
    const users = [{ domainId: bare.domain, loginName: "asmith", userGroups: [chiefs] }];
    expect((await bare.call("Users.create", { users }, helper)).errors[0].code).toBe(1004);
    const remove = { requests: [{ groupId: chiefs.id }] };
    expect((await bare.call("Groups.remove", remove, helper)).errors[0].code).toBe(1004);
    const lower = { groupIds: [chiefs.id], pattern: { role: "UserRole" } };
    expect((await bare.call("Groups.set", lower, helper)).errors[0].code).toBe(1004);
    expect((await bare.call("Groups.set", lower)).errors).toEqual([]);
    expect((await bare.call("Groups.remove", remove, helper)).errors).toEqual([]);
  });

  it("may no more than its account may now, in a session that it had before", async () => {
    const list = () => bare.call("Users.get", { query: {}, domainId: bare.domain }, helper);
    await list();
    const role = { userRole: "UserRole", publicFolderRight: false, archiveFolderRight: false };
    await bare.call("Users.set", { userIds: [helper.user?.id], pattern: { role } });
    await expect(list()).rejects.toThrow("(1004)");
    await bare.call("Session.whoAmI", {}, helper);
  });

  it("is logged out with its account", async () => {
    await bare.call("Session.whoAmI", {}, helper);
    await bare.call("Users.set", { userIds: [helper.user?.id], pattern: { isEnabled: false } });
    await expect(bare.call("Session.whoAmI", {}, helper)).rejects.toThrow("(-32001)");
  });
});
