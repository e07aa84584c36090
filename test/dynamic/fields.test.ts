import { runtime } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { checkFields, diffFields } from "../../provider/dynamic/fields";
import { hasUnknown, withoutUndefined } from "../../provider/dynamic/unknowns";
import { userFields } from "../../provider/resources/user-fields";

const { unknownValue } = runtime;

describe("checking", () => {
  it("lets values pass that are not yet known, nested ones too", () => {
    const news = {
      domain: unknownValue,
      name: "jdoe",
      groups: ["a", unknownValue],
      contact: { firstName: unknownValue },
    };
    expect(checkFields(userFields, news)).toEqual({ inputs: news, failures: [], wrong: new Set() });
  });

  it("looks at what is known beside what is not", () => {
    const { failures } = checkFields(userFields, {
      domain: unknownValue,
      name: unknownValue,
      diskQuota: unknownValue,
      groups: ["", unknownValue],
      forwarding: { to: ["no address", unknownValue] },
      contact: { firstName: 1, lastName: unknownValue },
    });
    expect(failures.map((failure) => failure.reason.split(":")[0])).toEqual([
      "groups[0]",
      "forwarding.to[0]",
      "contact.firstName",
    ]);
  });

  it("tells of an object in one of several forms which member is wrong", () => {
    const { failures } = checkFields(userFields, {
      domain: "example.com",
      name: "jdoe",
      role: { administration: "boss", publicFolders: "x" },
      forwarding: { to: ["a@example.org", 5], keepCopy: "yes" },
      cleanOut: { junkEmail: 0, trash: 3 },
      onDelete: { moveMailTo: "A" },
    });
    expect(failures.map((failure) => failure.reason.split(":")[0])).toEqual([
      "role.administration",
      "role.publicFolders",
      "forwarding.to[1]",
      "forwarding.keepCopy",
      "cleanOut.junkEmail",
      "cleanOut.trash",
      "onDelete.moveMailTo",
    ]);
  });

  it("says in its own words what a number or an object may be", () => {
    const reasons = (inputs: object) =>
      checkFields(userFields, { domain: "example.com", name: "jdoe", ...inputs }).failures.map(({ reason }) => reason);
    for (const allItems of [0, 1.5, 30_000, "x"])
      expect(reasons({ cleanOut: { allItems } })).toEqual([
        "cleanOut.allItems: must be false or a whole number of days from 1 to 24855.",
      ]);
    for (const itemLimit of [0, -1, 1.5, "some"])
      expect(reasons({ itemLimit })).toEqual(['itemLimit: must be a whole number above zero, or "unlimited".']);
    expect(reasons({ role: { boss: true, chief: true } })).toEqual([
      "role.boss: there is no such input. The inputs are: administration, publicFolders, archiveFolders.",
      "role.chief: there is no such input. The inputs are: administration, publicFolders, archiveFolders.",
    ]);
    expect(reasons({ contact: { workAddress: { citty: "x" } } })).toEqual([
      expect.stringMatching(/^contact\.workAddress\.citty: there is no such input\. The inputs are: poBox, .*, city, /),
    ]);
    expect(reasons({ contact: 1 })).toEqual(["contact: must be an object."]);
  });

  it("names no property, whose value the engine would print", () => {
    const { failures } = checkFields(userFields, {
      domain: "example.com",
      name: "jdoe",
      diskQuota: "planted",
      contact: { comment: "planted", firstname: "J." },
    });
    expect(failures).toHaveLength(2);
    for (const { property, reason } of failures) {
      expect(property).toBe("");
      expect(reason).not.toContain("planted");
    }
  });

  it("normalises, takes null for left out, and names the path of what is wrong", () => {
    const { inputs, failures } = checkFields(userFields, {
      domain: "example.com",
      name: "jdoe",
      fullName: null,
      forwarding: { to: ["a@example.org"] },
      contact: { firstName: 1, workAddress: { town: "x" } },
    });
    expect(inputs["forwarding"]).toEqual({ to: ["a@example.org"], keepCopy: true });
    expect("fullName" in inputs).toBe(false);
    expect(failures.map((failure) => failure.reason).join("\n")).toMatch(
      /contact\.firstName: must be a text\.\ncontact\.workAddress\.town: there is no such input/,
    );
  });
});

describe("comparing", () => {
  const olds = {
    domain: "example.com",
    name: "jdoe",
    diskQuota: "2 GB",
    emailAddresses: ["a", "b"],
    role: "none",
    fullName: "J",
  };
  it.each([
    ["an equal amount in another unit", { diskQuota: "2048 MB" }, {}],
    ["another order of a set", { emailAddresses: ["b", "a"] }, {}],
    ["the same role written out", { role: { administration: "none" } }, {}],
    ["a field the program leaves out", { fullName: undefined }, {}],
    ["another name", { name: "jsmith" }, { replaces: ["name"] }],
    ["another domain", { domain: "example.org" }, { refused: ["domain"] }],
    ["a setting", { fullName: "K" }, { updates: ["fullName"] }],
    ["an unknown setting", { fullName: unknownValue }, { updates: ["fullName"] }],
    ["a policy", { onDelete: "deleteMail" }, { remembered: ["onDelete"] }],
  ])("%s", (_what, changed, expected) => {
    const none = { replaces: [], refused: [], updates: [], remembered: [] };
    expect(diffFields(userFields, olds, { ...olds, ...changed })).toEqual({ ...none, ...expected });
  });
});

describe("values on their way to the engine", () => {
  it("lose what is undefined, everywhere", () => {
    expect(withoutUndefined({ a: undefined, b: [1, undefined, { c: undefined }] })).toEqual({ b: [1, {}] });
  });
  it("are unknown when any part is", () => {
    expect(hasUnknown({ a: [{ b: unknownValue }] })).toBe(true);
    expect(hasUnknown({ a: [null, "x"] })).toBe(false);
  });
});
