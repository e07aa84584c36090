import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeAll(() => (bare = new BareEngine()));
afterAll(() => bare.remove());

const noSize = { isActive: false, limit: { value: 0, units: "" } };
const noRole = { userRole: "", publicFolderRight: false, archiveFolderRight: false };

/** A structure as a client in Go writes it: every member, those that nobody has filled in as the language's zero. */
const zeros = {
  id: "",
  fullName: "",
  itemSource: "",
  authType: "",
  role: noRole,
  groupRole: noRole,
  emailAddresses: null,
  emailForwarding: { mode: "", emailAddresses: null },
  userGroups: null,
  diskSizeLimit: noSize,
  outMessageLimit: noSize,
  lastLoginInfo: { dateTime: 0, protocol: "" },
};

describe("members that a client has not filled in", () => {
  it("count as left out", async () => {
    const user = await bare.user("jdoe", zeros);
    expect(user).toMatchObject({ authType: "UInternalAuth", role: { userRole: "UserRole" }, emailAddresses: [] });
    const query = { fields: null, conditions: null, combining: "Or", start: 0, limit: -1, orderBy: null };
    expect(await bare.call("Users.get", { query, domainId: bare.domain })).toMatchObject({ totalItems: 1 });
    const pattern = { ...zeros, description: "kept", emailAddresses: ["j.doe"] };
    expect(await bare.call("Users.set", { userIds: [user.id], pattern })).toEqual({ errors: [] });
    expect(user).toMatchObject({ description: "kept", emailAddresses: ["j.doe"], role: { userRole: "UserRole" } });
  });

  it("count as left out where empty cannot be, when something is changed", async () => {
    const user = await bare.user("kjones");
    const was = user.passwordStored;
    const set = (pattern: object) => bare.call("Users.set", { userIds: [user.id], pattern });
    const forwarding = { mode: "UForwardNone", emailAddresses: null };
    expect(
      await set({ ...zeros, loginName: "", domainId: "", password: "", emailForwarding: forwarding, description: "x" }),
    ).toEqual({ errors: [] });
    expect(user).toMatchObject({ loginName: "kjones", domainId: bare.domain, passwordStored: was, description: "x" });

    const rows = {
      Groups: { create: "groups", ids: "groupIds", row: {} },
      Aliases: { create: "aliases", ids: "aliasIds", row: { deliverTo: "kjones" } },
      MailingLists: { create: "mailingLists", ids: "mlIds", row: {} },
      Resources: { create: "resources", ids: "resourceIds", row: {} },
    };
    for (const [name, { create, ids, row }] of Object.entries(rows)) {
      const made = await bare.call(`${name}.create`, { [create]: [{ domainId: bare.domain, name: "sample", ...row }] });
      expect(made.errors).toEqual([]);
      const pattern = { name: "", domainId: "", description: "changed" };
      expect(await bare.call(`${name}.set`, { [ids]: [made.result[0].id], pattern })).toEqual({ errors: [] });
      await bare.call(
        `${name}.remove`,
        name === "Groups" ? { requests: [{ groupId: made.result[0].id }] } : { [ids]: [made.result[0].id] },
      );
    }
    const pattern = { name: "", description: "changed" };
    expect(await bare.call("Domains.set", { domainIds: [bare.domain], pattern })).toEqual({ errors: [] });
  });

  it("do not take with them what is filled in with zero: an account is disabled by nothing else", async () => {
    const user = await bare.user("llee", { description: "kept" });
    const pattern = { ...zeros, isEnabled: false };
    expect(await bare.call("Users.set", { userIds: [user.id], pattern })).toEqual({ errors: [] });
    expect(user).toMatchObject({ isEnabled: false, description: "kept", role: { userRole: "UserRole" } });
  });

  it("count as left out in a query, and so does a list for one", async () => {
    const orderBy = [{ columnName: "loginName", direction: "", caseSensitive: false }];
    const asked = await bare.call("Users.get", { query: { orderBy, combining: "" }, domainId: bare.domain });
    expect(asked.errors).toBeUndefined();
    const unsorted = await bare.call("Users.get", { query: [], domainId: bare.domain });
    expect(unsorted.totalItems).toBe(asked.totalItems);
    await expect(bare.call("Users.get", { query: ["x"], domainId: bare.domain })).rejects.toThrow("-32602");
  });

  it("are no excuse for what is half filled in, of another type, or needed", async () => {
    const one = (more: object) => bare.user("jsmith", more);
    await expect(one({ diskSizeLimit: { isActive: true, limit: { value: 5, units: "" } } })).rejects.toThrow("-32602");
    await expect(one({ emailAddresses: "" })).rejects.toThrow("-32602");
    await expect(bare.call("Users.create", { users: null })).rejects.toThrow("-32602");
    await expect(bare.call("Users.create", { users: [{ domainId: bare.domain, loginName: null }] })).rejects.toThrow(
      "-32602",
    );
    const login = { userName: "Admin", password: "Secret-7", application: "" };
    await expect(bare.call("Session.login", login)).rejects.toThrow("-32602");
  });

  it("count as left out where they are null, whatever their type, unless the server refuses that", async () => {
    const nulls = { fullName: null, isEnabled: null, authType: null, itemLimit: null, role: null, userGroups: null };
    const user = await bare.user("mbrown", {
      ...nulls,
      description: "kept",
      diskSizeLimit: { ...noSize, limit: null },
    });
    const whole = { authType: "UInternalAuth", isEnabled: true, fullName: "", role: { userRole: "UserRole" } };
    expect(user).toMatchObject({ ...whole, description: "kept", diskSizeLimit: { isActive: false } });
    const set = (pattern: object) => bare.call("Users.set", { userIds: [user.id], pattern });
    expect(await set({ ...nulls, description: null, loginName: null, fullName: "M. Brown" })).toEqual({ errors: [] });
    expect(user).toMatchObject({ ...whole, description: "kept", loginName: "mbrown", fullName: "M. Brown" });
    await expect(set({ itemLimit: { isActive: true, limit: null } })).rejects.toThrow("-32602");

    bare.choose({ "null-member": "refused" });
    await expect(set({ fullName: null })).rejects.toThrow("-32602");
    expect(await set({ emailAddresses: null, userGroups: null })).toEqual({ errors: [] });
  });
});
