import { describe, expect, it } from "vitest";
import type { ApiCall, KerioClient } from "../../provider/kerio/client";
import { changeAll, createAll } from "../../provider/kerio/methods/bulk";
import { listAll } from "../../provider/kerio/methods/list";
import { listUsers, removeUsers, writableFields, type User } from "../../provider/kerio/methods/users";
import { z } from "zod";

/** A client that answers from a list, and remembers what it was asked. */
function answering(...results: unknown[]): { client: KerioClient; asked: ApiCall<z.ZodType>[] } {
  const asked: ApiCall<z.ZodType>[] = [];
  const client = {
    settings: { url: "https://mail.example.com:4040" },
    call: async (call: ApiCall<z.ZodType>) => {
      asked.push(call);
      return call.reply.parse(results.shift());
    },
  };
  return { client: client as unknown as KerioClient, asked };
}

const call = { method: "Users.create", params: {}, doing: "creating users" };
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
    expect(await createAll(client, { ...call, items: 2 })).toEqual([
      { ok: false, error: { code: 1001, message: "jdoe exists." } },
      { ok: true, value: "keriodb://user/1" },
    ]);
  });

  it("mean success for what a change does not complain about", async () => {
    const { client } = answering({ errors: [refused] }, {}, { errors: null });
    expect((await changeAll(client, { ...call, items: 2 })).map(({ ok }) => ok)).toEqual([false, true]);
    expect((await changeAll(client, { ...call, items: 1 })).map(({ ok }) => ok)).toEqual([true]);
    expect((await changeAll(client, { ...call, items: 1 })).map(({ ok }) => ok)).toEqual([true]);
  });

  it("that leave out an item, or name one that was not sent, are not understood", async () => {
    const strange = { ...refused, inputIndex: 5 };
    const { client } = answering({ errors: [], result: [] }, { errors: [strange] });
    await expect(createAll(client, { ...call, items: 1 })).rejects.toMatchObject({
      code: "UNEXPECTED_REPLY",
      outcome: "unknown",
    });
    await expect(changeAll(client, { ...call, items: 1 })).rejects.toThrow(
      '"jdoe exists." (code 1001) for item 5 of 1',
    );
  });

  it("are not asked for when there is nothing to do", async () => {
    const { client, asked } = answering();
    expect(await changeAll(client, { ...call, items: 0 })).toEqual([]);
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
