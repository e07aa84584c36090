import { connect, createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSettings } from "../../provider/config";
import { domain, idOf, newcomer, provider, stage, type Provider } from "../rename/stage";
import type { Simulator } from "../helpers/start-simulator";

let simulator: Simulator;
let jdoe: string;
let door: Door;

beforeAll(async () => {
  simulator = await stage();
  jdoe = await idOf(simulator, "jdoe");
  door = await countingDoor(simulator.info.ssh.port);
});

afterAll(async () => {
  door?.close();
  await simulator?.stop();
});

const agent = { SSH_AUTH_SOCK: "/nonexistent/agent" };

/** A plugin process on a stack with the API's settings and these; they stand in the entry of the server, if one is named. */
function plugin(ssh: Record<string, unknown>, env: NodeJS.ProcessEnv, server = ""): Provider {
  const { adminUrl, admin, caFile } = simulator.info;
  const entry = { url: adminUrl, username: admin.user, password: admin.password, caFile, ...ssh };
  const config: Record<string, unknown> = server ? { servers: { [server]: entry } } : entry;
  const get = (key: string) => {
    const value = config[key.replace("kerio:", "")];
    return typeof value === "object" ? JSON.stringify(value) : (value as string | undefined);
  };
  return provider(readSettings({ get, env, directory: simulator.state, server }));
}

interface Door {
  port: number;
  connections(): number;
  close(): void;
}

/** A way to a port of this machine that counts who takes it. */
async function countingDoor(to: number): Promise<Door> {
  let count = 0;
  const door = createServer((outside) => {
    count++;
    const inside = connect(to, "127.0.0.1");
    for (const [one, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      one.pipe(other);
      one.on("error", () => other.destroy());
    }
  });
  await new Promise<void>((listening) => door.listen(0, "127.0.0.1", listening));
  return { port: (door.address() as AddressInfo).port, connections: () => count, close: () => void door.close() };
}

const rename = () => ({ domain, from: "jdoe", to: "jsmith", fromId: jdoe });

describe("a rename on a stack without a host key", () => {
  it.each(["an agent alone", "a port alone", "a key alone"])("%s: the preview shows the offered key", async (what) => {
    const { ssh } = simulator.info;
    const env = what === "an agent alone" ? agent : {};
    const given = { sshPort: door.port, ...(what === "a key alone" && { sshPrivateKeyFile: ssh.privateKeyFile }) };
    const commands = {
      "": `pulumi config set kerio:sshHostKey "${ssh.hostKey}"`,
      west: `pulumi config set --path 'kerio:servers.west.sshHostKey' "${ssh.hostKey}"`,
    };
    for (const [server, command] of Object.entries(commands)) {
      const { coordinator, close } = plugin(given, env, server);
      const before = door.connections();
      for (const { refusals } of await Promise.all([1, 2].map(() => coordinator.checkRename(rename())))) {
        expect(refusals).toHaveLength(1);
        for (const part of [command, "SHA256:", "sshHostKey is not set", "[HOST_KEY_UNKNOWN]"])
          expect(refusals[0]).toContain(part);
        expect(refusals[0]?.includes("sshPrivateKeyFile")).toBe(what === "a port alone");
      }
      // With a key, what earlier runs have left is looked for as well.
      if (what !== "a key alone") expect(door.connections() - before).toBe(1);
      await close();
    }
  });

  it("a stack that lives by the environment: the error names the variable, too", async () => {
    const { coordinator, close } = plugin({}, { ...agent, KERIO_SSH_PORT: String(door.port) });
    const { refusals } = await coordinator.checkRename(rename());
    expect(refusals.join()).toContain(
      `pulumi config set kerio:sshHostKey "${simulator.info.ssh.hostKey}", or KERIO_SSH_HOST_KEY`,
    );
    await close();
  });

  it("an agent, and nobody to rename: no connection", async () => {
    const { coordinator, lines, close } = plugin({ sshPort: door.port }, agent);
    const before = door.connections();
    const found = await coordinator.checkNewcomer({ ...newcomer("bdoe"), adopt: false, adoptMailbox: false });
    expect(found).toEqual({ refusals: [], warnings: [] });
    expect(await coordinator.fate("nobody")).toEqual({ kind: "gone" });
    expect(await coordinator.openRename(jdoe)).toBeUndefined();
    await coordinator.heardOf(jdoe);
    expect(door.connections()).toBe(before);
    expect(lines).toEqual([]);
    await close();
  });

  it("an agent, and a mail host that does not answer: the preview says which", async () => {
    const { coordinator, close } = plugin({ sshPort: 1 }, agent);
    const { refusals } = await coordinator.checkRename(rename());
    const told = "127.0.0.1:1 (check kerio:url (or set kerio:sshHost) and kerio:sshPort)";
    for (const part of ["no host key is set", told, "pulumi config set kerio:sshHostKey"])
      expect(refusals.join()).toContain(part);
    await close();
  });
});
