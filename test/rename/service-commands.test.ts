import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ServerSettings } from "../../provider/config";
import type { Simulator } from "../helpers/start-simulator";
import { pictureOf } from "../security/untouched";
import { layoutOf } from "../simulator/host/layout";
import { quoted } from "../simulator/host/quoted";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

const service = {
  stopCommand: "docker stop --time 60 'kerio connect'",
  startCommand: "docker start 'kerio connect' >/dev/null",
  statusCommand: "docker top 'kerio connect' | grep -q mailserver",
};

let simulator: Simulator;
let plugin: Provider | undefined;

/** A host on which no init system knows the server; a command `docker` controls it. */
beforeAll(async () => {
  simulator = await stage({ switches: { "init-system": "sysv" } });
  const { binDir, initScript, programDir } = layoutOf(simulator.state);
  for (const name of ["service", "kerio-connect"]) rmSync(join(binDir, name));
  const lines = [
    "#!/bin/sh",
    `init=${quoted(initScript)} once=${quoted(inState("once"))}`,
    "verb=$1; for name; do :; done",
    '[ "$name" = "kerio connect" ] || { echo "No such container: $name" >&2; exit 1; }',
    'if [ -e "$once.$verb" ]; then rm "$once.$verb"; echo "daemon: try again" >&2; exit 125; fi',
    "case $verb in",
    '  top) "$init" status >/dev/null && echo "PID COMMAND" && echo "1 /opt/kerio/mailserver/mailserver" ;;',
    '  stop | start) "$init" "$verb" ;;',
    "esac",
  ];
  writeFileSync(join(binDir, "docker"), `${lines.join("\n")}\n`, { mode: 0o755 });
  await simulator.deliver({ to: `asmith@${domain}`, subject: "hers" });
  mkdirSync(inState("volume"));
  for (const name of ["mailserver.cfg", "users.cfg"]) symlinkSync(join(programDir, name), inState("volume", name));
});

afterEach(async () => {
  await plugin?.close();
  plugin = undefined;
});

afterAll(() => simulator?.stop());

const inState = (...names: string[]) => join(simulator.state, ...names);

/** The server's configuration where no process of the host was started from: that of a container is seen by nobody. */
const container = (): Partial<ServerSettings> => ({ service, programDirectory: inState("volume") });

/** Has `docker` fail the next time it is asked for this. */
const failOnce = (verb: "stop" | "start") => writeFileSync(inState(`once.${verb}`), "");

async function rename(from: string, to: string, change: Partial<ServerSettings>): Promise<unknown> {
  const settings = settingsOf(simulator);
  plugin = provider({ ...settings, timeouts: { ...settings.timeouts, stop: 3, start: 10, supervisor: 6 }, ...change });
  return plugin.coordinator.create(renameRequest(from, to, await idOf(simulator, from)));
}

/** Renames, and sees the same mailbox under the new name, an alias for the old one, and the services as they were. */
async function expectRename(from: string, to: string, change: Partial<ServerSettings>): Promise<void> {
  const before = await picture(simulator);
  const stops = (await simulator.control.downtimes()).length;
  await rename(from, to, change);
  const after = await picture(simulator);
  expect(after.names).toEqual(before.names.map((name) => (name === from ? to : name)).sort());
  expect(after.directories[to]).toEqual(before.directories[from]);
  expect(after.directories[from]).toBeUndefined();
  expect(after.messages(to)).toEqual(before.messages(from));
  expect(after.aliases[from]).toEqual([`${to}@${domain}`]);
  expect(after.services).toEqual(before.services);
  const downtimes = (await simulator.control.downtimes()).slice(stops);
  expect(downtimes).toEqual([expect.objectContaining({ orderly: true, to: expect.any(String) as string })]);
}

describe("a rename on a host where no service of the server is found", () => {
  it.each([
    [
      "without configured commands",
      "kerio:stopCommand, kerio:startCommand and kerio:statusCommand",
      () => ({ programDirectory: inState("volume") }),
    ],
    [
      "with a status command that denies a server that answers",
      "kerio:statusCommand does not end with 0",
      () => ({ ...container(), service: { ...service, statusCommand: "docker top kerio" } }),
    ],
  ])("is refused before anything is touched %s", async (_, told, change) => {
    const before = await pictureOf(simulator, domain);
    const refused = rename("jdoe", "jsmith", change());
    await expect(refused).rejects.toMatchObject({ code: "HOST_UNSUITABLE" });
    await expect(refused).rejects.toThrow(told);
    expect(await pictureOf(simulator, domain)).toEqual(before);
  });

  it("goes through the configured commands", () => expectRename("asmith", "bsmith", { service }));

  it("is rolled back when the stop command fails", { timeout: 120_000 }, async () => {
    const before = await picture(simulator);
    const stops = (await simulator.control.downtimes()).length;
    failOnce("stop");
    const failed = rename("jdoe", "jsmith", container());
    await expect(failed).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
    await expect(failed).rejects.toThrow("the stop command ended with code 125: daemon: try again");
    const after = await picture(simulator);
    expect(after.names).toEqual(before.names);
    expect(after.directories).toEqual(before.directories);
    expect(after.account("jdoe")).toEqual(before.account("jdoe"));
    expect(after.services).toEqual(before.services);
    expect(await simulator.control.downtimes()).toHaveLength(stops);
  });

  it("goes through them where no process of the server is seen", () => expectRename("jdoe", "jsmith", container()));

  it("has a start command that failed repeated, and goes on", { timeout: 120_000 }, async () => {
    failOnce("start");
    await expect(rename("bsmith", "csmith", container())).rejects.toMatchObject({ code: "RENAME_OPEN" });
    expect(existsSync(inState("once.start"))).toBe(false);
    await plugin?.close();
    await expect.poll(async () => (await simulator.control.service()).running, { timeout: 30_000 }).toBe(true);
    await rename("bsmith", "csmith", container());
    const { names, aliases, directories } = await picture(simulator);
    expect(names).toEqual(["csmith", "jsmith"]);
    expect(aliases["bsmith"]).toEqual([`csmith@${domain}`]);
    expect(directories["csmith"]).toMatchObject({ messages: 1 });
  });
});
