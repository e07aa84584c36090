import { describe, expect, it } from "vitest";
import { applied, type Props } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ ssh: false, hasHadMail: true });
const { domain, nextRun, account } = stage;

async function byHand(id: string, pattern: Props): Promise<void> {
  await stage.simulator.adminCall("Users.set", { userIds: [id], pattern });
}

const everything: Props = {
  domain,
  logicalName: "whole",
  name: "whole",
  fullName: "W. Hole",
  description: "has everything",
  enabled: true,
  password: "Str0ng-enough!",
  allowPasswordChange: false,
  passwordReversible: false,
  authentication: "internal",
  defaultSpamRule: true,
  role: { administration: "accounts", publicFolders: true },
  emailAddresses: ["w.hole", "Hole@example.com"],
  forwarding: { to: ["elsewhere@example.org"] },
  itemLimit: 5000,
  diskQuota: "2 GB",
  outgoingMessageLimit: "20 MB",
  domainOnly: true,
  publishInGal: false,
  cleanOut: { deletedItems: 30 },
  companyContactId: "keriodb://contact/0d6c0a9e",
  contact: {
    firstName: "W.",
    lastName: "Hole",
    workAddress: { city: "Brno" },
    emailAddresses: ["w.hole@example.org", "Home@example.net"],
  },
};

describe("the life of a user", () => {
  it("is created with every setting, read back without a difference, changed, removed, and removed again", async () => {
    const made = await applied(stage.plugin, "user", undefined, everything);
    expect(made.outs).toMatchObject({ address: "whole@example.com", userId: made.id, previousNames: [] });
    expect(made.outs["initialPassword"]).toBeUndefined();
    expect(await account("whole")).toMatchObject({
      fullName: "W. Hole",
      isEnabled: true,
      allowPasswordChange: false,
      isPasswordReversible: false,
      role: { userRole: "AccountAdmin", publicFolderRight: true, archiveFolderRight: false },
      emailForwarding: { mode: "UForwardDeliver", emailAddresses: ["elsewhere@example.org"] },
      itemLimit: { isActive: true, limit: 5000 },
      diskSizeLimit: { isActive: true, limit: { value: 2, units: "GigaBytes" } },
      hasDomainRestriction: true,
      publishInGal: false,
      companyContactId: "keriodb://contact/0d6c0a9e",
    });

    await nextRun();
    const { props, inputs } = await stage.plugin.read("user", made.id, made.outs);
    expect(props).toEqual(made.outs);
    expect(inputs).toEqual(made.inputs);
    const again = await stage.plugin.check("user", made.inputs, everything);
    expect(again).toEqual({ inputs: made.inputs, failures: [] });
    expect(await stage.plugin.diff("user", made.id, made.outs, again.inputs)).toEqual({ changes: false, replaces: [] });

    const changed = { ...everything, fullName: "Other", diskQuota: "unlimited", cleanOut: "domain", role: "none" };
    const after = await applied(stage.plugin, "user", made, changed);
    expect(after.id).toBe(made.id);
    expect(await account("whole")).toMatchObject({
      fullName: "Other",
      diskSizeLimit: { isActive: false },
      cleanOutItems: { isUsedDomain: true },
      role: { userRole: "UserRole", publicFolderRight: false },
      description: "has everything",
    });

    await nextRun();
    await stage.plugin.delete("user", after.id, after.outs);
    expect(await account("whole")).toBeUndefined();
    expect(stage.plugin.ear.text()).toContain("whole@example.com was removed. It had no mailbox directory");
    await stage.plugin.delete("user", after.id, after.outs);
  });

  it("manages only what is declared", async () => {
    const declared = { domain, name: "sparse", logicalName: "sparse", fullName: "S. Parse" };
    const made = await applied(stage.plugin, "user", undefined, declared);
    expect(made.outs["managed"]).toEqual(["fullName"]);
    expect(String(made.outs["initialPassword"]).length).toBeGreaterThan(7);
    await byHand(made.id, { description: "by hand", fullName: "By Hand" });
    await nextRun();
    const { props, inputs } = await stage.plugin.read("user", made.id, made.outs);
    expect(props).toEqual({ ...made.outs, fullName: "By Hand" });
    const { inputs: wanted } = await stage.plugin.check("user", inputs, declared);
    expect(await stage.plugin.diff("user", made.id, props, wanted)).toEqual({ changes: true, replaces: [] });
    await stage.plugin.update("user", made.id, props, wanted);
    expect(await account("sparse")).toMatchObject({ fullName: "S. Parse", description: "by hand" });

    const callsBefore = (await stage.simulator.control.calls()).length;
    await nextRun();
    const less = { domain, name: "sparse", logicalName: "sparse" };
    const { inputs: fewer } = await stage.plugin.check("user", wanted, less);
    expect(await stage.plugin.diff("user", made.id, made.outs, fewer)).toEqual({ changes: true, replaces: [] });
    const outs = await stage.plugin.update("user", made.id, made.outs, { ...fewer, onDelete: "deleteMail" });
    expect(outs).toMatchObject({ managed: [], onDelete: "deleteMail", initialPassword: made.outs["initialPassword"] });
    expect((await stage.simulator.control.calls()).length).toBe(callsBefore);
  });

  it("reports every wrong input at once, and never a secret", async () => {
    const { failures } = await stage.plugin.check(
      "user",
      {},
      {
        logicalName: "bad",
        domain: "Example.com",
        name: "J/Doe",
        password: "",
        diskQuota: "much",
        emailAddresses: [1],
        contact: { firstname: "x" },
        fullname: "x",
        itemLimit: 0,
      },
    );
    const text = failures.join("\n");
    for (const part of [
      "domain",
      "name",
      "password",
      "diskQuota",
      "emailAddresses",
      "contact",
      "Did you mean fullName",
      "itemLimit",
    ])
      expect(text).toContain(part);
    const planted = await stage.plugin.check(
      "user",
      {},
      { domain, name: "x", password: { planted: "S3cret" }, logicalName: "p" },
    );
    expect(planted.failures.join()).toContain("password");
    expect(planted.failures.join()).not.toContain("S3cret");
    expect(planted.failures.every((failure) => failure.startsWith("|"))).toBe(true);
  });

  it("finds users that exist, by id and by address", async () => {
    const declared = { domain, name: "found", logicalName: "f", fullName: "F" };
    const made = await applied(stage.plugin, "user", undefined, declared);
    for (const id of [made.id, "found@example.com"]) {
      const { id: found, props } = await stage.plugin.read("user", id, {});
      expect(found).toBe(made.id);
      expect(props).toMatchObject({ name: "found", domain, fullName: "F", address: "found@example.com" });
    }
    await expect(stage.plugin.read("user", "nobody@example.com", {})).rejects.toThrow(
      /user nobody@example\.com: looking it up failed.*NOT_FOUND/s,
    );
    const { props } = await stage.plugin.read("user", made.id, {});
    await nextRun();
    await stage.plugin.delete("user", made.id, made.outs);
    // What a refresh misses leaves the state.
    expect((await stage.plugin.read("user", made.id, props)).id).toBe("");
  });

  it("does not take over an account unless it is told to", async () => {
    await applied(stage.plugin, "user", undefined, { domain, name: "taken", logicalName: "a", fullName: "T" });
    await nextRun();
    const other = { domain, name: "taken", logicalName: "b", fullName: "Somebody else" };
    await expect(applied(stage.plugin, "user", undefined, other)).rejects.toThrow(/adopt: true/);
    await nextRun();
    const adopted = await applied(stage.plugin, "user", undefined, { ...other, adopt: true });
    expect(await account("taken")).toMatchObject({ id: adopted.id, fullName: "Somebody else" });
  });
});

describe("removals that would harm a person", () => {
  it("leaves an account alone that the program declares under another resource", async () => {
    const declared = { domain, name: "kept", logicalName: "old", fullName: "K" };
    const made = await applied(stage.plugin, "user", undefined, declared);
    await nextRun();
    await applied(stage.plugin, "user", undefined, { domain, name: "kept", logicalName: "new", adopt: true });
    await stage.plugin.delete("user", made.id, made.outs);
    expect(await account("kept")).toBeDefined();
    expect(stage.plugin.ear.text()).toContain("kept@example.com is left alone");
  });

  it("refuses the removal of a resource that was replaced under another name without being asked", async () => {
    const made = await applied(stage.plugin, "user", undefined, { domain, name: "before", logicalName: "r" });
    await nextRun();
    await applied(stage.plugin, "user", undefined, { domain, name: "after", logicalName: "r" });
    await expect(stage.plugin.delete("user", made.id, made.outs)).rejects.toThrow(/renamedFrom: "before"/);
    expect(await account("before")).toBeDefined();
  });

  it("refuses a rename in preview where the stack has no SSH settings, and a change of domain", async () => {
    const declared = { domain, name: "stays", logicalName: "s" };
    const made = await applied(stage.plugin, "user", undefined, declared);
    const renamed = await stage.plugin.check("user", made.inputs, { ...declared, name: "moves" });
    expect(renamed.failures.join()).toContain("sshHostKey");
    const moved = await stage.plugin.check("user", made.inputs, { ...declared, domain: "example.org" });
    expect(moved.failures.join()).toMatch(/domain: it cannot be changed from example.com to example.org/);
  });

  it("refuses two resources that claim one name", async () => {
    const declared = { domain, name: "twice" };
    expect((await stage.plugin.check("user", {}, { ...declared, logicalName: "one" })).failures).toEqual([]);
    const second = await stage.plugin.check("user", {}, { ...declared, logicalName: "two" });
    expect(second.failures.join()).toMatch(/claimed by two resources, "one" and "two"/);
  });

  it("moves mail only into a mailbox that exists", async () => {
    const declared = { domain, name: "mover", logicalName: "m", onDelete: { moveMailTo: "nobody" } };
    const made = await applied(stage.plugin, "user", undefined, declared);
    await nextRun();
    await expect(stage.plugin.delete("user", made.id, made.outs)).rejects.toThrow(
      /nobody@example.com, which does not exist/,
    );
    expect(await account("mover")).toBeDefined();
  });
});
