import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext } from "vitest";
import type { ServerSettings } from "../../provider/config";
import type { SshSettings } from "../../provider/host/session";
import { filesBelow } from "../helpers/files-below";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "../rename/picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage } from "../rename/stage";
import { needOpenSsh, startMachine, type Machine, type MachineChange } from "./machine";

/** A mail host of a test: the stand-in with its people, and the machine one logs in to. */
export interface Scene {
  simulator: Simulator;
  machine: Machine;
  /** Settings that reach it as root with the stand-in's key; `ssh` overlays them. */
  settings(ssh?: Partial<SshSettings>): ServerSettings;
}

/** Starts both, hands them to the work, and ends both; skips the test where no OpenSSH server can be had. */
export async function onMachine(
  context: TestContext,
  change: MachineChange,
  work: (scene: Scene) => Promise<void>,
  switches: Record<string, string> = {},
): Promise<void> {
  const layer = await needOpenSsh(context);
  const simulator = await stage({ switches });
  try {
    await withMachine(layer, simulator, change, work);
  } finally {
    await simulator.stop();
  }
}

/** Starts a machine beside a running stand-in, hands both to the work, and ends the machine. */
export async function withMachine(
  layer: string,
  simulator: Simulator,
  change: MachineChange,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const machine = await startMachine(layer, simulator, change);
  try {
    await work({ simulator, machine, settings: (ssh = {}) => settingsFor(simulator, machine, ssh) });
  } finally {
    await machine.stop();
  }
}

function settingsFor(simulator: Simulator, machine: Machine, ssh: Partial<SshSettings>): ServerSettings {
  const privateKey = readFileSync(simulator.info.ssh.privateKeyFile, "utf8");
  return settingsOf(simulator, {
    ssh: {
      host: "127.0.0.1",
      port: machine.port,
      user: "root",
      auth: { kind: "key", privateKey },
      hostKey: machine.hostKey,
      ...ssh,
    },
  });
}

/** Renames jdoe to jsmith as a resource would, and sees by the server's truth that all of it has come true. */
export async function renameWholly({ simulator }: Scene, settings: ServerSettings): Promise<void> {
  const plugin = provider(settings);
  try {
    const before = await picture(simulator);
    const id = await idOf(simulator, "jdoe");
    const result = await plugin.coordinator.create(renameRequest("jdoe", "jsmith", id));
    expect(result).toMatchObject({ address: `jsmith@${domain}`, notes: [] });
    await seeRenamed(simulator, before);
    expect(await simulator.control.downtimes()).toHaveLength(1);
    expect((await simulator.control.login("jsmith", result.initialPassword ?? "")).ok).toBe(true);
    await plugin.coordinator.heard(id);
    expect(await leftOnHost(simulator)).toEqual([expect.stringMatching(/^snapshots\/\w+\.closed\.json$/)]);
  } finally {
    await plugin.close();
  }
}

/** That jdoe of the picture is jsmith now, with everything that was theirs. */
export async function seeRenamed(simulator: Simulator, before: Awaited<ReturnType<typeof picture>>): Promise<void> {
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "jsmith"]);
  expect(after.directories.jsmith).toEqual(before.directories.jdoe);
  expect(after.directories).not.toHaveProperty("jdoe");
  expect(after.messages("jsmith")).toEqual(before.messages("jdoe"));
  expect(after.account("jsmith")).toMatchObject({ enabled: true, description: "accounting", emailAddresses: ["j.d"] });
  expect(after.text).not.toContain(before.account("jdoe").id);
  expect(after.groups).toEqual({ staff: ["jsmith"] });
  expect(after.lists).toEqual({ news: ["jsmith Moderator"] });
  expect(after.aliases).toEqual({ books: [`jsmith@${domain}`], jdoe: [`jsmith@${domain}`] });
  expect(after.services).toEqual(before.services);
}

/** Files of ours in root's home, without the copies of the server's configuration. */
export function leftOnHost(simulator: Simulator): Promise<string[]> {
  const files = filesBelow(join(simulator.state, "home/.pulumi-kerio"));
  return Promise.resolve(files.filter((file) => !file.startsWith("copies/")));
}
