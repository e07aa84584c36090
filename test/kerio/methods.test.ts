import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KerioClient } from "../../provider/kerio/client";
import { listAccessPolicies } from "../../provider/kerio/methods/access-policies";
import { getStorePath } from "../../provider/kerio/methods/advanced-options";
import { createAliases, listAliases, removeAliases, setAliases } from "../../provider/kerio/methods/aliases";
import { getBackupOptions, getBackupStatus, startBackup } from "../../provider/kerio/methods/backup";
import { getRole, isStandalone } from "../../provider/kerio/methods/distributed-domain";
import * as domains from "../../provider/kerio/methods/domains";
import type { ItemResult } from "../../provider/kerio/methods/bulk";
import { addGroupMembers, listGroupMembers, listGroups, removeGroupMembers } from "../../provider/kerio/methods/groups";
import { addMembers, listMailingLists, listMembers, removeMembers } from "../../provider/kerio/methods/mailing-lists";
import { getPersonalContacts, setPersonalContact } from "../../provider/kerio/methods/personal-contacts";
import { listPrincipals, listResources, setResources } from "../../provider/kerio/methods/resources";
import { getSecurityPolicy } from "../../provider/kerio/methods/security-policy";
import * as server from "../../provider/kerio/methods/server";
import { listServices, startService, stopService } from "../../provider/kerio/methods/services";
import { whoAmI } from "../../provider/kerio/methods/session";
import * as users from "../../provider/kerio/methods/users";
import { Deadline, waitFor } from "../../provider/retry";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { apiSettings } from "./stand-in";

let simulator: Simulator;
let client: KerioClient;
let domainId: string;
let userId: string;

const made = <T>(results: ItemResult<T>[]): T[] =>
  results.map((result) => {
    if (!result.ok) throw new Error(`refused: ${result.error.message}`);
    return result.value;
  });

const one = async (id: string) => (await users.listUsers(client, { domainId })).find((user) => user.id === id);

beforeAll(async () => {
  simulator = await startSimulator();
  client = new KerioClient(apiSettings(simulator));
  domainId = (await domains.listDomains(client))[0]?.id ?? "";
  const user = { domainId, loginName: "jdoe", fullName: "J. Doe", password: "Planted-Passw0rd" };
  userId = made(await users.createUsers(client, [user]))[0] ?? "";
});

afterAll(async () => {
  await client.logout();
  await simulator.stop();
});

describe("Users", () => {
  it("are created item by item", async () => {
    const taken = { domainId, loginName: "jdoe", password: "Planted-Passw0rd" };
    const [refused, accepted] = await users.createUsers(client, [taken, { ...taken, loginName: "bdoe" }]);
    expect(refused).toMatchObject({
      ok: false,
      error: { code: expect.any(Number), message: expect.stringContaining("jdoe") },
    });
    expect(accepted).toMatchObject({ ok: true });
  });

  it("can be written as they were read", async () => {
    const before = await one(userId);
    expect(before).toMatchObject({ loginName: "jdoe", fullName: "J. Doe", isEnabled: true, domainId });
    const pattern = users.writableFields(before as users.User);
    expect(await users.setUsers(client, [userId], pattern)).toEqual([{ ok: true, value: undefined }]);
    expect(await one(userId)).toEqual(before);
    await users.setUsers(client, [userId], { emailAddresses: ["john"], description: "Sales" });
    expect(await one(userId)).toMatchObject({ emailAddresses: ["john"], description: "Sales", fullName: "J. Doe" });
  });

  it("are found by a condition, with the fields asked for", async () => {
    const conditions = [{ fieldName: "loginName", comparator: "Eq" as const, value: "jdoe" }];
    const found = await users.listUsers(client, { domainId, conditions, fields: ["fullName"] });
    expect(found).toEqual([{ id: userId, loginName: "jdoe", fullName: "J. Doe" }]);
  });

  it("have a contact", async () => {
    const contact = { firstName: "John", postalAddressWork: { locality: "Exampleton" } };
    made(await setPersonalContact(client, [userId], { ...contact, isReadOnly: true }));
    const contacts = await getPersonalContacts(client, [userId]);
    expect(contacts.get(userId)).toMatchObject(contact);
    expect(await getPersonalContacts(client, [])).toEqual(new Map());
    await expect(getPersonalContacts(client, ["keriodb://user/none"])).rejects.toMatchObject({ code: "API_REFUSED" });
  });

  it("are removed by id", async () => {
    const leaver = { domainId, loginName: "leaver", password: "Planted-Passw0rd" };
    const id = made(await users.createUsers(client, [leaver]))[0] ?? "";
    const removal = { userId: id, method: "UDeleteUser" as const, removeReferences: false };
    made(await users.removeUsers(client, [removal]));
    expect(await one(id)).toBeUndefined();
    await users.checkMailboxIntegrity(client, [userId]);
  });
});

describe("what points to users", () => {
  it("Aliases", async () => {
    const row = { domainId, name: "sales", deliverTo: "jdoe@example.com", description: "Sales" };
    const [id = ""] = made(await createAliases(client, [row]));
    expect(await listAliases(client, { domainId })).toMatchObject([{ id, ...row, type: "TypeEmailAddress" }]);
    made(await setAliases(client, [id], { description: "Orders" }));
    expect(await listAliases(client, { domainId, fields: ["description"] })).toMatchObject([
      { id, description: "Orders" },
    ]);
    made(await removeAliases(client, [id]));
    expect(await listAliases(client, { domainId })).toEqual([]);
  });

  it("Groups", async () => {
    await simulator.adminCall("Groups.create", { groups: [{ domainId, name: "staff" }] });
    const [group] = await listGroups(client, { domainId });
    expect(group?.name).toBe("staff");
    const groupId = group?.id ?? "";
    made(await addGroupMembers(client, groupId, [userId]));
    expect((await listGroupMembers(client, { groupId, domainId })).map(({ id }) => id)).toEqual([userId]);
    made(await removeGroupMembers(client, groupId, [userId]));
    expect(await listGroupMembers(client, { groupId, domainId })).toEqual([]);
  });

  it("MailingLists", async () => {
    await simulator.adminCall("MailingLists.create", { mailingLists: [{ domainId, name: "news" }] });
    const mlId = (await listMailingLists(client, { domainId }))[0]?.id ?? "";
    const member = { hasId: true, userId, emailAddress: "", kind: "Moderator" };
    made(await addMembers(client, mlId, [member]));
    const members = await listMembers(client, mlId);
    expect(members).toMatchObject([{ hasId: true, userId, kind: "Moderator" }]);
    made(await removeMembers(client, mlId, members));
    expect(await listMembers(client, mlId)).toEqual([]);
  });

  it("Resources", async () => {
    await simulator.adminCall("Resources.create", { resources: [{ domainId, name: "room", type: "Room" }] });
    const [room] = await listResources(client, { domainId });
    const principal = (await listPrincipals(client, { domainId })).find(({ id }) => id === userId);
    expect(principal).toMatchObject({ type: "UserPrincipal" });
    made(await setResources(client, [room?.id ?? ""], { manager: principal, resourceUsers: principal && [principal] }));
    expect(await listResources(client, { domainId })).toMatchObject([
      { name: "room", manager: { id: userId }, resourceUsers: [{ id: userId }] },
    ]);
  });

  it("Server.findEntityByEmail", async () => {
    const found = await server.findEntityByEmail(client, { addresses: ["jdoe", "nobody"], domainId });
    expect(found).toMatchObject([{ kind: "EntityUser", name: "jdoe", win: true, isPattern: false }]);
  });
});

describe("the server", () => {
  it("tells of itself", async () => {
    expect((await server.getVersion(client)).version).toMatch(/\d/);
    expect((await server.getProductInfo(client)).os).toBe("Linux");
    expect((await server.getServerTime(client)).startTime).toMatch(/^\d+$/);
    expect((await whoAmI(client)).effectiveRole?.userRole).toMatch(/Admin$/);
    expect(isStandalone(await getRole(client))).toBe(true);
    expect((await listAccessPolicies(client)).length).toBeGreaterThan(0);
    expect(await getSecurityPolicy(client)).toMatchObject({
      failedLoginsToLock: expect.any(Number),
      antiHammering: { isEnabled: false },
    });
    expect((await server.getWebSessions(client)).length).toBeGreaterThan(0);
    expect(await server.getOpenedFolders(client)).toEqual([]);
  });

  it("tells of its domains", async () => {
    const info = await domains.getUserCountInfo(client, domainId);
    expect(info.currentUsers).toBeGreaterThan(0);
    expect(await domains.generatePassword(client, domainId)).toMatch(/.{8}/);
    expect(await domains.getDomainSettings(client)).toHaveProperty("hostname");
  });

  it("shows its store", async () => {
    const store = await getStorePath(client);
    expect(store).toBe(simulator.info.store.replace(/\/+$/, ""));
    expect(existsSync(join(store, "mail"))).toBe(true);
    expect(await server.getDirs(client, store)).toContain("mail");
    expect(await server.pathExists(client, join(store, "mail"))).toBe("directoryExists");
    expect(await server.pathExists(client, join(store, "none"))).toBe("directoryDoesNotExist");
  });

  it("stops and starts its services", async () => {
    const smtp = (await listServices(client)).find(({ name }) => name === "SMTP");
    expect(smtp?.isRunning).toBe(true);
    const id = smtp?.id ?? "";
    const running = async () => (await listServices(client)).find((service) => service.id === id)?.isRunning;
    await stopService(client, id);
    expect(await running()).toBe(false);
    await startService(client, id);
    expect(await running()).toBe(true);
  });

  it("makes its own backup", async () => {
    expect(await getBackupOptions(client)).toHaveProperty("isEnabled");
    await startBackup(client, "backupTypeFull");
    const about = { object: "server", what: "the backup", deadline: Deadline.in(20), every: 100 };
    const status = await waitFor(about, async () => {
      const now = await getBackupStatus(client);
      return now.backupInProgress ? undefined : now;
    });
    expect(status.lastBackupStatus).toBe("backupStatusSuccessful");
  });
});
