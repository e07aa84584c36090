import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { expect, it } from "vitest";
import { checkFields } from "../../provider/dynamic/fields";
import { checkValues } from "../../provider/resources/user-check-values";
import { userFields } from "../../provider/resources/user-fields";

const jdoe = { domain: "example.com", name: "jdoe" };

function check(declared: object): { inputs: Record<string, unknown>; reasons: string[] } {
  const { inputs, failures, wrong } = checkFields(userFields, { ...jdoe, ...declared });
  const values = { ...inputs };
  return { reasons: [...failures, ...checkValues(values, wrong)].map(({ reason }) => reason), inputs: values };
}

it("tells all that is wrong at once, whatever else is", () => {
  const { reasons } = check({
    diskQuota: "much",
    emailAddresses: ["x@other.example"],
    contact: { photo: "nowhere.png" },
    onDelete: { moveMailTo: "jdoe" },
  });
  expect(reasons.map((reason) => reason.split(":")[0]).sort()).toEqual([
    "contact.photo",
    "diskQuota",
    "emailAddresses[0]",
    "onDelete.moveMailTo",
  ]);
});

it.each(["../evil", "a/b", "a\\b", "#hash", "-dash", "anyone", "AuthUser", "..", "a..b", "jdoe", "jdoe@example.com"])(
  "lets no further address %j pass",
  (address) => expect(check({ emailAddresses: ["fine", address] }).reasons).toHaveLength(1),
);

it("takes what an address may be, in one form", () => {
  const { inputs, reasons } = check({ emailAddresses: ["J.Doe@example.com", "j+tag", "o'doe", "j.doe"] });
  expect(reasons).toEqual([]);
  expect(inputs["emailAddresses"]).toEqual(["j.doe", "j+tag", "o'doe"]);
});

it("looks at addresses beside one that is not known yet, and leaves the list as it is", () => {
  const emailAddresses = ["-dash", unknownValue, "Fine"];
  const { inputs, reasons } = check({ emailAddresses });
  expect(reasons).toEqual([expect.stringMatching(/^emailAddresses\[0\]/)]);
  expect(inputs["emailAddresses"]).toEqual(emailAddresses);
});

it("says nothing of a value", () => {
  const planted = "planted@elsewhere.example";
  expect(check({ emailAddresses: [planted] }).reasons.join()).not.toContain("planted");
});
