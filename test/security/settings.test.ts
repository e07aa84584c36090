import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { readSettings } from "../../provider/config";
import { KerioError } from "../../provider/errors";
import { KerioClient, type ApiCall } from "../../provider/kerio/client";
import { Coordinator } from "../../provider/rename/coordinator";
import { Inventory } from "../../provider/rename/inventory";
import { silentLogger } from "../../provider/log";
import { domain, idOf, newcomer, provider, renameRequest, stage, type Provider } from "../rename/stage";
import { DynamicServer } from "../helpers/dynamic-server";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { newSshKey } from "../simulator/host/certificates";
import { callsSince, pictureOf } from "./untouched";

type Settings = Record<string, unknown>;

const wrongPassword = "Planted.Wrong.1";
let simulator: Simulator;
let jdoe: string;
let silent: Server;
let silentPort: number;

beforeAll(async () => {
  simulator = await stage();
  jdoe = await idOf(simulator, "jdoe");
  silent = createServer(() => undefined);
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  silentPort = (silent.address() as AddressInfo).port;
  writeFileSync(join(simulator.state, "other_key"), newSshKey("nobody").private);
});

afterAll(async () => {
  silent?.close();
  await simulator?.stop();
});

/** The settings of a stack that is right in everything. */
function right({ info, state }: Simulator = simulator): Settings {
  return {
    url: info.adminUrl,
    username: info.admin.user,
    password: info.admin.password,
    caFile: info.caFile,
    sshHost: info.ssh.host,
    sshPort: info.ssh.port,
    sshUser: info.ssh.user,
    sshPrivateKeyFile: join(state, "login_key"),
    sshHostKey: info.ssh.hostKey,
    timeouts: { request: 10, connect: 1, stop: 20, start: 20, supervisor: 4 },
  };
}

function read(settings: Settings, server?: string, env: NodeJS.ProcessEnv = {}) {
  const text = (value: unknown) =>
    value === undefined ? undefined : typeof value === "object" ? JSON.stringify(value) : String(value);
  const get = (key: string) => text(settings[key.replace("kerio:", "")]);
  return readSettings({ get, env, directory: simulator.state, server });
}

/** The error of whatever `act` does; it may not succeed. */
async function errorOf(act: () => Promise<unknown>): Promise<KerioError> {
  const error = await act().then(
    () => new Error("it went well"),
    (caught: unknown) => caught,
  );
  if (!(error instanceof KerioError)) throw error;
  expect(error.message).not.toContain(wrongPassword);
  expect(error.message).not.toContain(simulator.info.admin.password);
  expect(error.message).not.toContain("PRIVATE KEY");
  return error;
}

async function untouched<T>(act: (plugin: () => Provider) => Promise<T>, settings: Settings, host = simulator) {
  const before = await pictureOf(host, domain);
  const calls = (await host.control.calls()).length;
  let plugin: Provider | undefined;
  try {
    const result = await act(() => (plugin ??= provider(read(settings))));
    const { all, writing } = await callsSince(host, calls);
    expect(writing).toEqual([]);
    expect(await pictureOf(host, domain)).toEqual(before);
    return { result, calls: all };
  } finally {
    await plugin?.close();
  }
}

describe("the mail server's API", () => {
  const cases: [string, () => Settings, string, string[]][] = [
    [
      "http",
      () => ({ url: "http://mail.example.com" }),
      "CONFIG_INVALID",
      ["kerio:url", "pulumi config set kerio:url https"],
    ],
    [
      "no address",
      () => ({ url: undefined }),
      "CONFIG_INVALID",
      ["kerio:url is not set", "pulumi config set kerio:url"],
    ],
    ["no password", () => ({ password: undefined }), "CONFIG_INVALID", ["pulumi config set --secret kerio:password"]],
    [
      "a closed port",
      () => ({ url: "https://127.0.0.1:1" }),
      "CONNECTION_FAILED",
      ["kerio:url", "running and reachable"],
    ],
    [
      "a silent host",
      () => ({ url: `https://127.0.0.1:${silentPort}` }),
      "CONNECTION_FAILED",
      ["within 1 s", "kerio:url"],
    ],
    [
      "no such host",
      () => ({ url: "https://mail.invalid" }),
      "CONNECTION_FAILED",
      ["https://mail.invalid:4040", "kerio:url"],
    ],
    [
      "another service",
      () => ({ url: `https://127.0.0.1:${simulator.info.smtp.port}` }),
      "CONNECTION_FAILED",
      ["kerio:url"],
    ],
    [
      "an untrusted certificate",
      () => ({ caFile: undefined }),
      "CERTIFICATE_UNTRUSTED",
      ["its authority is not trusted", "pulumi config set kerio:caFile ca.pem"],
    ],
  ];

  it.each(cases)("%s: the error names setting and cure", async (_name, change, code, parts) => {
    const act = (plugin: () => Provider) =>
      errorOf(async () => plugin().coordinator.create(newcomer("bdoe", { password: "Lantern.4.Quay" })));
    const { result, calls } = await untouched(act, { ...right(), ...change() });
    expect(result.code).toBe(code);
    for (const part of parts) expect(result.message).toContain(part);
    expect(calls).toEqual([]);
  });

  it("asks for a refused login once, whatever follows", async () => {
    const { result, calls } = await untouched(
      async (plugin) => {
        const { coordinator, server } = plugin();
        const asked = [
          () => coordinator.create(newcomer("bdoe")),
          () => coordinator.checkNewcomer({ domain, name: "bdoe", adopt: false, adoptMailbox: false }),
          () => coordinator.create(renameRequest("jdoe", "jsmith", jdoe)),
          () => server.inventory.users(domain),
        ];
        const together = await Promise.all(asked.map(errorOf));
        for (const act of asked) together.push(await errorOf(act));
        return together;
      },
      { ...right(), password: wrongPassword },
    );
    for (const { code, message } of result) {
      expect(code).toBe("AUTH_REFUSED");
      for (const part of ["kerio:username", "pulumi config set --secret kerio:password", "not tried again", "refresh"])
        expect(message).toContain(part);
    }
    expect(calls).toEqual(["Session.login"]);
  });

  it("asks for a refused login once in a plugin process, for users and aliases together", async () => {
    const { adminUrl, admin, caFile } = simulator.info;
    const before = (await simulator.control.calls()).length;
    const plugin = await DynamicServer.start({
      "kerio:url": adminUrl,
      "kerio:username": admin.user,
      "kerio:password": wrongPassword,
      "kerio:caFile": caFile,
    });
    try {
      const user = { domain, name: "jdoe", userId: jdoe, address: `jdoe@${domain}` };
      const alias = { domain, name: "books", deliverTo: "jdoe", address: `books@${domain}` };
      const together = () => [plugin.read("user", jdoe, user), plugin.read("alias", `books@${domain}`, alias)];
      for (const result of [...(await Promise.allSettled(together())), ...(await Promise.allSettled(together()))]) {
        const reason = result.status === "rejected" ? String(result.reason) : "it went well";
        expect(reason).toContain("kerio:password");
        expect(reason).not.toContain(wrongPassword);
      }
    } finally {
      await plugin.stop();
    }
    expect((await callsSince(simulator, before)).all).toEqual(["Session.login"]);
    await simulator.adminCall("SecurityPolicy.unlockAllAccounts", {});
  });

  it("names the settings of the server that a resource names", async () => {
    const servers = { west: { ...right(), password: wrongPassword }, east: { ...right(), caFile: undefined } };
    const say = async (name: string) => {
      const plugin = provider(read({ servers }, name));
      try {
        return (await errorOf(() => plugin.server.inventory.users(domain))).message;
      } finally {
        await plugin.close();
      }
    };
    expect(await say("west")).toContain("pulumi config set --path --secret 'kerio:servers.west.password'");
    expect(await say("east")).toContain("pulumi config set --path 'kerio:servers.east.caFile'");
    await simulator.adminCall("SecurityPolicy.unlockAllAccounts", {});
  });

  it("names the environment variable where the password or the certificates may come from one", async () => {
    const settings = { ...right(), password: undefined };
    const env = { KERIO_PASSWORD: wrongPassword };
    for (const [given, part] of [
      [settings, "(pulumi config set --secret kerio:password, or KERIO_PASSWORD)"],
      [{ ...settings, caFile: undefined }, "pulumi config set kerio:caFile ca.pem, or KERIO_CA_FILE"],
    ] as const) {
      const plugin = provider(read(given, "", env));
      expect((await errorOf(() => plugin.coordinator.create(newcomer("bdoe")))).message).toContain(part);
      await plugin.close();
    }
    await simulator.adminCall("SecurityPolicy.unlockAllAccounts", {});
  });

  it("knows its domains", async () => {
    const { result } = await untouched(
      (plugin) => errorOf(() => plugin().coordinator.create({ ...newcomer("bdoe"), domain: "example.net" })),
      right(),
    );
    expect(result.code).toBe("NOT_FOUND");
    expect(result.message).toContain("It has: example.com");
  });
});

describe("the mail host, before a rename", () => {
  const renaming = (plugin: () => Provider) =>
    errorOf(async () => plugin().coordinator.create(renameRequest("jdoe", "jsmith", jdoe)));
  const otherKey = newSshKey("elsewhere").public.split(" ").slice(0, 2).join(" ");
  const cases: [string, () => Settings, string, () => string[]][] = [
    [
      "another host key",
      () => ({ sshHostKey: otherKey }),
      "HOST_KEY_UNKNOWN",
      () => [simulator.info.ssh.hostKey, "SHA256:", "pulumi config set kerio:sshHostKey"],
    ],
    [
      "no host key",
      () => ({ sshHostKey: undefined }),
      "HOST_KEY_UNKNOWN",
      () => [simulator.info.ssh.hostKey, "pulumi config set kerio:sshHostKey"],
    ],
    [
      "another private key",
      () => ({ sshPrivateKeyFile: "other_key" }),
      "SSH_REFUSED",
      () => ["kerio:sshUser", "authorized_keys"],
    ],
    ["another user", () => ({ sshUser: "jdoe" }), "SSH_REFUSED", () => ["SSH user jdoe", "kerio:sshUser"]],
    ["a closed port", () => ({ sshPort: 1 }), "CONNECTION_FAILED", () => ["kerio:sshHost", "kerio:sshPort"]],
    ["a silent host", () => ({ sshPort: silentPort }), "CONNECTION_FAILED", () => ["kerio:sshHost", "kerio:sshPort"]],
    [
      "a missing key file",
      () => ({ sshPrivateKeyFile: "nothing" }),
      "CONFIG_INVALID",
      () => ["kerio:sshPrivateKeyFile"],
    ],
    [
      "a wrong program directory",
      () => ({ programDirectory: "/nonexistent" }),
      "HOST_UNSUITABLE",
      () => ["pulumi config set kerio:programDirectory"],
    ],
  ];

  it.each(cases)("%s: the error names setting and cure", async (_name, change, code, parts) => {
    const { result } = await untouched(renaming, { ...right(), ...change() });
    expect(result.code).toBe(code);
    for (const part of parts()) expect(result.message).toContain(part);
  });

  it.each(cases)("%s of a server that a resource names: the error names that one's settings", async (...one) => {
    const [, change, code, parts] = one;
    const named = (part: string) =>
      part
        .replace(/pulumi config set kerio:(\w+)/, "pulumi config set --path 'kerio:servers.west.$1'")
        .replace(/^kerio:(\w+)/, "kerio:servers.west.$1");
    const renameThere = async () => {
      const plugin = provider(read({ servers: { west: { ...right(), ...change() } } }, "west"));
      try {
        await plugin.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
      } finally {
        await plugin.close();
      }
    };
    const error = await errorOf(renameThere);
    expect(error.code).toBe(code);
    for (const part of parts()) expect(error.message).toContain(named(part));
    expect(error.message.replaceAll("kerio:servers", "")).not.toContain("kerio:");
  });

  it("no SSH settings: the preview says so, and the update", async () => {
    const { sshHost, sshPort, sshUser, sshPrivateKeyFile, sshHostKey, ...rest } = right();
    expect([sshHost, sshPort, sshUser, sshPrivateKeyFile, sshHostKey]).not.toContain(undefined);
    const { result } = await untouched(async (plugin) => {
      const asked = await plugin().coordinator.checkRename({ domain, from: "jdoe", to: "jsmith", fromId: jdoe });
      return [asked.refusals.join("\n"), (await renaming(plugin)).message];
    }, rest);
    for (const text of result) {
      for (const part of ["kerio:sshHostKey", "pulumi config set", "kerio:sshPrivateKeyFile"])
        expect(text).toContain(part);
    }
  });

  it.each(["password", "absent"])("a login that may not become root (sudo: %s)", async (sudo) => {
    const other = await stage({ switches: { "ssh-user": "operator", sudo } });
    try {
      const id = await idOf(other, "jdoe");
      const act = (plugin: () => Provider) =>
        errorOf(async () => plugin().coordinator.create(renameRequest("jdoe", "jsmith", id)));
      const { result } = await untouched(act, right(other), other);
      expect(result.code).toBe("PRIVILEGE_MISSING");
      for (const part of ["SSH user operator", "NOPASSWD", "kerio:sshUser"]) expect(result.message).toContain(part);
    } finally {
      await other.stop();
    }
  });

  it("another machine than the mail server's", async () => {
    const other = await startSimulator();
    const { ssh } = other.info;
    const elsewhere = { ...right(), sshPort: ssh.port, sshHostKey: ssh.hostKey, sshPrivateKeyFile: ssh.privateKeyFile };
    const settings = read(elsewhere);
    // Two real mail servers have their stores under one path; the stand-ins share a file system and cannot.
    const client = new SameLayout(settings.api, simulator.info.store, other.info.store);
    try {
      const before = [await pictureOf(simulator, domain), await pictureOf(other, domain)];
      const calls = (await simulator.control.calls()).length;
      const server = { settings, client, inventory: new Inventory(client), log: silentLogger };
      const error = await errorOf(() => new Coordinator(server).create(renameRequest("jdoe", "jsmith", jdoe)));
      expect(error.code).toBe("HOST_UNSUITABLE");
      for (const part of ["another machine", "kerio:sshHost", "Nothing has been touched"])
        expect(error.message).toContain(part);
      expect((await callsSince(simulator, calls)).writing).toEqual([]);
      expect([await pictureOf(simulator, domain), await pictureOf(other, domain)]).toEqual(before);
    } finally {
      await client.logout();
      await other.stop();
    }
  });

  it("is fine with the right settings, so that every refusal above is for its own reason", async () => {
    const plugin = provider(read(right()));
    try {
      const result = await plugin.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
      expect(result.address).toBe(`jsmith@${domain}`);
    } finally {
      await plugin.close();
    }
  });
});

/** The API of a server whose store has the path that it has on another machine. */
class SameLayout extends KerioClient {
  constructor(
    settings: KerioClient["settings"],
    private readonly ownStore: string,
    private readonly shownStore: string,
  ) {
    super(settings);
  }

  override async call<S extends z.ZodType>(call: ApiCall<S>): Promise<z.output<S>> {
    const params = replaced(call.params, this.shownStore, this.ownStore) as object | undefined;
    const reply = await super.call({ ...call, params });
    return replaced(reply, this.ownStore, this.shownStore) as z.output<S>;
  }
}

function replaced(value: unknown, from: string, to: string): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value).replaceAll(from, to)) as unknown);
}
