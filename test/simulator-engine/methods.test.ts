import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deliver } from "../simulator/engine/delivery";
import { keepLogs } from "../simulator/engine/event-log";
import { ensureFolder, storeMessage } from "../simulator/engine/mailbox";
import { Queue } from "../simulator/engine/queue";
import { finishRenames } from "../simulator/engine/rpc/domain-rename";
import { seedMail } from "../simulator/engine/seed";
import { loadState, saveState } from "../simulator/engine/state-storage";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

describe("methods that are missing", () => {
  it("are told apart: the real server's, and nobody's", async () => {
    await expect(bare.call("Users.createLdap", { users: [] })).rejects.toThrow("%1 is not implemented. (1000)");
    await expect(bare.call("Content.getAnything")).rejects.toThrow("%1 is not implemented. (1000)");
    for (const nobody of [
      "Content",
      "Content.",
      "Content.get.x",
      "Users.rename",
      "Nothing.get",
      "Users",
      "Users.get.x",
      "Users.__proto__",
      "",
    ]) {
      await expect(bare.call(nobody)).rejects.toThrow("(-32601)");
    }
    await expect(bare.call("ProductRegistration.get")).rejects.toThrow("(-32602)");
    await expect(bare.call("SystemHealth.get")).rejects.toThrow("(-32602)");
  });
});

describe("domains", () => {
  const domain = async () => (await bare.call("Domains.get", { query: {} })).list[0];
  const set = (pattern: object) => bare.call("Domains.set", { domainIds: [bare.domain], pattern });

  it("have every member, keep the rest of what is changed in part, and drop outputs", async () => {
    const before = await domain();
    const pattern = { keepForRecovery: { days: 5 }, renameInfo: { isRenamed: true }, id: "x", nonsense: 1 };
    expect((await set(pattern)).errors).toEqual([]);
    expect(await domain()).toEqual({ ...before, keepForRecovery: { isEnabled: false, days: 5 } });
    await expect(set({ keepForRecovery: { days: "5" } })).rejects.toThrow("(-32602)");
    await expect(set({ aliasList: [1] })).rejects.toThrow("(-32602)");
    const service = { authentication: { username: "x", password: "y" } };
    await set({ service });
    expect((await domain()).service.authentication).toMatchObject({ username: "x", password: "" });
    expect((await bare.call("Session.getDomain")).domain).toMatchObject({ name: "example.com" });
  });

  it("share no name, not even another one", async () => {
    await bare.call("Domains.create", { domains: [{ name: "second.example" }] });
    expect((await set({ aliasList: ["second.example"] })).errors[0].code).toBe(1001);
    expect((await set({ aliasList: ["third.example"] })).errors).toEqual([]);
    const { errors } = await bare.call("Domains.create", { domains: [{ name: "third.example" }, { name: "a..b" }] });
    expect(errors.map((each: { code: number }) => each.code)).toEqual([1001, 1000]);
  });

  it("share no name that one of them is going to have", async () => {
    const { result } = await bare.call("Domains.create", { domains: [{ name: "second.example" }] });
    const rename = (domainId: string, newName: string) => bare.call("Domains.rename", { domainId, newName });
    await rename(bare.domain, "new.example");
    await rename(bare.domain, "New.example");
    await expect(rename(result[0].id, "NEW.example")).rejects.toThrow("(1001)");
    const { errors } = await bare.call("Domains.create", { domains: [{ name: "new.example" }] });
    expect(errors).toMatchObject([{ code: 1001 }]);
    await rename(bare.domain, "newer.example");
    await rename(result[0].id, "new.example");
    finishRenames(bare.engine);
    expect(bare.engine.state.domains.map(({ name }) => name)).toEqual(["newer.example", "new.example"]);
  });

  it("may be named anew while the server is set up, and keep what has been made", async () => {
    const fresh = new BareEngine({}, "first-run");
    try {
      await fresh.call("Init.createPrimaryDomain", { domainName: "example.com" });
      await fresh.call("Init.createAdministratorAccount", { loginName: "jdoe", password: "Xk7-pretty-long" });
      await fresh.call("Init.createPrimaryDomain", { domainName: "Example.org" });
      await fresh.call("Init.finish");
      saveState(fresh.engine.programDir, fresh.engine.state);
      const { domains, users } = loadState(fresh.engine.programDir);
      expect(domains).toMatchObject([{ name: "example.org", isPrimary: true }]);
      expect(users).toMatchObject([{ loginName: "jdoe", domainId: domains[0]?.id }]);
    } finally {
      fresh.remove();
    }
  });

  it("are renamed with the next start, or at once", async () => {
    mkdirSync(join(bare.engine.store, "mail/example.com/jdoe"), { recursive: true });
    const rename = (newName: string) => bare.call("Domains.rename", { domainId: bare.domain, newName });
    expect((await rename("new.example")).error).toMatchObject({ type: "clSuccess", conflictList: [] });
    expect(await domain()).toMatchObject({
      name: "example.com",
      renameInfo: { isRenamed: true, oldName: "example.com", newName: "new.example" },
    });
    saveState(bare.engine.programDir, bare.engine.state);
    Object.assign(bare.engine.state, loadState(bare.engine.programDir));
    finishRenames(bare.engine);
    expect(await domain()).toMatchObject({
      name: "new.example",
      aliasList: ["example.com"],
      renameInfo: { isRenamed: false },
    });
    expect(existsSync(join(bare.engine.store, "mail/new.example/jdoe"))).toBe(true);
    bare.engine.switches.choose("domain-rename", "at-once");
    await rename("third.example");
    expect((await domain()).aliasList).toEqual(["example.com", "new.example"]);
    await expect(rename("example.com")).rejects.toThrow("(1001)");
  });
});

describe("the server", () => {
  it("changes its built-in administrator, and keeps an empty password out", async () => {
    const chief = await bare.as("FullAdmin");
    const set = (setting: object) => bare.call("Server.setRemoteAdministration", { setting }, chief);
    const { setting } = await bare.call("Server.getRemoteAdministration");
    expect(setting).toMatchObject({
      builtInAdminEnabled: true,
      builtInAdminUsername: "Admin",
      builtInAdminPassword: "",
    });
    await set({ ...setting, builtInAdminUsername: "Root" });
    const { sessions } = bare.engine;
    expect(sessions.judge(bare.engine, "Root", "Secret-7").outcome).toBe("in");
    await bare.user("boss");
    await expect(set({ builtInAdminUsername: "boss" })).rejects.toThrow("(1001)");
    await expect(
      bare.call("Server.setRemoteAdministration", { setting: { builtInAdminEnabled: false } }),
    ).rejects.toThrow("(1004)");
    await set({ builtInAdminEnabled: false });
    expect(sessions.judge(bare.engine, "Root", "Secret-7").outcome).toBe("refused");
  });

  it("speaks as 10.0.9 Patch 2, build 10320", async () => {
    const { productVersion } = await bare.call("Version.getProductVersion");
    expect(productVersion).toMatchObject({ major: 10, minor: 0, revision: 9, build: 10320 });
    expect(productVersion).toMatchObject({ releaseType: "Patch", order: 2 });
    expect((await bare.call("Server.getProductInfo")).info.releaseType).toBe("Patch");
  });

  it("tells columns, connections, alerts, and makes directories", async () => {
    await bare.user("jdoe");
    const { columns } = await bare.call("Server.getColumnList", { objectName: "Users", methodName: "get" });
    expect(columns).toEqual(expect.arrayContaining(["loginName", "effectiveRole"]));
    expect((await bare.call("Server.getConnections", { query: {} })).list[0]).toMatchObject({ user: "Admin" });
    expect((await bare.call("Server.getAlertList")).alerts).toEqual([]);
    for (let count = 1; count < 25; count += 1) await bare.user(`u${count}`);
    expect((await bare.call("Server.getAlertList")).alerts).toEqual([]);
    bare.engine.environment.licenceSeats = 24;
    expect((await bare.call("Server.getAlertList")).alerts).toMatchObject([{ alertName: "LicenseTooManyUsers" }]);
    const path = join(bare.engine.programDir, "made/here");
    expect(await bare.call("Server.createPath", { path })).toEqual({ result: "directoryExists" });
    expect(await bare.call("Server.pathExists", { path })).toEqual({ result: "directoryExists" });
    expect(await bare.call("Server.createPath", { path: "not/absolute" })).toEqual({ result: "directoryDoesNotExist" });
    bare.engine.uploads.set("up", Buffer.from("no licence"));
    await expect(bare.call("Server.uploadLicense", { fileId: "up" })).rejects.toThrow("(1000)");
  });

  it("changes listeners of services, but not their state", async () => {
    const { services } = await bare.call("Services.get");
    const imap = services.find((each: { name: string }) => each.name === "IMAP");
    const listeners = [{ type: "Localhost", address: "127.0.0.1", port: 1143 }];
    const change = { services: [{ ...imap, listeners, howToStart: "Manual" }, { id: "none" }] };
    expect((await bare.call("Services.set", change)).errors).toMatchObject([{ inputIndex: 1, code: 1002 }]);
    const after = (await bare.call("Services.get")).services.find((each: { name: string }) => each.name === "IMAP");
    expect(after).toEqual({ ...imap, listeners, howToStart: "Manual" });
    await expect(bare.call("Services.set", { services: [{ id: imap.id, listeners: [{}] }] })).rejects.toThrow("-32602");
  });

  it("moves its paths: the backup's at once, the store's with the next start", async () => {
    const { options } = await bare.call("AdvancedOptions.get");
    const store = join(bare.engine.programDir, "elsewhere");
    const set = (storeDirectory: object) => bare.call("AdvancedOptions.set", { options: { storeDirectory } });
    await expect(set({ storePath: store })).rejects.toThrow("(1000)");
    mkdirSync(store);
    await set({ storePath: `${store}/`, backupPath: "/tmp/backups/" });
    const { storeDirectory } = (await bare.call("AdvancedOptions.get")).options;
    expect(storeDirectory).toEqual({ ...options.storeDirectory, backupPath: "/tmp/backups/" });
    bare.engine.finishWaiting();
    expect(bare.engine.store).toBe(store);
  });
});

describe("logs and counters", () => {
  it("tell what has happened", async () => {
    keepLogs(bare.engine);
    const jdoe = await bare.user("jdoe");
    const bytes = Buffer.from("Subject: x\r\n\r\n");
    const mail = { queueId: "q1", sender: "a@example.org", bytes };
    deliver(bare.engine, { ...mail, recipient: "jdoe@example.com" });
    deliver(bare.engine, { ...mail, recipient: "nobody@example.com" });
    const application = { name: "", vendor: "", version: "" };
    const login = { userName: "Admin", password: "wrong", application };
    await bare.call("Session.login", login).catch(() => undefined);
    await bare.call("Users.remove", {
      requests: [{ userId: jdoe.id, method: "UDeleteUser", removeReferences: false, targetUserId: "" }],
    });
    const get = async (logName: string) =>
      (await bare.call("Logs.get", { logName, fromLine: 0, countLines: -1 })).viewport
        .map((line: { content: string }) => line.content)
        .join("\n");
    expect(await get("mail")).toMatch(/^\[\d\d\/\w{3}\/\d{4} [\d:]{8}\] Recv: .*To: <jdoe@example.com>\n.*Rejected: /);
    expect(await get("config")).toMatch(/Admin - Users\.create\n.*Admin - Users\.remove/);
    expect(await get("security")).toContain("Failed login of Admin");
    expect(await get("warning")).toContain("User jdoe@example.com was removed (UDeleteUser).");
    const search = { logName: "mail", what: "REJECTED", fromLine: 0, toLine: -1, forward: true };
    expect(await bare.call("Logs.search", search)).toEqual({ firstLine: 1, totalItems: 2 });
    const last = await bare.call("Logs.get", { logName: "mail", fromLine: -1, countLines: 1 });
    expect(last).toMatchObject({ viewport: [{ content: expect.stringContaining("Rejected") }], totalItems: 2 });
    const { logSet } = await bare.call("Logs.getLogSet");
    expect(logSet.map((each: { logName: string }) => each.logName).sort()).toEqual(
      "audit config debug error mail operations security spam warning".split(" "),
    );
    expect(await get("audit")).toBe("");
    await bare.call("Logs.clear", { logName: "mail" });
    expect(await get("mail")).toBe("");
    const { statistics } = await bare.call("Statistics.get");
    expect(statistics).toMatchObject({
      received: { count: "1", volume: { value: 14, units: "Bytes" } },
      failures: { permanentFailures: "1" },
      smtpServer: { acceptedMessages: "1", rejectedRelays: "0" },
    });
    await bare.call("Statistics.reset");
    expect((await bare.call("Statistics.get")).statistics.received.count).toBe("0");
  });

  it("show the queue of a held service", async () => {
    const queue = new Queue(bare.engine);
    Object.assign(bare.engine, { queue, runQueue: () => queue.run() });
    await bare.user("jdoe");
    for (const to of ["jdoe@example.com", "nobody@example.com"])
      queue.accept("a@example.org", [to], Buffer.from("x\r\n\r\n"));
    const get = (query: object = {}) => bare.call("Queue.get", { query });
    const { list, totalItems, volume } = await get({ orderBy: [{ columnName: "to" }] });
    expect(list).toMatchObject([{ from: "a@example.org", to: "jdoe@example.com" }, { to: "nobody@example.com" }]);
    expect([totalItems, volume]).toEqual([2, { value: 10, units: "Bytes" }]);
    expect((await bare.call("Statistics.get")).statistics.storedInQueue.count).toBe("2");
    expect(await bare.call("Queue.remove", { messageIds: [list[1].id, "../../users"] })).toEqual({ deleteItems: 1 });
    expect((await get()).totalItems).toBe(1);
    bare.engine.switches.choose("queue-while-held", "deliver");
    await bare.call("Queue.run");
    expect((await get()).totalItems).toBe(0);
  });
});

describe("what stands beside accounts", () => {
  it("companies and templates are kept through a start", async () => {
    const company = { name: "Example Ltd", domainId: bare.domain, phone: "1", address: { locality: "Town" } };
    const made = await bare.call("CompanyContacts.create", { companyContacts: [company, company, { name: " " }] });
    expect(made.errors.map((each: { code: number }) => each.code)).toEqual([1001, 1000]);
    const template = { name: "standard", diskSizeLimit: { isActive: true, limit: { value: 1, units: "GigaBytes" } } };
    await bare.call("UserTemplates.create", { userTemplates: [template] });
    saveState(bare.engine.programDir, bare.engine.state);
    Object.assign(bare.engine.state, loadState(bare.engine.programDir));
    const { list } = await bare.call("CompanyContacts.get", { query: {}, domainId: bare.domain });
    expect(list).toMatchObject([{ ...company, address: { locality: "Town", zip: "" } }]);
    const ids = [list[0].id];
    await bare.call("CompanyContacts.set", { companyContactIds: ids, pattern: { phone: "2" } });
    const available = await bare.call("CompanyContacts.getAvailable", { domainId: bare.domain });
    expect(available.companyContactList).toMatchObject([{ phone: "2", name: "Example Ltd" }]);
    await bare.call("CompanyContacts.remove", { companyContactIds: ids });
    expect((await bare.call("CompanyContacts.get", { query: {} })).list).toEqual([]);
    expect((await bare.call("UserTemplates.get", { query: {} })).userTemplateList).toMatchObject([template]);
  });

  it("public folders are told by what they hold", async () => {
    const [domain] = bare.engine.state.domains;
    storeMessage(bare.engine.publicFolder(domain!, "Info"), Buffer.from("x"));
    const people = bare.engine.publicFolder(domain!, "People");
    storeMessage(people, Buffer.from("x"), { itemClass: "IPM.Contact" });
    ensureFolder(join(people, "Old"), "anyone@example.com");
    const mail = await bare.call("Aliases.getMailPublicFolderList", { domainId: bare.domain });
    const names = (list: { name: string }[]) => list.map((each) => each.name).sort();
    expect(names(mail.publicFolderList)).toEqual(["Info", "People/Old"]);
    const contacts = await bare.call("Users.getContactPublicFolderList", { domainId: bare.domain });
    expect(names(contacts.publicFolders)).toEqual(["People"]);
  });

  it("public folders are one set for all domains where they are not each domain's own", async () => {
    const { result } = await bare.call("Domains.create", { domains: [{ name: "second.example" }] });
    const shown = async (domainId: string) =>
      (await bare.call("Aliases.getMailPublicFolderList", { domainId })).publicFolderList.map(
        (each: { name: string }) => each.name,
      );
    storeMessage(bare.engine.publicFolder(bare.engine.state.domains[0]!, "Own"), Buffer.from("x"));
    expect([await shown(bare.domain), await shown(result[0].id)]).toEqual([["Own"], []]);
    const { setting } = await bare.call("Domains.getSettings");
    expect(setting.publicFoldersPerDomain).toBe(true);
    await bare.call("Domains.setSettings", { setting: { publicFoldersPerDomain: false } });
    storeMessage(bare.engine.publicFolder(bare.engine.state.domains[0]!, "Common"), Buffer.from("x"));
    expect([await shown(bare.domain), await shown(result[0].id)]).toEqual([["Common"], ["Common"]]);
    expect(existsSync(join(bare.engine.store, "mail/#public/Common"))).toBe(true);
  });

  it("devices are listed, wiped, and forgotten", async () => {
    const demo = new BareEngine({}, "demo");
    try {
      const userId = demo.engine.state.users[0]?.id;
      const list = async () => (await demo.call("Users.getMobileDeviceList", { userId, query: {} })).list;
      const [device] = await list();
      const { deviceId } = device;
      const act = (name: string) => demo.call(`Users.${name}`, { userId, deviceId });
      await expect(act("cancelWipeMobileDevice")).rejects.toThrow("(1000)");
      await act("wipeMobileDevice");
      expect(await list()).toMatchObject([{ status: "DevStatWipeInitiated" }]);
      await act("cancelWipeMobileDevice");
      await act("removeMobileDevice");
      expect(await list()).toEqual([]);
      await expect(act("wipeMobileDevice")).rejects.toThrow("(1002)");
    } finally {
      demo.remove();
    }
  });

  it.each([
    ["of-account", 0],
    ["of-mailbox", 1],
  ])("mobile-devices=%s: whose devices an account has that adopts a mailbox", async (value, adopted) => {
    const demo = new BareEngine({ "mobile-devices": value }, "demo");
    try {
      const { engine } = demo;
      seedMail(engine);
      const userId = engine.state.users[0]?.id ?? "";
      const list = async (id: string) => (await demo.call("Users.getMobileDeviceList", { userId: id, query: {} })).list;
      const [{ deviceId }] = await list(userId);
      await demo.call("Users.wipeMobileDevice", { userId, deviceId });
      const mailOf = (name: string) => join(engine.store, "mail/example.com", name);
      renameSync(mailOf("jdoe"), mailOf("jane"));
      const { id } = await demo.user("jane");
      expect(await list(id)).toMatchObject(Array(adopted).fill({ deviceId, status: "DevStatWipeInitiated" }));
      expect(await list(userId)).toHaveLength(1 - adopted);
    } finally {
      demo.remove();
    }
  });

  it("services beside the server may ask for a login", async () => {
    const user = await bare.user("jdoe");
    const ask = async (password: string) =>
      (
        await bare.call("Users.authenticateConnectionFromExternalService", {
          userName: "jdoe@example.com",
          password: Buffer.from(password).toString("base64"),
          service: "IM",
          connectionId: "1",
          isSecure: true,
        })
      ).result;
    expect(await ask("Xk7-pretty-long")).toBe("AuthOK");
    expect(await ask("wrong")).toBe("AuthFail");
    await bare.call("Users.set", { userIds: [user.id], pattern: { isEnabled: false } });
    expect(await ask("Xk7-pretty-long")).toBe("AuthUserDisabled");
    for (let count = 0; count < 3; count += 1) await ask("wrong");
    expect(await ask("Xk7-pretty-long")).toBe("AuthTryLater");
  });
});
