import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSettings, type ServerSettings } from "../provider/config";
import { settingFields } from "../provider/config-fields";
import { environmentVariable, topLevelEntry } from "../provider/config-source";

const password = "planted-Passw0rd";
const minimal = { url: "https://mail.example.com", username: "Admin", password };
const keys = utils.generateKeyPairSync("ed25519", { comment: "test" });
const encrypted = utils.generateKeyPairSync("ed25519", { passphrase: "open sesame", cipher: "aes256-ctr", rounds: 4 });
const hostKey = keys.public.trim().split(" ").slice(0, 2).join(" ");
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "config-test-"));
  writeFileSync(join(directory, "id"), keys.private);
  writeFileSync(join(directory, "id.pub"), keys.public);
  writeFileSync(join(directory, "id-encrypted"), encrypted.private);
  writeFileSync(join(directory, "not-a-key"), "nothing");
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Given {
  [key: string]: unknown;
}

function read(given: Given, more: { env?: NodeJS.ProcessEnv; server?: string } = {}): ServerSettings {
  const get = (key: string) => given[key.replace("kerio:", "")] as string | undefined;
  return readSettings({ get, env: more.env ?? {}, directory, server: more.server });
}

function problem(given: Given, more?: { env?: NodeJS.ProcessEnv; server?: string }): string {
  try {
    read(given, more);
  } catch (error) {
    expect(error).toMatchObject({ code: "CONFIG_INVALID", outcome: "not-sent" });
    return (error as Error).message;
  }
  throw new Error("the settings were accepted");
}

describe("readSettings", () => {
  it("needs an address and a login, and has a default for everything else", () => {
    const timeouts = { request: 60, connect: 15, stop: 300, start: 300, supervisor: 60 };
    expect(read(minimal)).toEqual({
      name: "",
      api: { url: "https://mail.example.com:4040", username: "Admin", password, timeouts },
      timeouts,
      renameOrder: "accountFirst",
      backup: "none",
      configurationCopyDays: 30,
    });
  });

  it("takes each setting from the environment, and the stack's configuration wins", () => {
    expect(environmentVariable("sshPrivateKeyFile")).toBe("KERIO_SSH_PRIVATE_KEY_FILE");
    const env = { KERIO_URL: "https://other.example.com", KERIO_USERNAME: "jdoe", KERIO_PASSWORD: password };
    const { api } = read({ url: minimal.url }, { env });
    expect(api).toMatchObject({ url: "https://mail.example.com:4040", username: "jdoe", password });
  });

  it.each(Object.keys(settingFields))("takes %s from its environment variable alone", (name) => {
    const asked: string[] = [];
    const env = new Proxy({} as Record<string, string>, {
      get: (_all, variable) => void asked.push(String(variable)),
    });
    topLevelEntry({ get: () => undefined, env });
    const variable = `KERIO_${name.replace(/([A-Z])/g, "_$1").toUpperCase()}`;
    expect(asked).toContain(variable);
    expect(topLevelEntry({ get: () => undefined, env: { [variable]: "told" } })[name]).toBe("told");
    expect(topLevelEntry({ get: () => "stack", env: { [variable]: "told" } })[name]).toBe("stack");
  });

  it.each([
    ["https://mail.example.com", "https://mail.example.com:4040"],
    ["https://mail.example.com/admin/", "https://mail.example.com:4040"],
    ["https://MAIL.example.com:443/", "https://mail.example.com:443"],
    ["https://192.0.2.1:5050", "https://192.0.2.1:5050"],
    ["https://[2001:db8::1]", "https://[2001:db8::1]:4040"],
  ])("normalises %s", (url, normal) => {
    expect(read({ ...minimal, url }).api.url).toBe(normal);
  });

  it.each([
    ["http://mail.example.com", "use https"],
    ["mail.example.com:4040", "begins with https://"],
    [`https://Admin:${password}@mail.example.com`, "settings of their own"],
    ["https://mail.example.com/webmail", "behind the host and port"],
  ])("refuses %s", (url, reason) => {
    const text = problem({ ...minimal, url });
    expect(text).toContain(reason);
    expect(text).toContain("pulumi config set kerio:url https://mail.example.com:4040");
    expect(text).not.toContain(password);
  });

  it("tells all problems at once, each with its key and command, and no secret", () => {
    const text = problem({ password, url: "http://x", sshPort: "70000", backup: "often", timeouts: '{"stpo":3}' });
    for (const part of [
      "kerio:url begins with http",
      "kerio:username is not set (pulumi config set kerio:username Admin)",
      "kerio:backup is none of none, full",
      "kerio:sshPort is not between 1 and 65535",
      "kerio:timeouts has no stpo",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain(password);
    expect(problem({ url: minimal.url, username: "Admin" })).toContain("pulumi config set --secret kerio:password");
  });

  it("tolerates values that look like numbers", () => {
    expect(read({ ...minimal, username: 777, configurationCopyDays: 7 })).toMatchObject({
      api: { username: "777" },
      configurationCopyDays: 7,
    });
  });

  it("fills timeouts up with the defaults", () => {
    const { timeouts, api } = read({ ...minimal, timeouts: '{"stop": 20, "request": 0.5}' });
    expect(timeouts).toEqual({ request: 0.5, connect: 15, stop: 20, start: 300, supervisor: 60 });
    expect(api.timeouts.request).toBe(0.5);
    expect(problem({ ...minimal, timeouts: "20" })).toContain("is not an object of seconds by name");
    expect(problem({ ...minimal, timeouts: '{"stop": -1}' })).toContain(".stop is not more than 0");
  });

  it("wants the commands all three or not at all", () => {
    const commands = { stopCommand: "docker stop kerio", startCommand: "docker start kerio" };
    expect(problem({ ...minimal, ...commands })).toContain("all three or not at all");
    const statusCommand = "docker inspect kerio";
    expect(read({ ...minimal, ...commands, statusCommand }).service).toEqual({ ...commands, statusCommand });
  });

  it("reads certificates from a file beside the program", () => {
    expect(problem({ ...minimal, caFile: "missing.pem" })).toContain(
      `${join(directory, "missing.pem")}, which does not exist`,
    );
    expect(problem({ ...minimal, caFile: "not-a-key" })).toContain("holds no certificate");
  });
});

describe("errors about settings from the environment", () => {
  const env = { KERIO_URL: "http://mail.example.com", KERIO_USERNAME: "Admin", KERIO_TIMEOUTS: '{"stop":"long"}' };

  it("name the variable beside the command, also of what is missing", () => {
    const text = problem({}, { env });
    for (const part of [
      "(pulumi config set kerio:url https://mail.example.com:4040, or KERIO_URL)",
      "kerio:password is not set (pulumi config set --secret kerio:password, or KERIO_PASSWORD)",
      "(pulumi config set --path 'kerio:timeouts.stop' 300, or KERIO_TIMEOUTS)",
    ])
      expect(text).toContain(part);
    expect(problem({}, { server: "west", env: { KERIO_SERVERS: '{"west":{}}' } })).toContain(
      "(pulumi config set --path --secret 'kerio:servers.west.password', or KERIO_SERVERS)",
    );
  });

  it("name none where the stack's own would win, or the environment gives nothing", () => {
    const text = problem({ url: "http://mail.example.com" }, { env });
    expect(text).toContain("(pulumi config set kerio:url https://mail.example.com:4040)");
    expect(text).toContain("or KERIO_PASSWORD");
    expect(problem({})).not.toContain("KERIO_");
    expect(read(minimal).api).not.toHaveProperty("variables");
  });
});

describe("SSH settings", () => {
  const withKey = { ...minimal, sshPrivateKeyFile: "id", sshHostKey: hostKey };

  it("are absent unless a key or host key is configured", () => {
    expect(read({ ...minimal, sshHost: "shell.example.com" }).ssh).toBeUndefined();
    expect(read({ ...minimal }, { env: { SSH_AUTH_SOCK: "/run/agent" } }).ssh).toBeUndefined();
  });

  it("say whom a rename would ask for the host key, once there is a beginning of them", () => {
    const env = { SSH_AUTH_SOCK: "/run/agent" };
    const asRoot = { host: "mail.example.com", isHostOfUrl: true, port: 22, user: "root" };
    expect(read(minimal, { env }).mailHost).toEqual({ ...asRoot, hasLogin: true });
    expect(read({ ...minimal, sshUser: "jdoe" }).mailHost).toEqual({ ...asRoot, user: "jdoe", hasLogin: false });
    expect(read({ ...minimal, sshPort: 2222 }).mailHost).toMatchObject({ port: 2222 });
    const servers = JSON.stringify({ west: { ...minimal, sshHost: "shell.example.com" } });
    expect(read({ servers }, { server: "west" }).mailHost).toMatchObject({ host: "shell.example.com", name: "west" });
    for (const given of [minimal, withKey]) expect(read(given)).not.toHaveProperty("mailHost");
  });

  it("default to root at the host of the address", () => {
    const auth = { kind: "key", privateKey: keys.private };
    const asRoot = { host: "mail.example.com", isHostOfUrl: true, port: 22, user: "root" };
    expect(read(withKey).ssh).toEqual({ ...asRoot, auth, hostKey });
    const other = { ...withKey, sshHost: "shell.example.com", sshPort: 2222, sshUser: "jdoe" };
    expect(read(other).ssh).toEqual({ host: "shell.example.com", port: 2222, user: "jdoe", auth, hostKey });
  });

  it("use the agent when no key is named", () => {
    const given = { ...minimal, sshHostKey: hostKey };
    expect(read(given, { env: { SSH_AUTH_SOCK: "/run/agent" } }).ssh?.auth).toEqual({
      kind: "agent",
      socket: "/run/agent",
    });
    expect(problem(given)).toContain("no SSH agent is running");
  });

  it("say what is wrong with a key, and never show it", () => {
    const cases: [Given, string][] = [
      [{ sshPrivateKeyFile: "missing" }, "which does not exist"],
      [{ sshPrivateKeyFile: "not-a-key" }, "is not a private key"],
      [{ sshPrivateKeyFile: "id.pub" }, "is a public key"],
      [{ sshPrivateKeyFile: "id-encrypted" }, "sshPassphrase is not set, but the private key is encrypted"],
      [{ sshPrivateKeyFile: "id-encrypted", sshPassphrase: "planted" }, "sshPassphrase does not fit"],
      [{ sshPrivateKeyFile: "id", sshPrivateKey: keys.private }, "take one of them away"],
      [{ sshPrivateKeyFile: undefined, sshPassphrase: "planted" }, "is not set, but sshPassphrase is"],
    ];
    for (const [given, reason] of cases) {
      const text = problem({ ...withKey, ...given });
      expect(text).toContain(reason);
      expect(text).not.toContain("planted");
      expect(text).not.toContain("PRIVATE KEY");
    }
    const fits = read({ ...withKey, sshPrivateKeyFile: "id-encrypted", sshPassphrase: "open sesame" });
    expect(fits.ssh?.auth).toMatchObject({ kind: "key", passphrase: "open sesame" });
  });

  it("say how a key in PKCS#8 form is made one that can be used", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = { type: "pkcs8", format: "pem" } as const;
    const plain = privateKey.export(pem).toString();
    const locked = privateKey.export({ ...pem, cipher: "aes-256-cbc", passphrase: "planted" }).toString();
    writeFileSync(join(directory, "id-pkcs8"), plain);
    const toOpenSsh = "is in PKCS#8 form, which cannot be used; rewrite its file in OpenSSH form";
    const inFile = problem({ ...withKey, sshPrivateKeyFile: "id-pkcs8" });
    expect(inFile).toMatch(/sshPrivateKeyFile is in PKCS#8 form.* \(ssh-keygen -p -f FILE\)/);
    for (const given of [{ sshPrivateKey: plain }, { sshPrivateKey: locked, sshPassphrase: "planted" }]) {
      const text = problem({ ...minimal, sshHostKey: hostKey, ...given });
      expect(text).toContain(`kerio:sshPrivateKey ${toOpenSsh}`);
      expect(text).toContain("(ssh-keygen -p -f FILE && pulumi config set --secret kerio:sshPrivateKey < FILE)");
      for (const secret of ["planted", plain.split("\n")[1], "PRIVATE KEY"]) expect(text).not.toContain(secret);
    }
  });

  it.each([
    [`${hostKey} root@mail`, hostKey],
    [`mail.example.com ${hostKey}`, hostKey],
    [`SHA256:${"a".repeat(43)}=`, `SHA256:${"a".repeat(43)}`],
  ])("take the host key %s", (given, normal) => {
    expect(read({ ...withKey, sshHostKey: given }).ssh?.hostKey).toBe(normal);
  });

  it("refuse other forms of it, and know no host when it is left out", () => {
    for (const given of ["MD5:00:11", "ssh-ed25519", "ssh-ed25519 AAAAnonsense", "SHA256:short"]) {
      expect(problem({ ...withKey, sshHostKey: given })).toContain("kerio:sshHostKey is neither");
    }
    expect(read({ ...withKey, sshHostKey: undefined }).ssh?.hostKey).toBe("");
  });
});

describe("several servers", () => {
  const servers = JSON.stringify({ west: { ...minimal, username: 777 }, east: { ...minimal, colour: "red" } });

  it("reads the entry a resource names, and inherits nothing", () => {
    const settings = read({ servers, sshHostKey: hostKey, caFile: "ca.pem" }, { server: "west" });
    expect(settings).toMatchObject({ name: "west", api: { name: "west", username: "777" } });
    expect(settings.ssh).toBeUndefined();
    expect(read({}, { server: "west", env: { KERIO_SERVERS: servers } }).name).toBe("west");
  });

  it("names the known ones, unknown settings, and commands with the path", () => {
    expect(problem({ servers }, { server: "north" })).toContain('has no server "north"; it knows: west, east');
    expect(problem({ servers }, { server: "east" })).toContain('has an unknown setting "colour"');
    expect(problem({}, { server: "west" })).toContain("kerio:servers is not set");
    expect(problem({ servers: "[]" }, { server: "west" })).toContain("is not an object of servers by name");
    const text = problem({ servers: '{"west":{"url":"https://mail.example.com"}}' }, { server: "west" });
    expect(text).toContain("pulumi config set --path --secret 'kerio:servers.west.password'");
    expect(problem({ servers })).toContain("a resource may also name one of the servers: west, east");
  });
});

describe("two ways to give a private key", () => {
  const env = { KERIO_SSH_PRIVATE_KEY_FILE: "elsewhere" };
  const ssh = { ...minimal, sshPrivateKey: keys.private, sshHostKey: hostKey };
  const get = (stack: Given) => (key: string) => (stack as Record<string, string>)[key.replace(/^kerio:/, "")];

  it("lets the stack's own win over the environment's", () => {
    const { ssh: read } = readSettings({ get: get(ssh), env, directory });
    expect(read?.auth).toMatchObject({ kind: "key" });
  });

  it("refuses both in one place, with the command that takes one away", () => {
    const both = () => readSettings({ get: get({ ...ssh, sshPrivateKeyFile: "id" }), env: {}, directory });
    expect(both).toThrow("pulumi config rm kerio:sshPrivateKeyFile");
  });
});

it("names each missing command with the one that sets it", () => {
  const stack: Record<string, string> = { ...minimal, stopCommand: "stop" };
  const read = () => readSettings({ get: (key) => stack[key.replace(/^kerio:/, "")], env: {}, directory });
  for (const name of ["startCommand", "statusCommand"]) expect(read).toThrow(`pulumi config set kerio:${name} `);
});

it("offers for a wrong timeout the command that touches no other", () => {
  const stack: Record<string, string> = { ...minimal, timeouts: '{"stop":"long","stpo":3}' };
  const read = () => readSettings({ get: (key) => stack[key.replace(/^kerio:/, "")], env: {}, directory });
  expect(read).toThrow(
    "kerio:timeouts.stop is not a number of seconds (pulumi config set --path 'kerio:timeouts.stop' 300)",
  );
  expect(read).toThrow("pulumi config rm --path 'kerio:timeouts.stpo'");
});
