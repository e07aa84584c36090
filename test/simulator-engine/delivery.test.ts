import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { domainId, makeUser, type Created } from "./people";

let simulator: Simulator;
let domain: string;
const ids: Record<string, string> = {};
beforeAll(async () => {
  simulator = await startSimulator();
  domain = await domainId(simulator);
  for (const name of ["jdoe", "jsmith", "asmith", "bdoe"]) ids[name] = await makeUser(simulator, name);
});
afterAll(() => simulator?.stop());

const addAlias = (name: string, deliverTo: string, more: object = {}) =>
  simulator.adminCall<Created>("Aliases.create", { aliases: [{ domainId: domain, name, deliverTo, ...more }] });

/** Sends a mail and tells in whose mailboxes it has arrived. */
async function arrives(to: string): Promise<string[]> {
  const subject = `to ${to} ${Math.random()}`;
  await simulator.deliver({ to, subject });
  const found: string[] = [];
  for (const { name } of await simulator.control.directories("example.com")) {
    const messages = await simulator.control.messages("example.com", name);
    if (messages.some((each) => each.subject === subject)) found.push(name);
  }
  return found.sort();
}

describe("delivery", () => {
  it("stores the bytes as they came, at the first use of the mailbox", async () => {
    expect(await simulator.control.directories("example.com")).toEqual([]);
    const raw = "From: <a@example.org>\r\nTo: <jdoe@example.com>\r\nSubject: bytes\r\n\r\n.dot\r\nlatin \xe9\r\n";
    const transport = createTransport({
      host: simulator.info.smtp.host,
      port: simulator.info.smtp.port,
      ignoreTLS: true,
    });
    await transport.sendMail({
      envelope: { from: "a@example.org", to: "JDoe@Example.com" },
      raw: Buffer.from(raw, "latin1"),
    });
    transport.close();
    const [message] = await simulator.control.messages("example.com", "jdoe");
    expect(message).toMatchObject({ folder: "INBOX", file: "00000001.eml", subject: "bytes" });
    expect(message?.sha256).toBe(createHash("sha256").update(Buffer.from(raw, "latin1")).digest("hex"));
  });

  it("follows aliases: several rows, chains, loops, wildcards last", async () => {
    await addAlias("team", "jdoe@example.com");
    await addAlias("team", "asmith");
    await addAlias("chain", "team@example.com");
    expect(await arrives("chain@example.com")).toEqual(["asmith", "jdoe"]);
    await addAlias("loop1", "loop2");
    await addAlias("loop2", "loop1");
    await expect(arrives("loop1@example.com")).rejects.toThrow("550");
    await addAlias("jsmith", "bdoe");
    await addAlias("jsmith", "jsmith");
    expect(await arrives("jsmith@example.com")).toEqual(["bdoe", "jsmith"]);
    await simulator.control.setSwitch("alias-or-user", "user");
    expect(await arrives("jsmith@example.com")).toEqual(["jsmith"]);
    await simulator.control.setSwitch("alias-or-user", "alias");
    await expect(arrives("sales7@example.com")).rejects.toThrow("550");
    await addAlias("sales?", "bdoe");
    expect(await arrives("sales7@example.com")).toEqual(["bdoe"]);
    const entity = { addresses: ["jsmith", "sales7"], updatedEntity: { kind: "EntityUser", id: "" }, domainId: domain };
    const { entities } = await simulator.adminCall<{ entities: object[] }>("Server.findEntityByEmail", entity);
    expect(entities).toMatchObject([
      { kind: "EntityAlias", name: "jsmith", win: true, isPattern: false },
      { kind: "EntityAlias", name: "jsmith", win: true },
      { kind: "EntityUser", name: "jsmith", win: false },
      { kind: "EntityAlias", name: "sales?", win: true, isPattern: true },
    ]);
  });

  it("leaves to the alias of all names what no other takes", async () => {
    const [all] = (await addAlias("*", "asmith")).result;
    await addAlias("sal*7", "jdoe");
    expect(await arrives("sales7@example.com")).toEqual(["bdoe", "jdoe"]);
    expect(await arrives("nobody@example.com")).toEqual(["asmith"]);
    const entity = { addresses: ["sales7"], updatedEntity: { kind: "EntityUser", id: "" }, domainId: domain };
    const { entities } = await simulator.adminCall<{ entities: object[] }>("Server.findEntityByEmail", entity);
    expect(entities).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "sal*7", win: true }),
        expect.objectContaining({ name: "*", win: false }),
      ]),
    );
    await simulator.adminCall("Aliases.remove", { aliasIds: [all?.id] });
  });

  it("gives one account the mail for a name that another bears among its addresses", async () => {
    const set = (emailAddresses: string[]) =>
      simulator.adminCall("Users.set", { userIds: [ids["bdoe"]], pattern: { emailAddresses } });
    await set(["asmith"]);
    const entity = { addresses: ["asmith"], updatedEntity: { kind: "EntityUser", id: "" }, domainId: domain };
    const winners = async () =>
      (
        await simulator.adminCall<{ entities: { name: string; win: boolean }[] }>("Server.findEntityByEmail", entity)
      ).entities.flatMap(({ name, win }) => (win ? [name] : []));
    expect([await arrives("asmith@example.com"), await winners()]).toEqual([["asmith"], ["asmith"]]);
    await simulator.control.setSwitch("name-or-address", "address");
    expect([await arrives("asmith@example.com"), await winners()]).toEqual([["bdoe"], ["bdoe"]]);
    await simulator.control.setSwitch("name-or-address", "name");
    await set([]);
  });

  it("reaches groups, lists, extra addresses, forwarding and public folders", async () => {
    const group = { domainId: domain, name: "staff", emailAddresses: ["staff"] };
    const { result } = await simulator.adminCall<Created>("Groups.create", { groups: [group] });
    await simulator.adminCall("Groups.addMemberList", { groupId: result[0]?.id, userList: [ids["jdoe"], ids["bdoe"]] });
    expect(await arrives("staff@example.com")).toEqual(["bdoe", "jdoe"]);
    const lists = await simulator.adminCall<Created>("MailingLists.create", {
      mailingLists: [{ domainId: domain, name: "news" }],
    });
    const members = [
      { hasId: true, userId: ids["asmith"], kind: "Member" },
      { hasId: false, emailAddress: "jdoe@example.com", kind: "Member" },
    ];
    const mlId = lists.result[0]?.id;
    expect((await simulator.adminCall<Created>("MailingLists.addMlUserList", { mlId, members })).errors).toEqual([]);
    expect((await simulator.adminCall<Created>("MailingLists.addMlUserList", { mlId, members })).errors).toHaveLength(
      2,
    );
    expect(await arrives("news@example.com")).toEqual(["asmith", "jdoe"]);
    const set = (name: string, pattern: object) => simulator.adminCall("Users.set", { userIds: [ids[name]], pattern });
    await set("bdoe", { emailAddresses: ["bob"] });
    expect(await arrives("bob@example.com")).toEqual(["bdoe"]);
    await set("bdoe", { emailForwarding: { mode: "UForwardDeliver", emailAddresses: ["asmith@example.com"] } });
    expect(await arrives("bdoe@example.com")).toEqual(["asmith", "bdoe"]);
    await set("bdoe", { emailForwarding: { mode: "UForwardYes", emailAddresses: ["asmith@example.com"] } });
    expect(await arrives("bdoe@example.com")).toEqual(["asmith"]);
    await addAlias("info", "#public/Info", { type: "TypePublicFolder" });
    await simulator.deliver({ to: "info@example.com", subject: "public" });
    expect(await simulator.control.messages("example.com", "#public")).toMatchObject([
      { folder: "Info", subject: "public" },
    ]);
  });

  it("asks at the door who has what is posted to a list, and takes what the list sends back", async () => {
    const posting = { memberPosting: "PostAllowed", nonMemberPosting: "PostModerated" };
    const { result } = await simulator.adminCall<Created>("MailingLists.create", {
      mailingLists: [{ domainId: domain, name: "offers", posting }],
    });
    const away = await makeUser(simulator, "csmith", { isEnabled: false });
    const members = [
      { hasId: true, userId: ids["asmith"], kind: "Member" },
      { hasId: true, userId: away, kind: "Moderator" },
    ];
    await simulator.adminCall("MailingLists.addMlUserList", { mlId: result[0]?.id, members });
    expect(await arrives("offers@example.com")).toEqual(["asmith"]);
    await simulator.control.setSwitch("list-posting", "moderated");
    await expect(arrives("offers@example.com")).rejects.toThrow("550 5.2.1 <csmith@example.com>: account is disabled");
    await simulator.control.setSwitch("list-posting", "bounced");
    expect(await arrives("offers@example.com")).toEqual([]);
    expect((await simulator.control.bounces()).at(-1)).toMatchObject({
      recipient: "offers@example.com",
      reason: "550 5.7.1 <offers@example.com>: the sender may not post",
    });
    await simulator.control.setSwitch("list-posting", "anybody");
  });

  it("takes mail that comes past the listener, and keeps readers out while IMAP is stopped", async () => {
    const { adminCall, control } = simulator;
    const { services } = await adminCall<{ services: { id: string; name: string }[] }>("Services.get");
    const idOf = (name: string) => services.find((service) => service.name === name)?.id;
    for (const name of ["SMTP", "IMAP"]) await adminCall("Services.stop", { service: idOf(name) });
    const fetch = (subject: string) =>
      control.submit("a@example.org", ["asmith@example.com"], `Subject: ${subject}\r\n\r\nx\r\n`);
    const subjects = async () => (await control.messages("example.com", "asmith")).map((each) => each.subject);
    await fetch("waits");
    expect(await subjects()).not.toContain("waits");
    await control.setSwitch("queue-while-held", "deliver");
    await fetch("fetched");
    expect(await subjects()).toEqual(expect.arrayContaining(["waits", "fetched"]));
    await control.setSwitch("queue-while-held", "hold");
    expect(await control.login("asmith", "Xk7-pretty-long")).toEqual({ ok: false, reason: "service stopped" });
    for (const name of ["SMTP", "IMAP"]) await adminCall("Services.start", { service: idOf(name) });
    expect(await control.login("asmith", "Xk7-pretty-long")).toMatchObject({ ok: true });
  });

  it("bounces the unknown and, as the switch says, the disabled", async () => {
    await expect(arrives("nobody@example.com")).rejects.toThrow("550");
    await simulator.adminCall("Users.set", { userIds: [ids["jdoe"]], pattern: { isEnabled: false } });
    await expect(arrives("jdoe@example.com")).rejects.toThrow("550");
    await simulator.control.setSwitch("disabled-delivery", "defer");
    await expect(arrives("jdoe@example.com")).rejects.toThrow("450 4.2.1");
    await simulator.control.setSwitch("disabled-delivery", "accept");
    expect(await arrives("jdoe@example.com")).toEqual(["jdoe"]);
    const bounces = await simulator.control.bounces();
    expect(bounces.map((each) => each["recipient"])).toContain("nobody@example.com");
    await simulator.adminCall("Users.set", { userIds: [ids["jdoe"]], pattern: { isEnabled: true } });
  });

  it("closes the port while SMTP is held, and opens it again", async () => {
    type Service = { id: string; name: string; isRunning: boolean; howToStart: string };
    const smtp = async () => {
      const { services } = await simulator.adminCall<{ services: Service[] }>("Services.get");
      expect(services).toHaveLength(15);
      return services[0] as Service;
    };
    const service = (await smtp()).id;
    await simulator.adminCall("Services.stop", { service });
    expect(await smtp()).toMatchObject({ name: "SMTP", isRunning: false, howToStart: "Automatic" });
    await expect(arrives("asmith@example.com")).rejects.toThrow("ECONNREFUSED");
    await simulator.adminCall("Services.start", { service });
    expect(await arrives("asmith@example.com")).toEqual(["asmith"]);
    await simulator.adminCall("Services.stop", { service });
    await simulator.control.command("restart");
    expect((await smtp()).isRunning).toBe(true);
  });

  it("goes on with the queue behind a start that leaves SMTP closed, where the switch says so", async () => {
    const { services } = await simulator.adminCall<{ services: { id: string }[] }>("Services.get");
    const manual = { ...services[0], howToStart: "Manual" };
    await simulator.adminCall("Services.set", { services: [manual] });
    await simulator.control.command("stop");
    const queue = join(simulator.info.store, "queue/00");
    writeFileSync(join(queue, "a1.eml"), "Subject: left over\r\n\r\nx\r\n");
    writeFileSync(join(queue, "a1.env"), JSON.stringify({ sender: "a@example.org", recipients: ["jdoe@example.com"] }));
    await simulator.control.command("start");
    expect(existsSync(join(queue, "a1.env"))).toBe(true);
    await simulator.control.setSwitch("queue-while-held", "deliver");
    await simulator.control.command("restart");
    expect(existsSync(join(queue, "a1.env"))).toBe(false);
    const messages = await simulator.control.messages("example.com", "jdoe");
    expect(messages.map(({ subject }) => subject)).toContain("left over");
  });
});
