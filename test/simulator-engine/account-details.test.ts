import { afterEach, beforeEach, expect, it } from "vitest";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

const create = (...users: object[]) =>
  bare.call("Users.create", {
    users: users.map((user) => ({ domainId: bare.domain, password: "Xk7-pretty-long", ...user })),
  });
const set = (id: string, pattern: object) => bare.call("Users.set", { userIds: [id], pattern });

it("a value that is no answer to the question is refused for its account, and the others are made", async () => {
  const days = { isEnabled: true, days: 24_856 };
  const cleanOutItems = { isUsedDomain: false, deletedItems: days, junkEmail: days, sentItems: days, autoDelete: days };
  const role = { userRole: "BuiltInAdmin", publicFolderRight: false, archiveFolderRight: false };
  const { errors, result } = await create(
    { loginName: "jdoe" },
    { loginName: "late", cleanOutItems },
    { loginName: "root", role },
    { loginName: "jsmith" },
  );
  expect(errors).toMatchObject([
    { inputIndex: 1, code: 1000 },
    { inputIndex: 2, code: 1000 },
  ]);
  expect(result.map(({ inputIndex }: { inputIndex: number }) => inputIndex)).toEqual([0, 3]);
});

it("an account that comes without a password must keep the rules for passwords, and opens for none", async () => {
  await bare.user("jdoe", { password: undefined });
  expect(bare.engine.sessions.judge(bare.engine, "jdoe", "")).toEqual({ outcome: "refused" });
  await bare.call("Domains.set", { domainIds: [bare.domain], pattern: { passwordComplexityEnabled: true } });
  const { errors } = await create({ loginName: "jsmith", password: undefined });
  expect(errors).toMatchObject([{ inputIndex: 0, code: 1000 }]);
});

it("a login name in other letters is the same one", async () => {
  const { id } = await bare.user("jdoe");
  expect((await set(id, { loginName: "JDoe", description: "sales" })).errors).toEqual([]);
  expect(bare.engine.user(id)).toMatchObject({ loginName: "jdoe", description: "sales" });
  expect((await set(id, { loginName: "jsmith" })).errors).toHaveLength(1);
  bare.choose({ "set-login-name": "accept" });
  expect((await set(id, { loginName: "JDoe" })).errors).toEqual([]);
  expect(bare.engine.user(id)?.loginName.toLowerCase()).toBe("jdoe");
});

it("a person of a file is shown as any account is", async () => {
  const { id } = await bare.user("jdoe");
  await bare.call("Groups.create", { groups: [{ domainId: bare.domain, name: "staff", description: "all" }] });
  bare.engine.uploads.set("keriodb://upload/1", Buffer.from("Name;FullName;Groups\njsmith;J. Smith;staff\n"));
  const { users } = await bare.call("Users.parseFromCsv", {
    fileId: "keriodb://upload/1",
    domainToImport: bare.domain,
  });
  const { list } = await bare.call("Users.get", { query: {}, domainId: bare.domain });
  const shown = list.find((row: { id: string }) => row.id === id);
  const person = users[0].userItem;
  expect(Object.keys(person).sort()).toEqual([...Object.keys(shown), "password"].sort());
  expect(person).toMatchObject({
    fullName: "J. Smith",
    accessPolicy: { id: shown.accessPolicy.id },
    userGroups: [{ name: "staff", description: "all", itemSource: "DSInternalSource" }],
  });
});

it("a removal with references takes the aliases that name another of the domain's names", async () => {
  const { id } = await bare.user("jdoe");
  await bare.call("Domains.set", { domainIds: [bare.domain], pattern: { aliasList: ["example.net"] } });
  const aliases = ["jdoe", "JDoe@Example.NET", "jdoe@example.org"].map((deliverTo, at) => ({
    domainId: bare.domain,
    name: `a${at}`,
    deliverTo,
    type: "TypeEmailAddress",
  }));
  expect((await bare.call("Aliases.create", { aliases })).errors).toEqual([]);
  await bare.call("Users.remove", {
    requests: [{ userId: id, method: "UDeleteUser", removeReferences: true, targetUserId: "" }],
  });
  expect(bare.engine.state.aliases.map(({ name }) => name)).toEqual(["a2"]);
});
