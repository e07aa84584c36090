import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveAddress } from "../simulator/engine/delivery";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

const addressesOf = async (what: "Users" | "Groups", id: string): Promise<string[]> => {
  const conditions = [{ fieldName: "id", comparator: "Eq", value: id }];
  return (await bare.call(`${what}.get`, { query: { conditions }, domainId: bare.domain })).list[0].emailAddresses;
};

describe("email-address-case", () => {
  it.each([
    ["lower", "jane.doe", "staff.all"],
    ["as-given", "Jane.Doe", "Staff.All"],
  ])("%s: what comes back; mail and other names find it in any case", async (value, own, common) => {
    bare.choose({ "email-address-case": value, "alias-beside-address": "refused", "address-of-another": "refused" });
    const { id } = await bare.user("jdoe", { emailAddresses: ["Jane.Doe@Example.com"] });
    const groupId = await bare.idOf("Groups", { name: "staff", emailAddresses: ["Staff.All"] });
    await bare.call("Groups.addMemberList", { groupId, userList: [id] });
    expect([await addressesOf("Users", id), await addressesOf("Groups", groupId)]).toEqual([[own], [common]]);
    for (const address of ["JANE.doe@example.com", "jane.doe@example.com", "staff.ALL@example.com"])
      expect(resolveAddress(bare.engine, address).targets, address).toMatchObject([{ kind: "mailbox", user: { id } }]);
    expect(await bare.errorsOf("Aliases", { name: "jane.DOE", deliverTo: "jdoe" })).toMatchObject([{ code: 1001 }]);
    const another = { loginName: "jsmith", password: "Xk7-pretty-long", emailAddresses: ["jane.doe"] };
    expect(await bare.errorsOf("Users", another)).toMatchObject([{ code: 1001 }]);
  });
});

describe("extra addresses", () => {
  it.each(["jane doe", "jane,doe", "jane;doe", "@example.com"])("cannot be %o", async (address) => {
    const { id } = await bare.user("jdoe");
    const set = { userIds: [id], pattern: { emailAddresses: [address] } };
    expect((await bare.call("Users.set", set)).errors).toMatchObject([{ code: 1000 }]);
    expect(await bare.errorsOf("Groups", { name: "staff", emailAddresses: [address] })).toMatchObject([{ code: 1000 }]);
    expect(await addressesOf("Users", id)).toEqual([]);
  });

  it("that a client left empty are none", async () => {
    const { id } = await bare.user("jdoe", { emailAddresses: ["", "jane"] });
    expect(await addressesOf("Users", id)).toEqual(["jane"]);
  });
});
