import { describe, expect, it } from "vitest";
import { targetProblem } from "../../provider/resources/alias-fields";
import { addressProblem, aliasNameProblem, domainProblem, userNameProblem } from "../../provider/resources/names";

describe("user names", () => {
  it.each(["jdoe", "j.doe", "a.b-c_1", "123", "con", "_x", "x".repeat(64)])("takes %s", (name) =>
    expect(userNameProblem(name)).toBeUndefined(),
  );
  it.each([
    ["", /empty/],
    ["JDoe", /lower case: "jdoe"/],
    ["j doe", /no spaces/],
    ["jürgen", /diacritics/],
    ["a/b", /directory/],
    ["a\\b", /directory/],
    ["..", /dot/],
    [".a", /dot/],
    ["a.", /dot/],
    ["a..b", /dot/],
    ["#public", /#/],
    ["-rf", /hyphen/],
    ["a\nb", /control/],
    ["a\u0000", /control/],
    ["a\u202eb", /control/],
    ["$(x)", /special/],
    ["'", /special/],
    ["jdoe@example.com", /before the @/],
    ["anyone", /built-in/],
    ["authuser", /built-in/],
    ["x".repeat(65), /64/],
    ["ｊdoe", /diacritics|special/],
  ])("refuses %j", (name, reason) => expect(userNameProblem(name)).toMatch(reason));
});

describe("alias names", () => {
  it.each(["info", "*", "??", "sales-*", "a?b"])("takes %s", (name) => expect(aliasNameProblem(name)).toBeUndefined());
  it.each([
    ["Info*", /lower case: "info\*"/],
    ["a/*", /directory/],
    ["*..*", /dot/],
    ["*.", /dot/],
  ])("refuses %j", (name, reason) => expect(aliasNameProblem(name)).toMatch(reason));
});

describe("domains and addresses", () => {
  it("takes what mail takes", () => {
    expect(domainProblem("mail.example-1.com")).toBeUndefined();
    expect(addressProblem("o'neil+tag@example.org")).toBeUndefined();
  });
  it.each(["Example.com", "a..b", "-a.com", "a_b.com", ".com", "../x"])("refuses the domain %j", (domain) =>
    expect(domainProblem(domain)).toBeDefined(),
  );
  it.each(["a", "@a.com", "a@", "a b@c.de", "a@b@c.de", "a\r\n@b.c"])("refuses the address %j", (address) =>
    expect(addressProblem(address)).toBeDefined(),
  );
});

describe("targets of aliases", () => {
  it.each(["jdoe", "jdoe@example.org", "o'neil", "#public/Info", "#public/Info/2026", "#public/..hidden"])(
    "takes %s",
    (target) => expect(targetProblem(target)).toBeUndefined(),
  );
  it.each(["", "../x", "a/b", "-x", "#public", "#public/../x", "#public/./x", "#public/x/..", "#private/x", "a b"])(
    "refuses %j",
    (target) => expect(targetProblem(target)).toBeDefined(),
  );
});
