import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { readIndex, writeFlags } from "../simulator/engine/index-file";
import { checkFolder, checkMailbox, storeMessage, visibleMessages } from "../simulator/engine/mailbox";
import { keepStoreChecked, storeCheckPause } from "../simulator/engine/store-check";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  bare = new BareEngine();
});
afterEach(() => {
  vi.useRealTimers();
  bare.remove();
});

it("the store is checked at the start and every six hours", async () => {
  const index = join(bare.engine.openMailbox(await bare.user("jdoe")), "INBOX", "index.fld");
  rmSync(index);
  keepStoreChecked(bare.engine);
  for (let count = 0; count < 2; count += 1) {
    expect(existsSync(index)).toBe(true);
    rmSync(index);
    vi.advanceTimersByTime(storeCheckPause - 1);
    expect(existsSync(index)).toBe(false);
    vi.advanceTimersByTime(1);
  }
  expect(existsSync(index)).toBe(true);
  expect(storeCheckPause).toBe(6 * 3_600_000);
});

it("a message that somebody puts beside the others under any hexadecimal name is one of them from then on", async () => {
  const inbox = join(bare.engine.openMailbox(await bare.user("jdoe")), "INBOX");
  storeMessage(inbox, Buffer.from("first"));
  for (const file of ["b1.eml", "000000AB.eml", "00000000000000c1.eml", "1.eml", "ffffffffff.eml"])
    writeFileSync(join(inbox, "#msgs", file), `text of ${file}`);
  writeFileSync(join(inbox, "#msgs", "letter.eml"), "no number");
  expect(checkFolder(inbox)).toBe(true);
  const files = readdirSync(join(inbox, "#msgs")).sort();
  expect(files).toHaveLength(7);
  for (const file of files.filter((each) => each !== "letter.eml")) expect(file).toMatch(/^[0-9a-f]{8}\.eml$/);
  expect(files).toEqual(
    expect.arrayContaining(["00000001.eml", "000000ab.eml", "000000b1.eml", "000000c1.eml", "letter.eml"]),
  );
  expect(readFileSync(join(inbox, "#msgs/00000001.eml"), "utf8")).toBe("first");
  expect(visibleMessages(join(inbox, ".."))).toHaveLength(6);
  expect(checkFolder(inbox)).toBe(false);
});

it("a message whose name leaves no room above it, or is that of a deleted one, takes no other's place", async () => {
  const mailbox = bare.engine.openMailbox(await bare.user("jdoe"));
  const messages = join(mailbox, "INBOX/#msgs");
  writeFileSync(join(mailbox, "INBOX/deleted.fld"), "60000000 2\n");
  for (const file of ["ffffffff.eml", "0.eml", "00.eml", "2.eml", "fffffffff.eml"])
    writeFileSync(join(messages, file), file);
  for (const file of ["a.eml", "b.eml"]) writeFileSync(join(mailbox, file), file);
  checkMailbox(mailbox);
  const files = readdirSync(messages);
  const texts = files.map((file) => readFileSync(join(messages, file), "utf8"));
  expect(texts.sort()).toEqual(["0.eml", "00.eml", "2.eml", "a.eml", "b.eml", "fffffffff.eml", "ffffffff.eml"].sort());
  for (const file of files) expect(file).toMatch(/^[0-9a-f]{8}\.eml$/);
  expect(files).not.toContain("00000002.eml");
  expect(visibleMessages(mailbox)).toHaveLength(7);
});

it("an index that is made anew keeps what it said of the messages that are still there", async () => {
  const mailbox = bare.engine.openMailbox(await bare.user("jdoe"));
  const inbox = join(mailbox, "INBOX");
  for (const text of ["one", "two"]) storeMessage(inbox, Buffer.from(text));
  writeFlags(
    inbox,
    new Map([
      [1, 0x5],
      [2, 0x1],
    ]),
  );
  rmSync(join(inbox, "#msgs/00000002.eml"));
  writeFileSync(join(inbox, "#msgs/00000007.eml"), "dropped");
  expect(checkFolder(inbox)).toBe(true);
  expect(readIndex(inbox)).toMatchObject([
    { uid: 1, flags: 0x5 },
    { uid: 7, flags: 0 },
  ]);
  const calendar = join(mailbox, "Calendar");
  writeFileSync(join(calendar, "#msgs/00000001.eml"), "an appointment");
  checkFolder(calendar);
  storeMessage(calendar, Buffer.from("another"));
  expect(readFileSync(join(calendar, "index.fld"), "utf8").match(/C\S+/g)).toEqual([
    "CIPM.Appointment",
    "CIPM.Appointment",
  ]);
});

it("a line that says when a message was received goes by that", async () => {
  const inbox = join(bare.engine.openMailbox(await bare.user("jdoe")), "INBOX");
  appendFileSync(join(inbox, "index.fld"), "U1 F0 S3 D50000000 M50000000 T60000000 I1 CIPM.Note\n");
  expect(readIndex(inbox)).toEqual([{ uid: 1, flags: 0, createdAt: 0x60000000 }]);
});

it("public folders are checked, one set for all domains as well, and say who may read them", () => {
  const { engine } = bare;
  const domain = engine.primaryDomain;
  if (!domain) throw new Error("no domain");
  const own = engine.publicFolder(domain, "Info");
  engine.state.settings.publicFoldersPerDomain = false;
  const shared = engine.publicFolder(domain, "Info");
  expect(shared).not.toBe(own);
  for (const folder of [own, shared]) {
    expect(readFileSync(join(folder, "acl.fld"), "utf8")).toBe("anyone@example.com lr\n");
    rmSync(join(folder, "index.fld"));
  }
  mkdirSync(join(shared, "../Empty"));
  keepStoreChecked(engine);
  for (const folder of [own, shared]) expect(existsSync(join(folder, "index.fld"))).toBe(true);
});
