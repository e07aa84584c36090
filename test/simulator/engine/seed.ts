import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { newDomain, newGroup, newList, newResource, newState, newUser, randomPassword } from "./defaults.js";
import { deliver } from "./delivery.js";
import type { Engine } from "./engine.js";
import type { Environment } from "./environment.js";
import { storeMessage } from "./mailbox.js";
import { storePassword } from "./password-storage.js";
import type { State } from "./state.js";

/**
 * The first configuration of an engine that has none. `empty`: the primary domain example.com and the built-in
 * administrator. `demo`: some people, groups, a list, a room besides. `first-run`: nothing, the set-up is open.
 */
export function seedState(environment: Environment): State {
  const state = newState();
  const seed = environment.firstRun ? "first-run" : (environment.seed ?? "empty");
  if (seed === "first-run") return state;
  const domain = newDomain("example.com", true);
  state.domains.push(domain);
  state.settings.setupFinished = true;
  state.admin = {
    isEnabled: true,
    userName: environment.admin?.user ?? "Admin",
    passwordStored: storePassword(environment.admin?.password ?? randomPassword(), true),
  };
  if (seed === "demo") addPeople(state, domain.id);
  return state;
}

const people = [
  ["jdoe", "J. Doe"],
  ["jsmith", "J. Smith"],
  ["asmith", "A. Smith"],
  ["bjones", "B. Jones"],
] as const;

function addPeople(state: State, domainId: string): void {
  const policy = state.policies[0]?.id ?? "";
  const users = people.map(([login, fullName]) => {
    const user = newUser(domainId, login, policy);
    user.fullName = fullName;
    user.passwordStored = storePassword(randomPassword(), true);
    return user;
  });
  state.users.push(...users);
  users[0]?.mobileDevices.push({
    deviceId: "SIM0000000001",
    os: "Android 14",
    platform: "Phone",
    protocolVersion: "14.1",
    registrationDate: 1_700_000_000,
    lastSynchronizationDate: 1_700_000_600,
    folderList: ["INBOX", "Calendar", "Contacts"],
    status: "DevStatConnected",
    remoteHost: "192.0.2.10",
  });
  const ids = users.map((user) => user.id);
  const sales = newGroup(domainId, "sales");
  sales.emailAddresses = ["sales"];
  sales.memberIds = ids.slice(0, 2);
  const staff = newGroup(domainId, "staff");
  staff.emailAddresses = ["staff"];
  staff.memberIds = ids;
  state.groups.push(sales, staff);
  const news = newList(domainId, "news");
  news.members = ids.map((userId) => ({ hasId: true, userId, emailAddress: "", fullName: "", kind: "Member" }));
  state.lists.push(news);
  const room = newResource(domainId, "room1");
  const [manager] = users;
  if (manager) {
    room.manager = {
      type: "UserPrincipal",
      id: manager.id,
      name: manager.loginName,
      domainName: "example.com",
      fullName: manager.fullName,
      description: "",
      isEnabled: true,
      itemSource: "DSInternalSource",
    };
  }
  state.resources.push(room);
}

/** Mail for the people of the demo: three messages each, and a public folder whose rights name two of them. */
export function seedMail(engine: Engine): void {
  const domain = engine.primaryDomain;
  if (!domain || engine.state.users.length === 0) return;
  for (const user of engine.state.users) {
    const recipient = engine.addressOf(user);
    for (const [index, subject] of ["Welcome", "The plan for Monday", "Minutes"].entries()) {
      const sender = `office@${domain.name}`;
      deliver(engine, { queueId: `seed-${index}`, sender, recipient, bytes: messageTo(recipient, sender, subject) });
    }
  }
  const folder = engine.publicFolder(domain, "Info");
  storeMessage(folder, messageTo(`info@${domain.name}`, `office@${domain.name}`, "House rules"), {
    modes: engine.modes,
  });
  const [first, second] = engine.state.users;
  const rights = [first, second].map((user) => (user ? `${engine.addressOf(user)} lrswi\n` : "")).join("");
  appendFileSync(join(folder, "acl.fld"), rights);
}

function messageTo(recipient: string, sender: string, subject: string): Buffer {
  const lines = [
    `From: <${sender}>`,
    `To: <${recipient}>`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${randomUUID()}@${recipient.split("@")[1] ?? ""}>`,
    "",
    `${subject}.`,
    "",
  ];
  return Buffer.from(lines.join("\r\n"));
}
