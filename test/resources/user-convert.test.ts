import { describe, expect, it } from "vitest";
import { isSame } from "../../provider/dynamic/fields";
import type { User } from "../../provider/kerio/methods/users";
import { mergeContact } from "../../provider/kerio/methods/write-contact";
import { contactFromApi, contactToApi, narrowContact } from "../../provider/resources/contact";
import { fromUser, toPattern } from "../../provider/resources/user-convert";
import { userFields, type UserInputs, type UserSetting } from "../../provider/resources/user-fields";
import { fromApiSize, parseSize, toApiSize } from "../../provider/resources/units";

const declared: UserInputs[] = [
  { fullName: "J", description: "", enabled: false, allowPasswordChange: true, domainOnly: false, publishInGal: true },
  { passwordReversible: false, authentication: "kerberos" },
  { role: "none", forwarding: "none", itemLimit: "unlimited", diskQuota: "unlimited", cleanOut: "domain" },
  { role: { administration: "full", publicFolders: true, archiveFolders: false }, outgoingMessageLimit: "1.5 GB" },
  { forwarding: { to: ["a@example.org", "b@example.org"], keepCopy: false }, itemLimit: 10, diskQuota: "300 KB" },
  { cleanOut: { deletedItems: 7, junkEmail: false, sentItems: 24855, allItems: false }, emailAddresses: ["x", "y"] },
];

describe("settings", () => {
  it.each(declared)("come back from the server as they were declared: %j", (inputs) => {
    const seen = fromUser({ id: "1", loginName: "jdoe", ...toPattern(inputs) } as User, "example.com");
    for (const [name, value] of Object.entries(inputs)) {
      const setting = name as UserSetting;
      expect([name, isSame(userFields[setting], value, seen[setting])]).toEqual([name, true]);
    }
  });

  it("write nothing that is not declared", () => expect(toPattern({})).toEqual({}));

  it("read extra addresses as local parts, however the server writes them", () => {
    const user = { id: "1", loginName: "jdoe", emailAddresses: ["B@Example.com", "a"] } as User;
    expect(fromUser(user, "example.com").emailAddresses).toEqual(["a", "b"]);
  });
});

describe("amounts", () => {
  it.each([
    ["500 MB", { value: 500, units: "MegaBytes" }],
    ["1.5GB", { value: 1536, units: "MegaBytes" }],
    ["1024 MB", { value: 1, units: "GigaBytes" }],
  ])("%s", (text, size) => expect(toApiSize(parseSize(text) ?? 0)).toEqual(size));
  it("are shown in the largest whole unit", () => {
    expect(fromApiSize({ value: 2048, units: "MegaBytes" })).toBe("2 GB");
    expect(fromApiSize({ value: 0, units: "MegaBytes" })).toBe("0 B");
  });
  it.each(["", "5", "MB", "-1 MB", "1 mb", "1,5 GB", "Infinity MB"])("%j is none", (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );
});

describe("contacts", () => {
  it("keep the parts of an address that the program leaves out", () => {
    const before = { surName: "Doe", postalAddressWork: { street: "Main 1", locality: "Brno" } };
    expect(mergeContact(before, contactToApi({ lastName: "Smith", workAddress: { city: "Praha" } }))).toEqual({
      surName: "Smith",
      postalAddressWork: { street: "Main 1", locality: "Praha" },
    });
  });
  it("keep what the server holds beside a mail address", () => {
    const before = { emailAddresses: [{ address: "J@example.com", type: "work" }, "old@example.com"] };
    expect(mergeContact(before, contactToApi({ emailAddresses: ["j@example.com", "new@example.com"] }))).toEqual({
      emailAddresses: [before.emailAddresses[0], "new@example.com"],
    });
    expect(mergeContact(before, undefined)).toEqual(before);
    expect(mergeContact(undefined, { surName: "Doe" })).toEqual({ surName: "Doe" });
  });
  it("are compared although the server holds what no program may declare", () => {
    const seen = contactFromApi({ firstName: "J", emailAddresses: ["J. Doe <j@example.com>", ""] });
    expect(narrowContact(seen, { firstName: "K" })).toEqual({ firstName: "J" });
    expect(narrowContact(undefined, { firstName: "K" })).toBeUndefined();
  });
  it("are compared by the declared fields alone", () => {
    const seen = contactFromApi({ firstName: "J", surName: "Doe", postalAddressWork: { street: "Main 1" } });
    expect(narrowContact(seen, { firstName: "J", workAddress: { city: "x" } })).toEqual({
      firstName: "J",
      workAddress: { city: "" },
    });
  });
});
