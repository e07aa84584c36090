import { afterEach, beforeEach, expect, it } from "vitest";
import { deliver } from "../simulator/engine/delivery";
import { mailboxUsage } from "../simulator/engine/mailbox";
import { Queue } from "../simulator/engine/queue";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
let bounces: unknown[];
beforeEach(async () => {
  bare = new BareEngine();
  bounces = [];
  bare.engine.truth.watch((kind, event) => kind === "bounces" && bounces.push(event["reason"]));
  const members = [await bare.user("jdoe"), await bare.user("jsmith", { isEnabled: false })];
  const groupId = await bare.idOf("Groups", { name: "staff", emailAddresses: ["staff"] });
  await bare.call("Groups.addMemberList", { groupId, userList: members.map(({ id }) => id) });
});
afterEach(() => bare.remove());

const bytes = Buffer.from("Subject: x\r\n\r\nx\r\n");
const letters = () =>
  bare.engine.state.users.map((user) => [user.loginName, mailboxUsage(bare.engine.mailboxOf(user)).items]);

it("of a group, one disabled member is bounced, and the others have the mail", () => {
  const waiting = deliver(bare.engine, {
    queueId: "1",
    sender: "a@example.org",
    recipient: "staff@example.com",
    bytes,
  });
  expect(waiting).toEqual([]);
  expect(bounces).toEqual(["550 5.2.1 <jsmith@example.com>: account is disabled"]);
  expect(letters()).toEqual([
    ["jdoe", 1],
    ["jsmith", 0],
  ]);
});

it("the copy of a member who is refused for now waits in the queue, and comes once", async () => {
  bare.choose({ "disabled-delivery": "defer", "queue-while-held": "deliver" });
  const queue = new Queue(bare.engine);
  queue.accept("a@example.org", ["staff@example.com"], bytes);
  queue.run();
  expect(queue.list()).toMatchObject([{ recipients: ["jsmith@example.com"] }]);
  expect(letters()).toEqual([
    ["jdoe", 1],
    ["jsmith", 0],
  ]);
  const [, jsmith] = bare.engine.state.users;
  await bare.call("Users.set", { userIds: [jsmith?.id], pattern: { isEnabled: true } });
  queue.run();
  expect([queue.length, bounces]).toEqual([0, []]);
  expect(letters()).toEqual([
    ["jdoe", 1],
    ["jsmith", 1],
  ]);
});
