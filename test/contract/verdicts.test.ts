import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { Contract } from "./contract";
import { standardPrefix as prefix } from "./contract-server";
import { ownServer } from "./own-server";
import type { Answer } from "./probe";
import { areas } from "./probes/areas";
import { reportOf } from "./report";

let simulator: Simulator;
let contract: Contract;
beforeAll(async () => {
  simulator = await startSimulator();
  contract = await Contract.open(ownServer(simulator.info));
});
afterEach(() => simulator.control.clearFaults());
afterAll(() => simulator?.stop());

async function answerTo(area: string, start: string): Promise<Answer> {
  const probes = areas[area] ?? [];
  const index = probes.findIndex(({ question }) => question.startsWith(start));
  const probe = probes[index];
  if (!probe) throw new Error(`${area} has no question that begins with ${start}`);
  return contract.ask(area, index, probe);
}

const report = (answer: Answer) => reportOf({ product: "Kerio Connect", answers: [answer], leftovers: [] });

describe("a server that answers otherwise", () => {
  it("against a published text: the fact is called wrong, with its source", async () => {
    await simulator.control.fault("refuse", { method: "Session.whoAmI", code: 1000 });
    const answer = await answerTo("transport", "Is a body that ends in CRLF");
    expect(answer).toMatchObject({ verdict: "fact wrong", seen: "code 1000" });
    expect(report(answer)).toContain(
      "- **fact wrong**: the library ends every body in CRLF ([the official PHP client library]" +
        "(https://github.com/jpirnat/kerio-api-php)). Expected: a result. Seen: code 1000",
    );
  });

  it("than any value of a switch: the switch needs a new one", async () => {
    await simulator.control.fault("refuse", { method: "Users.setPersonalContact", code: 1000 });
    const answer = await answerTo("contacts", "In which form");
    expect(answer).toMatchObject({ verdict: "not as assumed", seen: "objects: refused; texts: refused" });
    expect(report(answer)).toContain("- **`contact-addresses` needs a new value**");
  });

  it("where texts are silent: the stand-in needs a switch", async () => {
    await simulator.control.fault("refuse", { method: "Batch.run", code: 1000 });
    expect(await answerTo("batch", "What does Batch.run")).toMatchObject({ verdict: "failed" });
    await simulator.control.clearFaults();
    await simulator.control.fault("refuse", { method: "Users.setPersonalContact", code: 1000 });
    const answer = await answerTo("contacts", "Is a contact changed");
    expect(answer).toMatchObject({ verdict: "not as assumed", seen: 'code 1000; companyName `""`' });
    expect(report(answer)).toContain("- **the stand-in needs a switch**");
  });
});

describe("a server that repeats a password", () => {
  it("does not get it into the report", async () => {
    const { password } = simulator.info.admin;
    await simulator.control.fault("refuse", { method: "Users.create", message: `no account with ${password}` });
    const answer = await answerTo("users", "Can a password");
    expect(answer).toMatchObject({ verdict: "failed", seen: "no account with (secret)" });
    expect(report(answer)).not.toContain(password);
  });
});

describe("a server that gives no answer", () => {
  it("makes a question fail, and not the run", async () => {
    await simulator.control.fault("drop-before", { method: "Users.create" });
    const answer = await answerTo("users", "Can a password");
    expect(answer.verdict).toBe("failed");
    expect(report(answer)).toContain("- **could not be asked**: Can a password be read?");
    await simulator.control.clearFaults();
    expect(await answerTo("users", "Can a password")).toMatchObject({ verdict: "as expected" });
  });

  it("after it has made something: that is found by its name and removed at the end", async () => {
    await simulator.control.fault("drop-after", { method: "Users.create", times: 1 });
    expect(await answerTo("users", "Can a password")).toMatchObject({ verdict: "failed" });
    expect((await simulator.control.truth()).accounts).toMatchObject([{ name: `${prefix}users4.one` }]);
    expect(await contract.close()).toEqual({ removed: [`${prefix}users4.one (users)`], foreign: [] });
    expect((await simulator.control.truth()).accounts).toEqual([]);
  });
});
