import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Queue } from "../simulator/engine/queue";
import { listMethods } from "../simulator/engine/rpc/columns";
import { BareEngine } from "./bare-engine";
import { recordedShapes } from "./recorded-shapes";

let bare: BareEngine;
let queue: Queue;
beforeEach(() => {
  bare = new BareEngine({}, "demo");
  queue = new Queue(bare.engine);
  bare.engine.queue = queue;
  queue.accept("a@example.org", ["jdoe@example.com"], Buffer.from("x\r\n\r\n"));
});
afterEach(() => bare.remove());

const columns = async (method: string, ...session: Parameters<BareEngine["call"]>[2][]): Promise<string[]> => {
  const [objectName, methodName] = method.split(".");
  return (await bare.call("Server.getColumnList", { objectName, methodName }, ...session)).columns;
};

/** One of everything that a list may show. */
async function fill(): Promise<Record<string, unknown>> {
  const { engine, domain: domainId } = bare;
  await bare.call("Aliases.create", { aliases: [{ domainId, name: "info", deliverTo: "jdoe" }] });
  await bare.call("CompanyContacts.create", { companyContacts: [{ domainId, name: "Example Ltd" }] });
  await bare.call("UserTemplates.create", { userTemplates: [{ name: "standard", publishInGal: true }] });
  engine.readers.add({ user: () => engine.state.users[0], folder: { name: "INBOX" } });
  return { query: {}, domainId, userId: engine.state.users[0]?.id, userIds: [], mlId: engine.state.lists[0]?.id };
}

describe("the columns of a list", () => {
  it("are the members of its rows", async () => {
    const params = await fill();
    const empty: string[] = [];
    for (const method of listMethods) {
      const answer = await bare.call<Record<string, object[]>>(method, params);
      const [row] = answer["list"] ?? answer["scheduleList"] ?? answer["userTemplateList"] ?? [];
      if (!row) empty.push(method);
      else if (method === "UserTemplates.get")
        expect(await columns(method)).toEqual(expect.arrayContaining(Object.keys(row)));
      else expect([method, (await columns(method)).sort()]).toEqual([method, Object.keys(row).sort()]);
    }
    expect(empty).toEqual(["Queue.getProcessed"]);
    expect(await columns("Queue.getProcessed")).toEqual(await columns("Queue.get"));
  });

  it("are known of every list, also of one without rows", async () => {
    const nothing = { domainId: "", userId: "", groupId: "", listId: "", resourceId: "", serviceId: "", fileId: "" };
    const lists = recordedShapes({ ...nothing, spare: { ...nothing, aliasId: "" } }).filter(
      ({ params, answer }) => "query" in params && "totalItems" in answer,
    );
    expect(lists.length).toBeGreaterThan(12);
    for (const { method } of lists) expect(listMethods).toContain(method);
    expect(await columns("UserTemplates.get")).toEqual(expect.arrayContaining(["id", "name", "diskSizeLimit"]));
    expect(await columns("CompanyContacts.get")).toContain("address");
  });

  it("are told without a call of the method, and of nothing that lists no rows", async () => {
    let restarts = 0;
    bare.engine.restart = () => (restarts += 1);
    const others = ["Queue.removeAll", "Server.restart", "Statistics.reset", "Users.remove", "No.such", "x.__proto__"];
    for (const method of others) await expect(columns(method)).rejects.toThrow("(1002)");
    expect([queue.list().length, restarts]).toEqual([1, 0]);
    const helper = await bare.as("AccountAdmin");
    await expect(columns("Queue.get", helper)).rejects.toThrow("(1004)");
    expect(await columns("Users.get", helper)).toContain("loginName");
  });
});
