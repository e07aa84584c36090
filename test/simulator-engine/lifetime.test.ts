import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminCaller } from "../helpers/admin-caller";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { readConfigFile } from "../simulator/engine/config-files";
import { domainId, makeUser, removeUser, userRow } from "./people";
import { loginBody, rawCall } from "./raw-call";
import { post, rawSocket } from "./raw-socket";

let simulator: Simulator;
let programDir: string;
let mail: string;
beforeAll(async () => {
  simulator = await startSimulator({ seed: "demo" });
  programDir = join(simulator.info.store, "..");
  mail = join(simulator.info.store, "mail", "example.com");
});
afterAll(() => simulator?.stop());

it("has its store's directories after each start", async () => {
  const store = simulator.info.store;
  const parts = ["mail", "archive", "backup", "lists", "logs", "queue/pickup", "spamassassin", "tmp"];
  await simulator.control.command("stop");
  rmSync(join(store, "queue"), { recursive: true });
  await simulator.control.command("start");
  expect(parts.filter((part) => !existsSync(join(store, part)))).toEqual([]);
});

describe("the configuration files", () => {
  it("are written at an orderly stop, not at a kill, and bring everything back", async () => {
    const nasty = `<"&'> ü\n second line`;
    await makeUser(simulator, "survivor", { fullName: nasty, emailAddresses: ["sur"] });
    await simulator.adminCall("Aliases.create", {
      aliases: [
        { domainId: await domainId(simulator), name: "s*", deliverTo: "survivor@example.com", description: nasty },
      ],
    });
    const before = await simulator.control.truth();
    await simulator.control.command("stop");
    for (const file of ["mailserver.cfg", "users.cfg", "users.cfg.bak"]) {
      expect(statSync(join(programDir, file)).mode & 0o777).toBe(0o600);
    }
    const users = readConfigFile(join(programDir, "users.cfg")).lists["User"];
    expect(users?.map((each) => `${each["Name"]}@${each["Domain"]}`)).toContain("survivor@example.com");
    // The older generation, not a copy: as it was at the start.
    const older = readConfigFile(join(programDir, "users.cfg.bak")).lists["User"]?.map((each) => each["Name"]);
    expect(older).toContain("jdoe");
    expect(older).not.toContain("survivor");
    expect(readFileSync(join(programDir, "users.cfg"), "utf8")).not.toContain("Xk7-pretty-long");
    await simulator.control.command("start");
    const after = await simulator.control.truth();
    expect(after.accounts).toEqual(before.accounts);
    for (const rows of ["aliases", "groups", "mailingLists", "resources", "services"] as const) {
      expect(after[rows]).toEqual(before[rows]);
    }
    await makeUser(simulator, "lost");
    await simulator.control.command("kill");
    await expect.poll(async () => (await simulator.control.service()).active, { timeout: 15_000 }).toBe("active");
    expect(await userRow(simulator, "lost")).toBeUndefined();
    expect(await userRow(simulator, "survivor")).toMatchObject({ fullName: nasty });
  });

  it("count when they were edited during the stop, and are overwritten while the engine runs", async () => {
    const file = join(programDir, "users.cfg");
    const edit = () => writeFileSync(file, readFileSync(file, "utf8").replace("J. Doe", "Edited"));
    edit();
    await simulator.control.command("restart");
    expect(await userRow(simulator, "jdoe")).toMatchObject({ fullName: "J. Doe" });
    await simulator.control.command("stop");
    edit();
    await simulator.control.command("start");
    expect(await userRow(simulator, "jdoe")).toMatchObject({ fullName: "Edited" });
  });
});

describe("the store", () => {
  it("lets a mailbox be renamed as the vendor's article says", async () => {
    const [old] = (await simulator.control.truth()).accounts.filter((each) => each.name === "bjones");
    const messages = await simulator.control.messages("example.com", "bjones");
    const inode = statSync(join(mail, "bjones")).ino;
    await simulator.control.command("stop");
    renameSync(join(mail, "bjones"), join(mail, "bbrown"));
    await simulator.control.command("start");
    await simulator.deliver({ to: "bjones@example.com", subject: "stray" });
    expect(existsSync(join(mail, "bjones"))).toBe(true);
    await makeUser(simulator, "bbrown");
    await removeUser(simulator, old?.id ?? "", "UDeleteUser");
    expect(await userRow(simulator, "bbrown")).toMatchObject({ consumedItems: messages.length });
    expect(await simulator.control.messages("example.com", "bbrown")).toEqual(messages);
    expect(statSync(join(mail, "bbrown")).ino).toBe(inode);
    const rights = readFileSync(join(mail, "bbrown", "INBOX", "status.fld"), "utf8");
    expect(rights).toContain("bjones@example.com");
    await expect(simulator.deliver({ to: "bjones@example.com", subject: "gone" })).rejects.toThrow("550");
    const { adminCall } = simulator;
    const dirs = await adminCall<{ dirList: { name: string; hasSubdirectory: boolean }[] }>("Server.getDirs", {
      fullPath: mail,
    });
    expect(dirs.dirList).toContainEqual({ name: "bbrown", hasSubdirectory: true });
  });

  it("is checked at start: lost indexes come back, dropped messages reach the INBOX", async () => {
    const inbox = join(mail, "asmith", "INBOX");
    const index = readFileSync(join(inbox, "index.fld"), "utf8");
    rmSync(join(inbox, "index.fld"));
    writeFileSync(join(inbox, "#msgs", "000000ff.eml"), "Subject: copied in\r\n\r\n");
    writeFileSync(join(mail, "asmith", "stray.eml"), "Subject: dropped\r\n\r\n");
    await simulator.control.command("restart");
    expect(existsSync(join(mail, "asmith", "stray.eml"))).toBe(false);
    const rebuilt = readFileSync(join(inbox, "index.fld"), "utf8");
    expect(rebuilt.split("\n")).toHaveLength(index.split("\n").length + 2);
    expect(rebuilt).toMatch(/^Uff F0 S22 /m);
    expect(rebuilt).toMatch(/^U100 /m);
  });

  it("is backed up, without disabled accounts", async () => {
    const { accounts } = await simulator.control.truth();
    const jsmith = accounts.find((each) => each.name === "jsmith");
    await simulator.adminCall("Users.set", { userIds: [jsmith?.id], pattern: { isEnabled: false } });
    await simulator.adminCall("Backup.start", { backupType: "backupTypeFull" });
    type Status = { status: { backupInProgress: boolean; lastBackupStatus: string; percents: number } };
    const status = async () => (await simulator.adminCall<Status>("Backup.getStatus")).status;
    await expect.poll(async () => (await status()).backupInProgress).toBe(false);
    expect(await status()).toMatchObject({ lastBackupStatus: "backupStatusSuccessful", percents: 100 });
    const directory = join(simulator.info.store, "backup");
    const [archive = ""] = readdirSync(directory);
    expect(archive).toMatch(/^F\d{8}T\d{6}Z\.zip$/);
    const names = Object.keys(unzipSync(readFileSync(join(directory, archive))));
    expect(names).toContain("mail/example.com/asmith/INBOX/#msgs/000000ff.eml");
    expect(names.filter((name) => name.includes("jsmith"))).toEqual([]);
  });

  it("tells the start time, and a restart through the API moves it", async () => {
    const time = async () =>
      (await simulator.adminCall<{ info: { startTime: number } }>("Server.getServerTime")).info.startTime;
    const pid = (await simulator.control.service()).pid;
    const before = await time();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await simulator.adminCall("Server.restart");
    await expect
      .poll(
        async () => {
          const service = await simulator.control.service();
          return service.active === "active" && service.pid !== pid;
        },
        { timeout: 15_000 },
      )
      .toBe(true);
    expect(await time()).toBeGreaterThan(before);
  });
});

describe("the first set-up", () => {
  it("answers Init without a login until it is finished", async () => {
    const fresh = await startSimulator({ seed: "first-run" });
    try {
      const init = async (method: string, params: object = {}) =>
        (await rawCall(fresh.info, JSON.stringify({ jsonrpc: "2.0", id: 1, method: `Init.${method}`, params }))).text;
      const plain = () => fetch(`${fresh.info.adminUrl.replace("https:", "http:")}/admin/`, { redirect: "manual" });
      expect((await plain()).status).toBe(200);
      expect(await init("getMessageStorePath")).toContain("/store");
      expect(await init("createAdministratorAccount", { loginName: "jdoe", password: "x" })).toContain('"error"');
      expect(await init("createPrimaryDomain", { domainName: "example.com" })).toContain('"result":{}');
      expect(await init("createAdministratorAccount", { loginName: "jdoe", password: "Tz4-anything" })).toContain(
        '"result":{}',
      );
      // Who asks again at once must not be let in by the process that is about to go.
      const made = { ...fresh.info, admin: { user: "jdoe", password: "Tz4-anything" } };
      const hasty = await rawSocket(made);
      hasty.write(post('{"jsonrpc":"2.0","id":1,"method":"Init.finish"}'));
      await hasty.until((text) => text.includes('"result":{}'));
      hasty.write(post(loginBody(made, "2")));
      expect(await hasty.closed()).toMatch(/"id":1,"result":{}}$/);
      await expect
        .poll(() => new AdminCaller(made).call<object>("Session.whoAmI").catch(() => ({})), { timeout: 15_000 })
        .toHaveProperty("userDetails");
      expect(await init("getHostname")).toContain('"code":1004');
      expect((await plain()).status).toBe(302);
    } finally {
      await fresh.stop();
    }
    expect(existsSync(fresh.state)).toBe(false);
  });
});
