import { describe, expect, it } from "vitest";
import { checkFields } from "../../provider/dynamic/fields";
import type { Properties } from "../../provider/dynamic/lifecycle";
import { aliasFields } from "../../provider/resources/alias-fields";
import { userFields } from "../../provider/resources/user-fields";

const domain = "example.com";

/** Why `check` refuses a user, one text. */
function userReasons(inputs: Properties): string {
  const { failures } = checkFields(userFields, { domain, name: "jdoe", ...inputs });
  return failures.map(({ reason }) => reason).join("\n");
}

function aliasReasons(inputs: Properties): string {
  const { failures } = checkFields(aliasFields, { domain, name: "info", deliverTo: "jdoe", ...inputs });
  return failures.map(({ reason }) => reason).join("\n");
}

const separators = ["a/b", "/a", "a/", "a\\b", "../jsmith", "..\\jsmith", "a/../b", "mail/example.com/jsmith"];
const dots = [".", "..", "...", ".a", "a.", "a..b"];
const controls = ["a\0b", "a\nb", "a\rb", "a\tb", "a\x1bb", "a\x7fb", "a\u0085b", "a\u200bb", "a\u202eb", "a\ufeffb"];
const leading = ["#public", "#msgs", "#", "-", "-rf", "--help"];
const spaces = [" ", " a", "a ", "a b", "a\u00a0b", "a\u3000b"];
const shell = [
  "a;b",
  "a|b",
  "a&b",
  "$HOME",
  "$(id)",
  "`id`",
  "a'b",
  'a"b',
  "a>b",
  "a<b",
  "a(b",
  "a{b",
  "!a",
  "~a",
  "a%b",
  "a=b",
  "a,b",
  "a:b",
  "a^b",
  "a+b",
];
const diacritics = [
  "jdo\u00e9",
  "m\u00fcller",
  "stra\u00dfe",
  "\u0438\u0432\u0430\u043d",
  "\u03b1\u03b2",
  "jd\u043ee",
  "\uff4adoe",
  "\u212aarl",
  "\u0131d",
  "\u{1f600}",
  "e\u0301",
];
const patterns = ["a*", "?", "[a]"];
const hostile = { separators, dots, controls, leading, spaces, shell, diacritics, patterns };

describe.each(Object.entries(hostile))("names with %s", (_kind, names) => {
  it.each(names.map((name) => [JSON.stringify(name), name]))("are refused: %s", (_shown, name) => {
    expect(userReasons({ name })).toMatch(/^name: (must|may|is)/);
    expect(userReasons({ renamedFrom: name })).toMatch(/^renamedFrom: /);
    expect(userReasons({ onDelete: { moveMailTo: name } })).toMatch(/^onDelete/);
  });
});

describe("names of users", () => {
  it.each([
    "jdoe",
    "j.doe",
    "j-doe",
    "j_doe",
    "_jdoe",
    "7",
    "777",
    "a".repeat(64),
    "jdoe2",
    "admin",
    "con",
    "xn--jd-8ka",
  ])("may be %s", (name) => expect(userReasons({ name })).toBe(""));

  it.each([
    ["JDoe", "jdoe"],
    ["ADMIN", "admin"],
    ["J.Doe-2_X", "j.doe-2_x"],
  ])("with capitals are refused with the form to write: %s", (name, lower) => {
    expect(userReasons({ name })).toBe(`name: must be written in lower case: "${lower}".`);
    expect(userReasons({ name: lower })).toBe("");
  });

  it.each(["anyone", "authuser"])("may not be the built-in account %s", (name) => {
    expect(userReasons({ name })).toContain("built-in account");
    // The lower-case form would be refused too, but the advice leads there.
    expect(userReasons({ name: name.toUpperCase() })).not.toBe("");
  });

  it("have an end", () => {
    expect(userReasons({ name: "a".repeat(65) })).toContain("64 characters");
    expect(userReasons({ name: "a".repeat(1_000_000) })).toContain("64 characters");
  });

  it.each([[""], ["jdoe@example.com"], [7], [true], [null], [["jdoe"]], [{ name: "jdoe" }]])(
    "are texts of the right kind, unlike %j",
    (name) => expect(userReasons({ name })).toMatch(/^name: /),
  );

  it("never get through with a character that means something to a shell or a path", () => {
    const harmless = /[a-z0-9._-]/;
    const ranges: [number, number][] = [
      [0, 0x2ff],
      [0x2000, 0x206f],
      [0xfe00, 0xffff],
    ];
    for (const code of ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at))) {
      const character = String.fromCharCode(code);
      if (harmless.test(character)) continue;
      const { failures } = checkFields(userFields, { domain, name: `a${character}b` });
      if (failures.length === 0) throw new Error(`U+${code.toString(16)} gets through`);
    }
  });

  it("come out as they went in, so that the checked one is the used one", () => {
    const { inputs } = checkFields(userFields, { domain, name: "j.doe-2" });
    expect(inputs).toEqual({ domain, name: "j.doe-2" });
  });
});

describe("domains", () => {
  it.each(["example.com", "a.b.c.example.com", "localhost", "xn--mller-kva.example.com", "1.example.com"])(
    "may be %s",
    (name) => expect(userReasons({ domain: name })).toBe(""),
  );

  it.each(
    [
      "",
      ".",
      "..",
      "../example.com",
      "a/b",
      "a\\b",
      "-a.com",
      "a-.com",
      "a..b",
      ".a",
      "a.",
      "a b",
      "a\nb",
      "a_b.com",
    ].concat(["m\u00fcller.de", "a;b", "#a", "*.example.com", "a".repeat(254)]),
  )("may not be %j", (name) => {
    expect(userReasons({ domain: name })).toMatch(/^domain: /);
    expect(aliasReasons({ domain: name })).toMatch(/^domain: /);
  });

  it("with capitals are refused with the form to write", () => {
    expect(userReasons({ domain: "Example.COM" })).toBe('domain: must be written in lower case: "example.com".');
  });
});

describe("aliases", () => {
  const rest = [...separators, ...dots, ...controls, ...leading, ...spaces, ...shell, ...diacritics];
  it.each(rest.map((name) => [JSON.stringify(name), name]))("are refused as users are: %s", (_shown, name) => {
    expect(aliasReasons({ name })).toMatch(/^name: /);
  });

  it.each(["info", "*", "info-*", "?nfo", "sales.*"])("may be %s", (name) => expect(aliasReasons({ name })).toBe(""));

  it("show the lower-case form with its wildcards", () => {
    expect(aliasReasons({ name: "Info-*" })).toContain('"info-*"');
  });

  it.each(["jdoe", "jdoe@example.com", "#public/Info", "#public/Info/Sub folder"])("may deliver to %s", (deliverTo) =>
    expect(aliasReasons({ deliverTo })).toBe(""),
  );

  it.each([
    "",
    "a\nb",
    "a\0b",
    "a b",
    "#public",
    "#public/",
    "#public//a",
    "jdoe@",
    "@example.com",
    "a@b@c",
    "a;b",
    "a@-x",
  ])("may not deliver to %j", (deliverTo) => expect(aliasReasons({ deliverTo })).toMatch(/^deliverTo: /));
});

describe("everything that is wrong", () => {
  it("is told at once, with its path", () => {
    const text = userReasons({
      name: "J/Doe",
      domain: "..",
      enabled: "yes",
      contact: { nonsense: 1 },
      forwarding: { to: ["x"] },
      colour: "red",
      groups: ["staff", 7],
    });
    for (const path of ["name: ", "domain: ", "enabled: ", "contact", "forwarding", "colour: ", "groups"]) {
      expect(text).toContain(path);
    }
  });

  it.each([[{ planted: "Planted-1" }], [["Planted-1"]], [12_345_678], [true], [""]])(
    "never shows a password: %j",
    (password) => {
      const { failures } = checkFields(userFields, { domain, name: "jdoe", password });
      expect(failures).toHaveLength(1);
      expect(failures[0]?.property).toBe("");
      expect(failures[0]?.reason).toMatch(/^password: must/);
      for (const value of ["Planted-1", "12345678"]) expect(JSON.stringify(failures)).not.toContain(value);
    },
  );

  it("asks for what is missing", () => {
    const { failures } = checkFields(userFields, {});
    expect(failures.map(({ reason }) => reason)).toEqual([
      "domain: this input is required.",
      "name: this input is required.",
    ]);
  });

  it("knows inputs by their own names only", () => {
    expect(userReasons({ fullname: "x" })).toContain("Did you mean fullName?");
  });
});
