import { afterAll, beforeAll, expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { inspectHost } from "../../provider/host/facts";
import type { Simulator } from "../helpers/start-simulator";
import { domain, idOf, provider, renameRequest, settingsOf, stage } from "../rename/stage";
import { pictureOf } from "../security/untouched";
import { layoutOf } from "../simulator/host/layout";
import { LocalSession } from "./local-session";
import { startWindowsHost, type WindowsShell } from "./windows-host";

let simulator: Simulator;
let scratch: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "windows-host-"));
  simulator = await stage();
});

afterAll(async () => {
  await simulator?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const manual =
  "http://manuals.gfi.com/en/kerio/connect/content/server-configuration/accounts/renaming-user-account-243";

test.each<[WindowsShell, number]>([
  ["cmd.exe", 2],
  ["PowerShell", 2],
  ["Git Bash", 3],
])(
  "a rename on a Windows host with %s is refused with the manual procedure, before anything is touched",
  async (shell, commands) => {
    const host = await startWindowsHost(shell, { tools: layoutOf(simulator.state).toolsDir, scratch });
    const ssh = {
      host: "127.0.0.1",
      port: host.port,
      user: "Administrator",
      auth: { kind: "key" as const, privateKey: utils.generateKeyPairSync("ed25519").private },
      hostKey: host.hostKey,
    };
    const plugin = provider(settingsOf(simulator, { ssh }));
    const before = await pictureOf(simulator, domain);
    const refused = plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
    await expect(refused).rejects.toMatchObject({ code: "HOST_UNSUITABLE" });
    await expect(refused).rejects.toThrow(`mail host Administrator@127.0.0.1:${host.port}`);
    await expect(refused).rejects.toThrow("it runs Windows; renames work on Linux and macOS hosts only");
    await expect(refused).rejects.toThrow(manual);
    expect(await pictureOf(simulator, domain)).toEqual(before);
    expect(host.asked).toHaveLength(commands);
    expect(host.asked.at(-1)).toBe("cmd.exe /c ver");
    await plugin.close();
    await host.close();
  },
);

test("a server whose store is a path of Windows is refused, whatever shell the SSH login has", async () => {
  const session = new LocalSession({ PATH: "/nowhere" });
  const storePath = "C:\\Program Files\\Kerio\\MailServer\\store";
  const refused = inspectHost(session, { storePath, domains: [domain] });
  await expect(refused).rejects.toMatchObject({ code: "HOST_UNSUITABLE" });
  await expect(refused).rejects.toThrow(`the server names its store ${storePath}, so it runs on Windows`);
  await expect(refused).rejects.toThrow(manual);
  expect(session.sent).toEqual([]);
});
