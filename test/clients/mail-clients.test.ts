import { spawnSync } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "../rename/stage";
import { makeUser } from "../simulator-engine/people";
import { imapflowClient, pythonClient, type Mailbox, type MailClient, type MailServer } from "./mail-client";

const hasPython = spawnSync("python3", ["-c", "import ssl, imaplib, smtplib"]).status === 0;
const withoutPython = "python3 with ssl, imaplib and smtplib is not on this machine";

const jdoe = { user: `jdoe@${domain}`, password: "Orchard.7.Gate" };
const jsmith = { user: `jsmith@${domain}`, password: "Meadow.9.Stone" };
/** Who jdoe has become. */
const renamed = { user: `j.doe@${domain}`, password: "" };

/** Mail programs by name, each with the reason why it cannot be had here. */
const clients: readonly (readonly [string, (server: MailServer) => MailClient, string | undefined])[] = [
  ["imapflow and nodemailer", imapflowClient, undefined],
  ["Python's imaplib and smtplib", pythonClient, hasPython ? undefined : withoutPython],
];
const present = clients.filter(([, , missing]) => missing === undefined);

/** What each mail program saw before the rename, by its name. */
const before = new Map<string, Mailbox>();

let simulator: Simulator;
let server: MailServer;
let plugin: Provider;
beforeAll(async () => {
  simulator = await stage();
  const { services } = await simulator.adminCall<{ services: { name: string; listeners: { port: number }[] }[] }>(
    "Services.get",
  );
  const at = (name: string) => {
    const port = services.find((each) => each.name === name)?.listeners[0]?.port ?? 0;
    return { host: simulator.info.imap.host, port };
  };
  server = { ...simulator.info, secureImap: at("Secure IMAP"), secureSmtp: at("Secure SMTP") };
  await makeUser(simulator, "jsmith", { password: jsmith.password });
  for (const [name, open] of present) {
    const client = open(server);
    await client.send(jdoe, jdoe.user, jsmith.user, letter(name, "to jsmith", jsmith.user));
    await client.send(jsmith, jsmith.user, jdoe.user, letter(name, "to jdoe", jdoe.user));
  }
  for (const [name, open] of present) before.set(name, await open(server).read(jdoe));
  plugin = provider(settingsOf(simulator));
  const result = await plugin.coordinator.create(renameRequest("jdoe", "j.doe", await idOf(simulator, "jdoe")));
  renamed.password = result.initialPassword ?? "";
});
afterAll(async () => {
  await plugin?.close().catch(() => undefined);
  await simulator?.stop();
});

describe.each(clients)("%s", (name, open, missing) => {
  beforeEach(({ skip }) => {
    if (missing !== undefined) skip(missing);
  });

  it("has sent and read before the rename", async () => {
    const { folders, messages, sent } = before.get(name) as Mailbox;
    expect(Object.values(sent)).toContainEqual(letter(name, "to jsmith", jsmith.user));
    expect(folders).toEqual(expect.arrayContaining(["INBOX", "Sent Items", "Deleted Items"]));
    expect(Object.values(messages)).toHaveLength(3 + present.length);
    expect(Object.values(messages)).toContainEqual(letter(name, "to jdoe", jdoe.user));
    const { messages: others } = await open(server).read(jsmith);
    expect(Object.values(others)).toContainEqual(letter(name, "to jsmith", jsmith.user));
  });

  it("reads the same bytes under the new login, as they lie on disk", async () => {
    const now = await open(server).read(renamed);
    const then = before.get(name) as Mailbox;
    expect(now.folders).toEqual(then.folders);
    expect(now.messages).toMatchObject(then.messages);
    expect(now.sent).toMatchObject(then.sent);
    const files = join(simulator.info.store, "mail", domain, "j.doe/INBOX/#msgs");
    const stored = await Promise.all((await readdir(files)).sort().map((file) => readFile(join(files, file))));
    expect(Object.values(now.messages)).toEqual(stored);
  });

  it("reaches the new mailbox by the old address, and sends under the new one", async () => {
    const client = open(server);
    await client.send(jsmith, jsmith.user, jdoe.user, letter(name, "to the old address", jdoe.user));
    expect(Object.values((await client.read(renamed)).messages)).toContainEqual(
      letter(name, "to the old address", jdoe.user),
    );
    await client.send(renamed, renamed.user, jsmith.user, letter(name, "from the new address", jsmith.user));
    expect(Object.values((await client.read(jsmith)).messages)).toContainEqual(
      letter(name, "from the new address", jsmith.user),
    );
  });

  it("is refused with the old login, which leaves no directory behind", async () => {
    expect(await open(server).isRefused(jdoe)).toEqual({ imap: true, smtp: true });
    expect(await open(server).isRefused({ ...renamed, password: jdoe.password })).toMatchObject({ imap: true });
    const directories = await simulator.control.directories(domain);
    expect(directories.map((each) => each.name).sort()).toEqual(["j.doe", "jsmith"]);
  });
});

/** A letter with what mail programs and servers like to change: a dot line, bytes that are no text, trailing space. */
function letter(client: string, subject: string, to: string): Buffer {
  const lines = [`To: <${to}>`, `Subject: ${subject}`, `X-Client: ${client}`, "", ".", "..", "\xe9\xff \t", "", ""];
  return Buffer.from(lines.join("\r\n"), "latin1");
}
