import { unzipSync } from "fflate";
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepLogs } from "../simulator/engine/event-log";
import { storeMessage } from "../simulator/engine/mailbox";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(async () => {
  bare = new BareEngine();
  keepLogs(bare.engine);
  for (const name of ["jdoe", "jsmith"]) {
    const inbox = join(bare.engine.openMailbox(await bare.user(name)), "INBOX");
    storeMessage(inbox, Buffer.from(`Subject: ${name}\r\n\r\n`));
  }
});
afterEach(() => bare.remove());

const status = async () => (await bare.call("Backup.getStatus")).status;

async function backUp(backupType: string): Promise<void> {
  await bare.call("Backup.start", { backupType });
  await expect.poll(async () => (await status()).backupInProgress, { timeout: 10_000 }).toBe(false);
}

const files = () => readdirSync(bare.engine.backupPath).sort();
const contents = (file: string) => unzipSync(readFileSync(join(bare.engine.backupPath, file)));
const messages = (file: string) => Object.keys(contents(file)).filter((name) => name.endsWith(".eml"));

describe("a backup", () => {
  it("is an archive of configuration, mailboxes and public folders as they are", async () => {
    storeMessage(
      bare.engine.publicFolder(bare.engine.state.domains[0]!, "Info"),
      Buffer.from("Subject: public\r\n\r\n"),
    );
    mkdirSync(join(bare.engine.store, "spamassassin"));
    writeFileSync(join(bare.engine.store, "spamassassin", "bayes_toks"), "learnt");
    bare.engine.save();
    // What has changed since then is in memory alone, and stays there.
    await bare.user("late");
    const kept = readFileSync(join(bare.engine.programDir, "users.cfg"), "utf8");
    await backUp("backupTypeFull");
    expect(await status()).toMatchObject({
      lastBackupStatus: "backupStatusSuccessful",
      percents: 100,
      lastFull: { isCreated: true },
      lastDifferential: { isCreated: false },
      lastMirror: { isCreated: false },
    });
    const all = contents(files()[0] ?? "");
    expect(Buffer.from(all["mail/example.com/jdoe/INBOX/#msgs/00000001.eml"] ?? []).toString()).toBe(
      "Subject: jdoe\r\n\r\n",
    );
    expect(kept).toContain("jsmith");
    expect(kept).not.toContain("late");
    expect(Buffer.from(all["users.cfg"] ?? []).toString()).toBe(kept);
    expect(readFileSync(join(bare.engine.programDir, "users.cfg"), "utf8")).toBe(kept);
    expect(existsSync(join(bare.engine.programDir, "users.cfg.bak"))).toBe(false);
    expect(Buffer.from(all["spamassassin/bayes_toks"] ?? []).toString()).toBe("learnt");
    expect(Object.keys(all)).toEqual(
      expect.arrayContaining(["mailserver.cfg", "mail/example.com/#public/Info/index.fld"]),
    );
  });

  it("tells how far it is while it runs", async () => {
    for (const name of ["asmith", "bsmith"]) bare.engine.openMailbox(await bare.user(name));
    const seen = new Set<number>();
    await bare.call("Backup.start", { backupType: "backupTypeFull" });
    for (let now = await status(); now.backupInProgress; now = await status()) {
      seen.add(now.percents);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([...seen]).toEqual([...seen].sort((left, right) => left - right));
    expect([...seen]).toEqual(expect.arrayContaining([0, 25, 50, 75]));
    expect((await status()).percents).toBe(100);
  });

  it("leaves out disabled accounts and symbolic links, and says so", async () => {
    const [jdoe] = bare.engine.state.users;
    await bare.call("Users.set", { userIds: [jdoe?.id], pattern: { isEnabled: false } });
    const mail = join(bare.engine.store, "mail/example.com");
    mkdirSync(join(bare.engine.programDir, "elsewhere"));
    symlinkSync(join(bare.engine.programDir, "elsewhere"), join(mail, "linked"));
    symlinkSync(join(bare.engine.programDir, "elsewhere"), join(mail, "jsmith/INBOX/inner"));
    await backUp("backupTypeMirror");
    const [file = ""] = files();
    expect(file).toMatch(/^C/);
    expect(messages(file)).toEqual(["mail/example.com/jsmith/INBOX/#msgs/00000001.eml"]);
    const { viewport } = await bare.call("Logs.get", { logName: "warning", fromLine: 0, countLines: -1 });
    const lines = viewport.map((line: { content: string }) => line.content).join("\n");
    expect(lines).toContain(`Backup has skipped symlink directory ${join(mail, "linked")}`);
    expect(lines).toContain(`Backup has skipped symlink directory ${join(mail, "jsmith/INBOX/inner")}`);
  });

  it("that is differential holds what is newer than the last full one", async () => {
    await backUp("backupTypeFull");
    const old = join(bare.engine.store, "mail/example.com/jdoe/INBOX/#msgs/00000001.eml");
    utimesSync(old, 1, 1);
    const later = storeMessage(join(bare.engine.store, "mail/example.com/jdoe/INBOX"), Buffer.from("new"));
    utimesSync(join(bare.engine.store, "mail/example.com/jsmith/INBOX/#msgs/00000001.eml"), 1, 1);
    await backUp("backupTypeDifferential");
    const [file = ""] = files();
    expect(file).toMatch(/^D/);
    expect(messages(file)).toEqual([`mail/example.com/jdoe/INBOX/#msgs/${later}`]);
  });

  it("is split into volumes, each an archive", async () => {
    await bare.call("Backup.set", { options: { splitSizeLimit: { value: 1, units: "KiloBytes" } } });
    const noise = Buffer.from(Array.from({ length: 3000 }, () => Math.floor(Math.random() * 256)));
    for (let count = 0; count < 3; count += 1)
      storeMessage(join(bare.engine.store, "mail/example.com/jdoe/INBOX"), noise);
    await backUp("backupTypeFull");
    expect(files().length).toBeGreaterThan(3);
    expect(files()).toContain(files()[0]?.replace(/(\.\d+)?\.zip$/, ".1.zip"));
    expect(files().flatMap(messages)).toHaveLength(5);
  });
});

describe("rotation", () => {
  it("keeps as many full ones and copies as it is told, and one differential", async () => {
    await bare.call("Backup.set", { options: { rotationLimit: 2 } });
    for (const type of ["Full", "Differential", "Mirror", "Differential", "Full"]) await backUp(`backupType${type}`);
    expect(
      files()
        .map((file) => file[0])
        .join(""),
    ).toBe("CDF");
    expect((await status()).lastMirror.isCreated).toBe(true);
  });
});

describe("starting one", () => {
  it("is refused while one runs, and when it is switched off", async () => {
    await bare.call("Backup.start", { backupType: "backupTypeFull" });
    await expect(bare.call("Backup.start", { backupType: "backupTypeFull" })).rejects.toThrow("in progress");
    await expect.poll(async () => (await status()).backupInProgress).toBe(false);
    await bare.call("Backup.set", { options: { isEnabled: false } });
    await expect(bare.call("Backup.start", { backupType: "backupTypeFull" })).rejects.toThrow("not enabled");
    await expect(bare.call("Backup.start", { backupType: "full" })).rejects.toThrow("-32602");
  });

  it("fails in the open when the path is none", async () => {
    writeFileSync(join(bare.engine.programDir, "file"), "");
    const backupPath = join(bare.engine.programDir, "file", "below");
    await bare.call("Backup.set", { options: { paths: { backupPath } } });
    await backUp("backupTypeFull");
    expect((await status()).lastBackupStatus).toBe("backupStatusFailed");
  });

  it("has a schedule that is kept", async () => {
    const { scheduleList } = await bare.call("Backup.getScheduleList", { query: {} });
    expect(scheduleList).toHaveLength(7);
    const full = [{ fieldName: "type", comparator: "Eq", value: "backupTypeFull" }];
    const found = await bare.call("Backup.getScheduleList", { query: { fields: ["day"], conditions: full } });
    expect(found).toEqual({ scheduleList: [{ day: "Sunday" }] });
    await bare.call("Backup.setScheduleList", { scheduleList: scheduleList.slice(0, 1) });
    expect((await bare.call("Backup.getScheduleList", { query: {} })).scheduleList).toEqual(scheduleList.slice(0, 1));
  });
});
