import { describe, expect, it } from "vitest";
import { KerioError } from "../../provider/errors";
import type { ApiCall, KerioClient } from "../../provider/kerio/client";
import { createAliases } from "../../provider/kerio/methods/aliases";
import { changeAll, createAll } from "../../provider/kerio/methods/bulk";
import { listGroupMembers } from "../../provider/kerio/methods/groups";
import { listAll } from "../../provider/kerio/methods/list";
import { listUsers, removeUsers, writableFields, type User } from "../../provider/kerio/methods/users";
import { z } from "zod";

/** A client that answers from a list, throws the errors in it, and remembers what it was asked. */
function answering(...results: unknown[]): { client: KerioClient; asked: ApiCall<z.ZodType>[] } {
  const asked: ApiCall<z.ZodType>[] = [];
  const client = {
    settings: { url: "https://mail.example.com:4040" },
    call: async (call: ApiCall<z.ZodType>) => {
      asked.push(call);
      const result = results.shift();
      if (result instanceof Error) throw result;
      return call.reply.parse(result);
    },
  };
  return { client: client as unknown as KerioClient, asked };
}

const call = { method: "Users.create", params: (users: readonly string[]) => ({ users }), doing: "creating users" };
const refused = {
  inputIndex: 0,
  code: 1001,
  message: "%1 exists.",
  messageParameters: { positionalParameters: ["jdoe"] },
};

describe("bulk answers", () => {
  it("are put in the order of the items", async () => {
    const made = { inputIndex: 1, id: "keriodb://user/1" };
    const { client } = answering({ errors: [refused], result: [made] });
    expect(await createAll(client, { ...call, items: ["jdoe", "jsmith"] })).toEqual([
      { ok: false, error: { code: 1001, message: "jdoe exists." } },
      { ok: true, value: "keriodb://user/1" },
    ]);
  });

  it("mean success for what a change does not complain about", async () => {
    const { client } = answering({ errors: [refused] }, {}, { errors: null });
    expect((await changeAll(client, { ...call, items: ["jdoe", "jsmith"] })).map(({ ok }) => ok)).toEqual([
      false,
      true,
    ]);
    expect((await changeAll(client, { ...call, items: ["jdoe"] })).map(({ ok }) => ok)).toEqual([true]);
    expect((await changeAll(client, { ...call, items: ["jdoe"] })).map(({ ok }) => ok)).toEqual([true]);
  });

  it("that leave out an item, or name one that was not sent, are not understood", async () => {
    const strange = { ...refused, inputIndex: 5 };
    const { client } = answering({ errors: [], result: [] }, { errors: [strange] });
    await expect(createAll(client, { ...call, items: ["jdoe"] })).rejects.toMatchObject({
      code: "UNEXPECTED_REPLY",
      outcome: "unknown",
    });
    await expect(changeAll(client, { ...call, items: ["jdoe"] })).rejects.toThrow(
      '"jdoe exists." (code 1001) for item 5 of 1',
    );
  });

  it("of a call that is refused as a whole come from calls about one item each", async () => {
    const wrong = new KerioError("API_REFUSED", {
      object: "server",
      doing: "changing users",
      happened: "it is weak",
      apiCode: 1000,
      apiMessage: "weak",
    });
    const { client, asked } = answering(wrong, {}, wrong, wrong, wrong, wrong, wrong);
    expect(await changeAll(client, { ...call, items: ["jdoe", "jsmith"] })).toEqual([
      { ok: true, value: undefined },
      { ok: false, error: { code: 1000, message: "weak" } },
    ]);
    expect(asked.map(({ params }) => params)).toEqual([
      { users: ["jdoe", "jsmith"] },
      { users: ["jdoe"] },
      { users: ["jsmith"] },
    ]);
    await expect(changeAll(client, { ...call, items: ["jdoe", "jsmith"] })).rejects.toBe(wrong);
    const one = changeAll(client, { ...call, items: ["jdoe"], options: { itemwise: true } });
    expect(await one).toEqual([{ ok: false, error: { code: 1000, message: "weak" } }]);
  });

  it("of a call that is refused may be done where the server goes away behind the first", async () => {
    const facts = { object: "server", doing: "removing users", happened: "no" };
    const [no, away] = [new KerioError("API_REFUSED", facts), new KerioError("CONNECTION_FAILED", facts)];
    const two = { ...call, items: ["jdoe", "jsmith"] };
    const { client } = answering(no, {}, away, no, away);
    await expect(changeAll(client, two)).rejects.toMatchObject({ code: "CONNECTION_FAILED", outcome: "unknown" });
    await expect(changeAll(client, two)).rejects.toBe(away);
  });

  it("of a call whose answer is lost are not asked for again", async () => {
    const lost = new KerioError("OUTCOME_UNKNOWN", { object: "server", doing: "changing users", happened: "silence" });
    const { client, asked } = answering(lost);
    const options = { itemwise: true };
    await expect(changeAll(client, { ...call, items: ["jdoe", "jsmith"], options })).rejects.toBe(lost);
    expect(asked).toHaveLength(1);
  });

  it("tell an alias that is there in spite of the refusal, which is not made again", async () => {
    const no = new KerioError("API_REFUSED", { object: "server", doing: "creating", happened: "no", apiCode: 1001 });
    const there = { id: "keriodb://alias/1", name: "info", deliverTo: "jdoe@example.com" };
    const made = { errors: [], result: [{ inputIndex: 0, id: "keriodb://alias/2" }] };
    const { client, asked } = answering(no, { list: [there], totalItems: 1 }, made);
    const rows = ["info", "sales"].map((name) => ({ domainId: "d", name, deliverTo: "jdoe@example.com" }));
    expect(await createAliases(client, rows)).toEqual([
      { ok: true, value: "keriodb://alias/1" },
      { ok: true, value: "keriodb://alias/2" },
    ]);
    expect(asked.map(({ method }) => method)).toEqual(["Aliases.create", "Aliases.get", "Aliases.create"]);
  });

  it("are not asked for when there is nothing to do", async () => {
    const { client, asked } = answering();
    expect(await changeAll(client, { ...call, items: [] })).toEqual([]);
    expect(asked).toEqual([]);
  });
});

describe("lists", () => {
  const item = z.object({ id: z.string() });

  it("are read to their end when the server caps its answers", async () => {
    const page = (...ids: string[]) => ({ list: ids.map((id) => ({ id })), totalItems: 3 });
    const { client, asked } = answering(page("a", "b"), page("c"));
    const all = await listAll(client, { method: "Users.get", item, doing: "listing users" });
    expect(all.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(asked.map(({ params }) => params)).toEqual([
      { query: { start: 0, limit: -1 } },
      { query: { start: 2, limit: -1 } },
    ]);
    expect(asked.every(({ safe }) => safe)).toBe(true);
  });

  it("of users always have id and name", async () => {
    const { client, asked } = answering({ list: [], totalItems: 0 });
    await listUsers(client, { domainId: "d", fields: ["fullName", "id"] });
    expect(asked[0]?.params).toEqual({
      query: { fields: ["id", "loginName", "fullName"], start: 0, limit: -1 },
      domainId: "d",
    });
  });

  it("of a group's members leave out whom a server gives that does not know the condition", async () => {
    const userGroups = [{ id: "g", name: "staff" }];
    const list = [
      { id: "u1", loginName: "jdoe", userGroups },
      { id: "u2", loginName: "jsmith", userGroups: [] },
    ];
    const { client, asked } = answering({ list, totalItems: 2 });
    const members = await listGroupMembers(client, { groupId: "g", domainId: "d", fields: ["fullName"] });
    expect(members.map(({ id }) => id)).toEqual(["u1"]);
    expect(asked[0]?.params).toMatchObject({ query: { fields: ["id", "loginName", "fullName", "userGroups"] } });
  });
});

describe("users", () => {
  it("are removed without touching a directory service, unless told to", async () => {
    const { client, asked } = answering({ errors: [] });
    await removeUsers(client, [{ userId: "u", method: "UDeleteUser", removeReferences: false }]);
    expect(asked[0]?.params).toEqual({
      requests: [
        { userId: "u", method: "UDeleteUser", removeReferences: false, targetUserId: "", mode: "DSModeDeactivate" },
      ],
    });
    expect(asked[0]?.safe ?? false).toBe(false);
  });

  it("give another account everything but what is their own", () => {
    const user: User = {
      id: "u",
      loginName: "jdoe",
      domainId: "d",
      companyContactId: "",
      fullName: "J. Doe",
      isEnabled: true,
      itemSource: "DSInternalSource",
      role: { userRole: "UserRole", publicFolderRight: true, archiveFolderRight: false },
      effectiveRole: { userRole: "FullAdmin", publicFolderRight: true, archiveFolderRight: true },
      consumedItems: 5,
      lastLoginInfo: { dateTime: 1, protocol: "IMAP" },
      accessPolicy: { id: "p", name: "Default" },
      homeServer: { id: "s", name: "mail" },
      itemLimit: { isActive: false, limit: 0 },
    };
    expect(writableFields(user)).toEqual({
      fullName: "J. Doe",
      isEnabled: true,
      role: { userRole: "UserRole", publicFolderRight: true, archiveFolderRight: false },
      accessPolicy: { id: "p" },
      itemLimit: { isActive: false, limit: 0 },
    });
  });
});
