import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BareEngine, CallRefused } from "./bare-engine";
import { places, replaced } from "./damaged";

let bare: BareEngine;
beforeAll(() => (bare = new BareEngine({}, "demo")));
afterAll(() => bare.remove());

/** A change of everything that a row or the options have, and the row or the options afterwards. */
interface Kept {
  set(): string;
  params(row: object): object;
  get(): Promise<object>;
}

const first = (rows: { id: string }[]) => rows[0]?.id ?? "";
const rowOf = async (method: string, id: string) => {
  const { list } = await bare.call<{ list: { id: string }[] }>(method, { query: {}, domainId: bare.domain });
  return list.find((each) => each.id === id) ?? {};
};
const row = (name: string, ids: string, rows: "domains" | "users" | "groups" | "lists" | "resources"): Kept => ({
  set: () => `${name}.set`,
  params: (pattern) => ({ [ids]: [first(bare.engine.state[rows])], pattern }),
  get: () => rowOf(`${name}.get`, first(bare.engine.state[rows])),
});
const options = (name: string): Kept => ({
  set: () => `${name}.set`,
  params: (whole) => ({ options: whole }),
  get: async () => (await bare.call<{ options: object }>(`${name}.get`)).options,
});

const kept: Record<string, Kept> = {
  "a domain": row("Domains", "domainIds", "domains"),
  "an account": row("Users", "userIds", "users"),
  "a group": row("Groups", "groupIds", "groups"),
  "a mailing list": row("MailingLists", "mlIds", "lists"),
  "a resource": row("Resources", "resourceIds", "resources"),
  "an entry of a person": {
    set: () => "Users.setPersonalContact",
    params: (contact) => ({ userIds: [first(bare.engine.state.users)], contact }),
    get: async () => {
      const { contacts } = await bare.call<{ contacts: object[] }>("Users.getPersonalContact", {
        userIds: [first(bare.engine.state.users)],
      });
      return contacts[0] ?? {};
    },
  },
  "the backup's options": options("Backup"),
  "the advanced options": options("AdvancedOptions"),
  "the security options": options("SecurityPolicy"),
};

/** The types of a structure's members, without those of its lists. */
function typesOf(value: unknown): unknown {
  if (Array.isArray(value)) return "list";
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, typesOf(inner)]));
}

const kinds = [null, -1, 1.5, "", "x", true, [], {}, [1], { x: 1 }];

describe("whatever is sent for a member", () => {
  it.each(Object.entries(kept))("%s keeps the types of its own", async (_, { set, params, get }) => {
    const before = typesOf(await get());
    const whole = params(await get());
    let refused = 0;
    for (const place of places(whole)) {
      for (const kind of kinds) {
        await bare.call(set(), replaced(whole, place, kind)).catch((error: unknown) => {
          if (!(error instanceof CallRefused)) throw error;
          expect(`${place.join(".")} ${error.message}`).not.toContain("internal error");
          refused += 1;
        });
      }
      expect([place.join("."), typesOf(await get())]).toEqual([place.join("."), before]);
    }
    expect(refused).toBeGreaterThan(0);
  });
});

describe("choices", () => {
  it("of a domain and of a mailing list are those of the definition", async () => {
    const domain = (pattern: object) => bare.call("Domains.set", { domainIds: [bare.domain], pattern });
    const list = (pattern: object) =>
      bare.call("MailingLists.set", { mlIds: [first(bare.engine.state.lists)], pattern });
    await expect(domain({ forwardingOptions: { how: "Sometimes" } })).rejects.toThrow("(-32602)");
    await expect(domain({ outgoingMessageLimit: { limit: { units: "Stones" } } })).rejects.toThrow("(-32602)");
    await expect(list({ replyTo: "Nobody" })).rejects.toThrow("(-32602)");
    await expect(list({ posting: { memberPosting: "Allowed" } })).rejects.toThrow("(-32602)");
    await expect(list({ subscription: { type: "PostAllowed" } })).rejects.toThrow("(-32602)");
    expect(await domain({ forwardingOptions: { how: "OfflineEtrn" } })).toEqual({ errors: [] });
    const given = {
      replyTo: "ThisList",
      posting: { memberPosting: "PostModerated" },
      subscription: { type: "Denied" },
    };
    expect(await list(given)).toEqual({ errors: [] });
    expect(bare.engine.state.lists[0]?.settings).toMatchObject({ ...given, hideSenderAddress: false });
    const made = { domainId: bare.domain, name: "wrong", hideSenderAddress: "yes" };
    await expect(bare.call("MailingLists.create", { mailingLists: [made] })).rejects.toThrow("(-32602)");
  });
});

describe("structures that are sent in part", () => {
  it("leave the other members of an address as they were", async () => {
    const userIds = [first(bare.engine.state.users)];
    const set = (contact: object) => bare.call("Users.setPersonalContact", { userIds, contact });
    await set({ postalAddressWork: { street: "Main Street 1", locality: "Town" } });
    await set({ postalAddressWork: { zip: "12345" }, nonsense: 1 });
    const { contacts } = await bare.call("Users.getPersonalContact", { userIds });
    expect(contacts[0].postalAddressWork).toMatchObject({
      street: "Main Street 1",
      locality: "Town",
      zip: "12345",
      country: "",
      preferred: false,
    });
    expect(contacts[0]).not.toHaveProperty("nonsense");
  });
});

describe("groups", () => {
  it("are given no other group's name; an empty one is none; unknown ones cannot be activated", async () => {
    const [sales, staff] = bare.engine.state.groups;
    const set = async (groupIds: (string | undefined)[], name: string) =>
      (await bare.call("Groups.set", { groupIds, pattern: { name } })).errors.map(
        (each: { code: number }) => each.code,
      );
    expect(await set([sales?.id], "STAFF")).toEqual([1001]);
    const was = sales?.name;
    expect(await set([sales?.id], "")).toEqual([]);
    expect(sales?.name).toBe(was);
    const nameless = [{ domainId: bare.domain, name: "" }];
    expect((await bare.call("Groups.create", { groups: nameless })).errors).toMatchObject([{ code: 1000 }]);
    expect(await set([sales?.id, staff?.id], "both")).toEqual([1001]);
    expect(await set([sales?.id], "Both")).toEqual([]);
    const { errors } = await bare.call("Groups.activate", { groupIdList: [sales?.id, "none"] });
    expect(errors).toMatchObject([{ inputIndex: 1, code: 1002 }]);
  });
});
