import { describe, expect, it } from "vitest";
import { globFits } from "../simulator/engine/glob";
import { search, searchQuery, type SearchRules } from "../simulator/engine/search-query";
import { Switches } from "../simulator/engine/switches";

const row = (
  id: string,
  loginName: string,
  fullName: string,
  description: string,
  bytes: number,
  isEnabled = true,
) => ({
  id,
  loginName,
  fullName,
  description,
  isEnabled,
  itemSource: "DSInternalSource",
  consumedItems: bytes * 10,
  consumedSize: bytes >= 1024 ? { value: bytes / 1024, units: "KiloBytes" } : { value: bytes, units: "Bytes" },
  role: { userRole: isEnabled ? "UserRole" : "FullAdmin" },
  emailAddresses: [`${loginName}.extra`],
});
const rows = [
  row("1", "jdoe", "Jane Doe", "sales", 9),
  row("2", "JSmith", "John Smith", "Sales", 100, false),
  row("3", "asmith", "Ann Smith", "x*y", 2048),
  row("4", "10", "Ten", "", 7),
  row("5", "9", "Nine", "", 0),
];
type Row = (typeof rows)[number];

const quick = ["loginName", "fullName", "description"] as const;
function find(query: object | null | string, more: Partial<SearchRules<Row>> = {}) {
  return search([...rows], searchQuery.parse(query), { quick, alwaysId: true, ...more });
}
const ids = (query: object | null | string, more: Partial<SearchRules<Row>> = {}) =>
  find(query, more)
    .list.map((each) => each.id)
    .join("");
const where = (fieldName: string, comparator: string, value: string, ...others: string[][]) => ({
  conditions: [[fieldName, comparator, value], ...others].map(([name, how, what]) => ({
    fieldName: name,
    comparator: how,
    value: what,
  })),
});

describe("a query", () => {
  it("may be missing, null, empty, or have any of its members null", () => {
    for (const query of [null, "", {}, { fields: null, conditions: null, orderBy: null, start: null, limit: null }]) {
      expect(ids(query)).toBe("12345");
    }
  });

  it("of wrong types is refused", () => {
    const wrong = [
      5,
      ["id"],
      { fields: "id" },
      { start: "0" },
      { limit: 1.5 },
      { combining: "Xor" },
      { orderBy: [{}] },
    ];
    const comparator = where("id", "Equals", "1");
    for (const query of [...wrong, comparator, { conditions: [{ fieldName: "id", value: 1 }] }]) {
      expect(searchQuery.safeParse(query).success, JSON.stringify(query)).toBe(false);
    }
  });
});

describe("conditions", () => {
  it.each([
    ["loginName", "Eq", "JDOE", "1"],
    ["loginName", "NotEq", "jdoe", "2345"],
    ["loginName", "LessThan", "asmith", "45"],
    ["loginName", "GreaterEq", "jdoe", "12"],
    ["consumedItems", "LessThan", "1000", "145"],
    ["consumedItems", "GreaterThan", "999", "23"],
    ["consumedSize", "GreaterThan", "100", "3"],
    ["consumedSize", "LessEq", "9", "145"],
    ["isEnabled", "Eq", "false", "2"],
    ["role", "Eq", "FullAdmin", "2"],
    ["emailAddresses", "Eq", "jdoe.extra", "1"],
    ["emailAddresses", "NotEq", "jdoe.extra", "2345"],
    ["fullName", "Like", "smith", "23"],
    ["fullName", "Like", "j%", "12"],
    ["fullName", "Like", "*h*", "23"],
    ["description", "Like", "x.y", ""],
    ["description", "Like", "x?y", ""],
    ["nothing", "Eq", "x", ""],
    ["toString", "NotEq", "", ""],
  ])("%s %s %s", (field, comparator, value, expected) => {
    expect(ids(where(field, comparator, value))).toBe(expected);
  });

  it("are combined by Or unless And is asked for", () => {
    const two = where("fullName", "Like", "smith", ["isEnabled", "Eq", "false"]);
    expect(ids(two)).toBe("23");
    expect(ids({ ...two, combining: "Or" })).toBe("23");
    expect(ids({ ...two, combining: "And" })).toBe("2");
  });

  it("search quickly through names and, as the switch says, descriptions", () => {
    expect(ids(where("QUICKSEARCH", "Like", "sales"))).toBe("12");
    const switches = new Switches({ "quick-search": "names" });
    expect(ids(where("QUICKSEARCH", "Like", "sales"), { switches })).toBe("");
    expect(ids(where("QUICKSEARCH", "Like", "jane"), { switches })).toBe("1");
  });

  it("search quickly by Eq for the whole of a name or, as the switch says, for a part", () => {
    expect(ids(where("QUICKSEARCH", "Eq", "jane DOE"))).toBe("1");
    expect(ids(where("QUICKSEARCH", "NotEq", "jdoe"))).toBe("2345");
    expect(ids(where("QUICKSEARCH", "Eq", "j*"))).toBe("");
    expect(ids(where("QUICKSEARCH", "NotEq", "sm"))).toBe("12345");
    const exact = new Switches({ "condition-case": "exact" });
    expect(ids(where("QUICKSEARCH", "Eq", "jane DOE"), { switches: exact })).toBe("");
    const switches = new Switches({ "quick-search-eq": "contains" });
    expect(ids(where("QUICKSEARCH", "Eq", "j*"), { switches })).toBe("12");
    expect(ids(where("QUICKSEARCH", "NotEq", "sm"), { switches })).toBe("145");
  });

  it("refuse what is documented as impossible", () => {
    const source = where("itemSource", "Eq", "DSInternalSource", ["loginName", "Eq", "jdoe"]);
    expect(() => find({ ...source, combining: "Or" })).toThrow("Invalid params");
    expect([ids(source), ids({ ...source, combining: "And" })]).toEqual(["12345", "1"]);
    expect(ids(where("itemSource", "Eq", "DSInternalSource"))).toBe("12345");
    expect(() => find(where("isWritableByMe", "Eq", "true"))).toThrow("Invalid params");
  });

  it("of an unknown field are empty or an error, as the switch says", () => {
    const switches = new Switches({ "unknown-field": "error" });
    for (const query of [where("nonsense", "Eq", ""), { fields: ["nonsense"] }, { orderBy: [{ columnName: "x" }] }]) {
      expect(() => find(query, { switches })).toThrow("Invalid params");
      expect(find(query).totalItems).toBe(5);
    }
    const known = { fields: ["LIST_USERS"], ...where("QUICKSEARCH", "Like", "") };
    expect(find(known, { switches }).totalItems).toBe(5);
  });
});

describe("conditions of an unknown field", () => {
  const switches = new Switches({ "unknown-field": "conditions-dropped" });
  const nonsense = ["nonsense", "Eq", "x"];

  it("let every row fit where they are dropped, and leave the others in force", () => {
    expect(ids(where("nonsense", "Eq", "x"), { switches })).toBe("12345");
    expect(ids(where("loginName", "Eq", "jdoe", nonsense), { switches })).toBe("1");
    expect(ids({ ...where("loginName", "Eq", "jdoe", nonsense), combining: "And" }, { switches })).toBe("1");
    const known = { switches, special: { userGroups: () => false } };
    expect(ids(where("userGroups", "Eq", "x"), known)).toBe("");
    expect(ids(where("QUICKSEARCH", "Like", "jane"), { switches })).toBe("1");
  });
});

describe("order and cut", () => {
  const by = (...columns: [string, string?, boolean?][]) => ({
    orderBy: columns.map(([columnName, direction, caseSensitive]) => ({ columnName, direction, caseSensitive })),
  });

  it("go by several columns, by size where it is a size, by case where asked for", () => {
    expect(ids(by(["isEnabled"], ["consumedSize", "Desc"]))).toBe("23145");
    expect(ids(by(["consumedItems"]))).toBe("54123");
    expect(ids(by(["loginName"]))).toBe("45312");
    expect(ids(by(["loginName", "Asc", true]))).toBe("45231");
    expect(ids(by(["description", "Asc"], ["id", "Desc"]))).toBe("54213");
  });

  it("count before they cut", () => {
    expect(find({ start: 1, limit: 2 })).toMatchObject({ list: [{ id: "2" }, { id: "3" }], totalItems: 5 });
    expect(find({ start: 4, limit: -1 })).toMatchObject({ list: [{ id: "5" }], totalItems: 5 });
    expect(find({ start: 9, limit: 5 })).toEqual({ list: [], totalItems: 5 });
    expect(find({ limit: 0 })).toEqual({ list: [], totalItems: 5 });
    expect(ids({ start: -3 })).toBe("12345");
  });

  it("restrict the members, with the id or without", () => {
    expect(find({ fields: ["loginName"], limit: 1 }).list).toEqual([{ id: "1", loginName: "jdoe" }]);
    expect(find({ fields: ["loginName"], limit: 1 }, { alwaysId: false }).list).toEqual([{ loginName: "jdoe" }]);
    expect(Object.keys(find({ fields: ["ADD_USERS"], limit: 1 }).list[0] ?? {})).toHaveLength(10);
  });
});

describe("patterns", () => {
  it("fit as they should, also where a naive search would never end", () => {
    expect(globFits("a*b?d", "axxbbcd")).toBe(true);
    expect(globFits("a*b?d", "axxbbccd")).toBe(false);
    expect(globFits("*", "")).toBe(true);
    expect(globFits("", "a")).toBe(false);
    expect(globFits("*a".repeat(500), "a".repeat(5000) + "b")).toBe(false);
  });
});
