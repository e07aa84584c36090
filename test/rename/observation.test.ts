import { describe, expect, it } from "vitest";
import type { User } from "../../provider/kerio/methods/users";
import { delivers } from "../../provider/rename/delivery-address";
import { explainRename, explainTogether } from "../../provider/rename/explain";
import { stepsOf } from "../../provider/rename/run";
import { accountsOf, directoriesOf } from "../../provider/rename/run-context";
import {
  isOpen,
  isSettled,
  markedDescription,
  readText,
  writeText,
  type RenameRecord,
  type Snapshot,
} from "../../provider/rename/snapshot";
import { isWithin } from "../../provider/rename/steps/create-accounts";

const record: RenameRecord = {
  domain: "example.com",
  domainId: "d",
  domainPath: "/store/mail/example.com",
  parking: "/store/parking",
  from: "jdoe",
  to: "jsmith",
  oldId: "old",
  before: { id: "old", loginName: "jdoe" },
  settings: {},
  declared: [],
  taken: [],
  description: "",
  enabled: true,
  emailAddresses: [],
  groupIds: [],
  lists: [],
  resources: [],
  aliases: [],
  keepOldAddress: true,
  passwordFrom: "generated",
  mailbox: { inode: "7", messages: 1, bytes: 1 },
};

function snapshot(results: Snapshot["results"] = {}): Snapshot {
  return {
    version: 1,
    id: "s",
    mark: "[pulumi-kerio 0123]",
    createdAt: "2026-01-01T00:00:00.000Z",
    url: "https://mail.example.com:4040",
    order: "accountFirst",
    storePath: "/store",
    serverStartTime: "1",
    services: [],
    directories: {},
    renames: [record],
    results,
  };
}

const user = (id: string, loginName: string, description = ""): User => ({ id, loginName, description });
const mailbox = (name: string, inode: string) => ({
  name,
  inode,
  symlink: false,
  directory: true,
  messages: 0,
  bytes: 0,
});

describe("accountsOf", () => {
  it("binds to ids and to the mark, never to a name alone", () => {
    const ours = user("new", "JSmith", markedDescription(snapshot(), record));
    expect(accountsOf([user("old", "jdoe"), ours], record, snapshot())).toEqual({
      old: user("old", "jdoe"),
      fresh: ours,
    });
    expect(accountsOf([user("other", "jdoe")], record, snapshot())).toEqual({ old: undefined });
    expect(accountsOf([user("x", "jsmith")], record, snapshot())).toMatchObject({ stranger: { id: "x" } });
  });

  it.each([{ madeId: "x" }, { newId: "x" }])("knows an account whose mark is gone by %o", (result) => {
    expect(accountsOf([user("x", "jsmith")], record, snapshot({ old: result }))).toMatchObject({ fresh: { id: "x" } });
  });
});

describe("directoriesOf", () => {
  it.each([
    ["from", [mailbox("jdoe", "7")]],
    ["from", [mailbox("jdoe", "7"), mailbox("jsmith", "8")]],
    ["to", [mailbox("jsmith", "7")]],
    ["to", [mailbox("jdoe", "9"), mailbox("jsmith", "7")]],
    ["neither", [mailbox("jdoe", "9")]],
    ["neither", [mailbox("jsmith", "8")]],
    ["neither", []],
  ])("finds the mailbox by its inode: %s", (where, seen) => {
    expect(directoriesOf(seen, record).mailboxAt).toBe(where);
  });
});

describe("a snapshot", () => {
  it("is open until everything was seen at the end, and settled when the engine has heard", () => {
    const states = [undefined, { madeId: "n" }, { newId: "n" }, { newId: "n", finished: true }].map((result) =>
      snapshot(result && { old: result }),
    );
    expect(states.map((one) => isOpen(one, record))).toEqual([true, true, true, false]);
    expect(states.map(isSettled)).toEqual([false, false, false, false]);
    expect(isSettled(snapshot({ old: { newId: "n", finished: true, heard: true } }))).toBe(true);
    expect(isSettled(snapshot({ old: { newId: "n", heard: true } }))).toBe(false);
    expect(isSettled(snapshot({ old: { rolledBack: true } }))).toBe(true);
  });

  it("is read back as it was written, and an unknown form is refused", () => {
    expect(readText("s", writeText(snapshot()))).toEqual(snapshot());
    expect(() => readText("s", writeText({ ...snapshot(), version: 2 } as never))).toThrow(/another version/);
    expect(() => readText("s", "{")).toThrow(/RENAME_OPEN/);
  });
});

it.each([
  ["jdoe", true],
  ["JDoe@Example.com", true],
  ["jdoe@example.org", false],
  ["jdoe2", false],
])("an alias that delivers to %s leads to jdoe@example.com: %s", (target, expected) => {
  expect(delivers(target, "jdoe", "example.com")).toBe(expected);
});

it("compares what is wanted only, and takes a missing text for an empty one", () => {
  expect(isWithin({ a: 1, b: { c: "" } }, { a: 1, b: {}, d: 2 })).toBe(true);
  expect(isWithin({ a: 1 }, { a: 2 })).toBe(false);
  expect(isWithin({ a: ["x"] }, undefined)).toBe(false);
});

it("creates the account before the stop, or, in the article's order, after it", () => {
  const names = (order: Snapshot["order"]) => stepsOf(order).map((step) => step.name);
  const isBefore = (order: Snapshot["order"]) =>
    names(order).indexOf("create-accounts") < names(order).indexOf("move-mailboxes");
  expect(isBefore("accountFirst")).toBe(true);
  expect(isBefore("article")).toBe(false);
  expect([...names("article")].sort()).toEqual([...names("accountFirst")].sort());
  expect(new Set(names("article")).size).toBe(names("article").length);
});

it("tells the person's consequences, and that mail is returned where no alias is left", () => {
  const text = explainRename("jdoe@example.com", "jsmith@example.com", {
    alias: "none",
    order: "accountFirst",
    hasPassword: true,
  });
  for (const part of ["WHOLE server", "Outlook", "ActiveSync", "shared", "organizer", "returned to its senders"]) {
    expect(text).toContain(part);
  }
});

it("tells what becomes of the password", () => {
  const text = (hasPassword: boolean) =>
    explainRename("jdoe@example.com", "jsmith@example.com", { alias: "for-good", order: "accountFirst", hasPassword });
  expect(text(true)).toContain("The program's password is set anew.");
  expect(text(true)).not.toContain("initialPassword");
  expect(text(false)).toContain("the server makes a new one, in the secret output `initialPassword`");
});

it("tells how many renames there are, which names pass on, and when the engine begins too few at once", () => {
  const rename = (from: string, to: string) => ({ domain: "example.com", from, to });
  expect(explainTogether([rename("ann", "bea")], 8)).toBe("");
  expect(explainTogether([rename("ann", "bea"), rename("jdoe", "jsmith")], 8)).toBe(
    "This update has shown 2 renames so far; they share one stop of the mail service, unless --parallel lets fewer " +
      "begin at once.",
  );
  const chain = explainTogether([rename("ann", "bea"), rename("bea", "cleo")], 1);
  expect(chain).toContain("begins 1 resources at once");
  expect(chain).toContain("PULUMI_PARALLEL");
  expect(chain).toContain("bea@example.com (ann takes it, its bearer becomes cleo)");
  expect(chain).not.toContain("ann@example.com (");
});
