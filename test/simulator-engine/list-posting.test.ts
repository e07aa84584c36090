import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deliver, resolveAddress } from "../simulator/engine/delivery";
import type { User } from "../simulator/engine/state";
import type { SwitchName } from "../simulator/engine/switches";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
let people: Record<"jdoe" | "asmith" | "jsmith", User>;
let mlId: string;
let truth: { kind: string; event: Record<string, unknown> }[];
beforeEach(async () => {
  bare = new BareEngine();
  people = { jdoe: await bare.user("jdoe"), asmith: await bare.user("asmith"), jsmith: await bare.user("jsmith") };
  mlId = await bare.idOf("MailingLists", { name: "news" });
  await add({ hasId: true, userId: people.jdoe.id, kind: "Member" });
  await add({ hasId: true, userId: people.asmith.id, kind: "Moderator" });
  truth = [];
  bare.engine.truth.watch((kind, event) => truth.push({ kind, event }));
});
afterEach(() => bare.remove());

const add = (member: object) => bare.call("MailingLists.addMlUserList", { mlId, members: [member] });
const rules = (posting: object) => bare.call("MailingLists.set", { mlIds: [mlId], pattern: { posting } });
const membersOnly = { memberPosting: "PostAllowed", nonMemberPosting: "PostModerated" };

/** Posts, and tells who has got it, or why it came back. */
function post(sender: string, recipient = "news@example.com"): string[] {
  const since = truth.length;
  const left = deliver(bare.engine, { queueId: "1", sender, recipient, bytes: Buffer.from("Subject: x\r\n\r\n") });
  expect(left).toEqual([]);
  return truth.slice(since).flatMap(({ kind, event }) => {
    if (kind === "deliveries") return [String(event["mailbox"] ?? event["address"]).replace("@example.com", "")];
    return kind === "bounces" ? [String(event["reason"])] : [];
  });
}

/** Whether the behaviour has hung on a switch since the test began. */
const isAsked = (name: SwitchName) => truth.some(({ kind, event }) => kind === "switches" && event["name"] === name);

const everybody = ["jdoe", "asmith"];
const noPost = ["550 5.7.1 <news@example.com>: the sender may not post"];

describe("list-posting", () => {
  it.each([
    ["anybody", everybody],
    ["moderated", ["asmith"]],
    ["bounced", noPost],
  ])("%s: who gets what somebody sends who may not post", async (value, got) => {
    bare.choose({ "list-posting": value });
    await rules(membersOnly);
    expect(post("jsmith@example.com")).toEqual(got);
    expect(post("stranger@example.org")).toEqual(got);
    // A report of an undeliverable mail has no sender, and nobody is a member by that.
    expect(post("")).toEqual(got);
    expect(post("jdoe@example.com")).toEqual(everybody);
    expect(post("asmith@example.com")).toEqual(everybody);
  });

  it("changes nothing for a list that lets everybody post", () => {
    bare.choose({ "list-posting": "bounced" });
    expect(post("stranger@example.org")).toEqual(everybody);
    expect(isAsked("list-posting")).toBe(false);
  });

  it("is asked where a rule makes a difference, and by nobody who may post", async () => {
    await rules(membersOnly);
    expect(post("jdoe@example.com")).toEqual(everybody);
    expect(isAsked("list-posting")).toBe(false);
    expect(post("stranger@example.org")).toEqual(everybody);
    expect(isAsked("list-posting")).toBe(true);
  });

  it("moderated: comes back from a list without a moderator", async () => {
    bare.choose({ "list-posting": "moderated" });
    await rules(membersOnly);
    const members = [{ hasId: true, userId: people.asmith.id, kind: "Moderator" }];
    await bare.call("MailingLists.removeMlUserList", { mlId, members });
    expect(post("stranger@example.org")).toEqual(["550 5.7.1 <news@example.com>: the list has no moderator"]);
  });

  it("bounced: is taken by SMTP all the same, and whoever else is behind the address has it", async () => {
    bare.choose({ "list-posting": "bounced" });
    await rules(membersOnly);
    const { refusal, targets } = resolveAddress(bare.engine, "news@example.com", "stranger@example.org");
    expect(refusal).toBeUndefined();
    expect(targets).toMatchObject([{ kind: "returned", address: "news@example.com" }]);
    for (const deliverTo of ["news", "jsmith"]) await bare.idOf("Aliases", { name: "all", deliverTo });
    expect(post("stranger@example.org", "all@example.com")).toEqual([...noPost, "jsmith"]);
    const { result } = await bare.call("Aliases.check", { checkString: "news@example.com" });
    expect(result).toEqual(["jdoe@example.com", "asmith@example.com"]);
  });
});

describe("who may post", () => {
  const [allowed, moderated, byMembership] = ["PostAllowed", "PostModerated", "PostAccordingMembership"];

  it.each([
    // Members, others, moderators; and who of a member, a stranger, a moderator, and one who is both may.
    [allowed, moderated, allowed, [true, false, true, true]],
    [allowed, moderated, moderated, [true, false, false, false]],
    [moderated, allowed, allowed, [false, true, true, true]],
    [moderated, moderated, allowed, [false, false, true, true]],
    [allowed, moderated, byMembership, [true, false, false, true]],
    [moderated, allowed, byMembership, [false, true, true, false]],
    [byMembership, byMembership, byMembership, [true, false, false, true]],
    [allowed, allowed, moderated, [true, true, false, false]],
  ])("members %s, others %s, moderators %s", async (memberPosting, nonMemberPosting, moderatorPosting, may) => {
    bare.choose({ "list-posting": "bounced" });
    await rules({ memberPosting, nonMemberPosting, moderatorPosting });
    for (const kind of ["Member", "Moderator"]) await add({ hasId: true, userId: people.jsmith.id, kind });
    const senders = ["jdoe@example.com", "stranger@example.org", "asmith@example.com", "jsmith@example.com"];
    expect(senders.map((sender) => post(sender).length > 1)).toEqual(may);
  });

  it("is one of a member's addresses: by the name, an extra one, an alias, in any case, under any name of the domain", async () => {
    bare.choose({ "list-posting": "bounced" });
    await rules(membersOnly);
    await bare.call("Users.set", { userIds: [people.jdoe.id], pattern: { emailAddresses: ["j.d"] } });
    await bare.idOf("Aliases", { name: "old", deliverTo: "older" });
    await bare.idOf("Aliases", { name: "older", deliverTo: "jdoe@example.com" });
    await bare.call("Domains.set", { domainIds: [bare.domain], pattern: { aliasList: ["example.net"] } });
    for (const sender of ["JDoe@Example.com", "j.d@example.com", "old@example.com", "jdoe@example.net"])
      expect(post(sender), sender).toEqual(everybody);
  });

  it("is a member who is on the list by an address, foreign or their own, by each other one, too", async () => {
    bare.choose({ "list-posting": "bounced" });
    await rules(membersOnly);
    await bare.call("Users.set", { userIds: [people.jsmith.id], pattern: { emailAddresses: ["j.s"] } });
    for (const emailAddress of ["Somebody@example.org", "j.s@example.com"])
      await add({ hasId: false, emailAddress, kind: "Member" });
    for (const sender of ["somebody@Example.org", "j.s@example.com", "jsmith@example.com"])
      expect(post(sender), sender).toEqual([...everybody, "somebody@example.org", "jsmith"]);
  });

  it("is nobody for whom a member forwards, whose group a member is in, or whose address only a wildcard catches", async () => {
    bare.choose({ "list-posting": "bounced" });
    await rules(membersOnly);
    const emailForwarding = { mode: "UForwardDeliver", emailAddresses: ["jdoe@example.com"] };
    await bare.call("Users.set", { userIds: [people.jsmith.id], pattern: { emailForwarding } });
    const groupId = await bare.idOf("Groups", { name: "staff", emailAddresses: ["staff"] });
    await bare.call("Groups.addMemberList", { groupId, userList: [people.jdoe.id] });
    await bare.idOf("Aliases", { name: "*", deliverTo: "jdoe" });
    for (const [name, deliverTo] of [
      ["loop1", "loop2"],
      ["loop2", "loop1"],
    ])
      await bare.idOf("Aliases", { name, deliverTo });
    for (const sender of ["jsmith", "staff", "anything", "loop1"])
      expect(post(`${sender}@example.com`), sender).toEqual(noPost);
  });

  it("goes by who has the mail for a name that an alias and an account bear", async () => {
    await rules(membersOnly);
    await bare.idOf("Aliases", { name: "jdoe", deliverTo: "jsmith" });
    bare.choose({ "list-posting": "bounced" });
    expect(post("jdoe@example.com")).toEqual(noPost);
    bare.choose({ "alias-or-user": "user" });
    expect(post("jdoe@example.com")).toEqual(everybody);
  });
});
