import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { utils } from "ssh2";
import { inspectHost } from "../../provider/host/facts";
import { fingerprint } from "../../provider/host/host-key";
import { listMailboxes } from "../../provider/host/directories";
import { openSession, type HostSession, type SshSettings } from "../../provider/host/session";
import { closeSnapshot, listSnapshots, writeSnapshot } from "../../provider/host/snapshot-store";
import { startSupervisor } from "../../provider/host/supervisor";
import { silentLogger } from "../../provider/log";
import { startSimulator, type Simulator } from "../helpers/start-simulator";

const options = { connectTimeout: 10, log: silentLogger };
let host: Simulator;
const sessions: HostSession[] = [];

function settings(changed: Partial<SshSettings> = {}): SshSettings {
  const { ssh } = host.info;
  const auth = { kind: "key" as const, privateKey: readFileSync(ssh.privateKeyFile, "utf8") };
  return { host: ssh.host, port: ssh.port, user: ssh.user, hostKey: ssh.hostKey, auth, ...changed };
}

async function open(changed: Partial<SshSettings> = {}): Promise<HostSession> {
  const session = await openSession(settings(changed), options);
  sessions.push(session);
  return session;
}

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
  await host.stop();
});

describe("a session", () => {
  beforeEach(async () => {
    host = await startSimulator();
  });

  test("runs scripts with data, whatever the login prints", async () => {
    await host.control.fault("ssh-banner", { text: "Authorised people only.\n" });
    await host.control.fault("ssh-noise", { text: "Last login: never\n$(x)" });
    const session = await open();
    expect(session.root).toBe("direct");
    const input = "a 'b' \"c\" $(touch x) \\n\nü\n";
    const echo = { script: "cat; echo problem >&2; exit 7", input, doing: "echoing", timeout: 10 };
    expect(await session.run(echo)).toEqual({ stdout: input, stderr: "problem", code: 7 });
    const many = await Promise.all([1, 2, 3].map((n) => session.run({ ...echo, input: `${n}` })));
    expect(many.map((reply) => reply.stdout)).toEqual(["1", "2", "3"]);
    const big = "x".repeat(3_000_000);
    expect((await session.run({ ...echo, input: big })).stdout).toBe(big);
  });

  test("takes a fingerprint, and refuses another host key with the one that is shown", async () => {
    const [type = "", blob = ""] = host.info.ssh.hostKey.split(" ");
    await open({ hostKey: fingerprint(Buffer.from(blob, "base64")) });
    const other = utils.generateKeyPairSync("ed25519").public;
    for (const hostKey of [other, "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]) {
      const refusal = open({ hostKey });
      await expect(refusal).rejects.toMatchObject({ code: "HOST_KEY_UNKNOWN" });
      await expect(refusal).rejects.toThrow(`pulumi config set kerio:sshHostKey "${type} ${blob}"`);
    }
    await host.control.fault("ssh-wrong-host-key");
    await expect(open()).rejects.toMatchObject({ code: "HOST_KEY_UNKNOWN" });
  });

  test("says what is wrong with a login, and does not repeat it", async () => {
    const privateKey = utils.generateKeyPairSync("ed25519").private;
    const stranger = open({ auth: { kind: "key", privateKey } });
    await expect(stranger).rejects.toMatchObject({ code: "SSH_REFUSED" });
    await expect(stranger).rejects.toThrow(/kerio:sshUser/);
    await expect(open({ auth: { kind: "key", privateKey: "not a key" } })).rejects.toThrow(/kerio:sshPrivateKey/);
    const locked = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs1", format: "pem", cipher: "aes-128-cbc", passphrase: "secret phrase" },
    }).privateKey;
    const closed = open({ auth: { kind: "key", privateKey: locked } });
    await expect(closed).rejects.toThrow(/kerio:sshPassphrase/);
    await expect(closed).rejects.not.toThrow(/secret phrase/);
    await expect(open({ port: 1 })).rejects.toThrow(/Check kerio:sshHost and kerio:sshPort,.*CONNECTION_FAILED/);
    const ofUrl = open({ port: 1, isHostOfUrl: true, name: "west" });
    await expect(ofUrl).rejects.toThrow(
      /Check kerio:servers\.west\.url \(or set kerio:servers\.west\.sshHost\) and kerio:servers\.west\.sshPort,/,
    );
  });

  test("dials again after a lost connection, and bounds every wait", async () => {
    const session = await open();
    const hang = { script: "sleep 30", doing: "hanging", timeout: 1 };
    await expect(session.run(hang)).rejects.toMatchObject({ code: "TIMEOUT", outcome: "unknown" });
    const cut = session.run({ ...hang, timeout: 20 });
    setTimeout(() => void host.control.fault("ssh-drop"), 500);
    await expect(cut).rejects.toMatchObject({ code: "SSH_FAILED", outcome: "unknown" });
    expect((await session.run({ script: "echo back", doing: "asking", timeout: 10 })).stdout).toBe("back\n");
    await session.renew();
    expect((await session.run({ script: "echo again", doing: "asking", timeout: 10 })).stdout).toBe("again\n");
  });
});

const launchd = { "init-system": "launchd" };
describe.each<Record<string, string>>([
  { "init-system": "systemd" },
  { "init-system": "sysv" },
  launchd,
  { ...launchd, "launchd-label": "KerioConnect" },
])("a rename's work on a host with %o", (init) => {
  test("goes through SSH, sudo and the host's own service control", async () => {
    host = await startSimulator({ seed: "demo", switches: { ...init, "ssh-user": "jadmin" } });
    const session = await open();
    expect(session.root).toBe("sudo");
    const facts = await inspectHost(session, { storePath: host.info.store, domains: ["example.com"] });
    expect(facts).toMatchObject({ service: { kind: init["init-system"] }, engine: { running: true } });
    const domain = facts.domains["example.com"]?.path ?? "";
    const [mailbox] = (await listMailboxes(session, domain)).filter((entry) => /^[a-z]/.test(entry.name));
    if (!mailbox) throw new Error("the demo has no mailbox");
    await writeSnapshot(session, "abc", "text");
    const supervisor = await startSupervisor(
      session,
      {
        run: "abc",
        owner: "jdoe@laptop",
        service: facts.service,
        programDirectory: facts.programDirectory,
        heartbeat: 30,
        stopTimeout: 30,
        startTimeout: 30,
        accounts: [{ name: mailbox.name, domain: "example.com" }],
      },
      { wait: 0, log: silentLogger },
    );
    supervisor.startBeating(() => openSession(settings(), options));
    const stopped = await supervisor.stop();
    expect(stopped).toMatchObject({
      orderly: true,
      inactive: true,
      processGone: true,
      missingAccounts: [],
      detail: "",
    });
    await host.control.fault("ssh-drop");
    const paths = { from: `${domain}/${mailbox.name}`, to: `${domain}/moved`, directory: domain };
    const moves = [{ inode: mailbox.inode, ...paths, parking: facts.store.parking }];
    expect(await supervisor.move(moves)).toEqual([{ ok: true, inode: mailbox.inode, salvaged: 0 }]);
    expect(await supervisor.start()).toMatchObject({ running: true, detail: "" });
    await supervisor.hold();
    await supervisor.unhold();
    await supervisor.finish();
    await closeSnapshot(session, "abc", "text");
    expect(await listSnapshots(session)).toEqual([{ id: "abc", open: false, text: "text" }]);
    expect((await inspectHost(session, { storePath: host.info.store, domains: [] })).engine.running).toBe(true);
  });
});

test.each(["password", "absent"])("sudo that is %s is refused with the line that allows it", async (sudo) => {
  host = await startSimulator({ switches: { "ssh-user": "jadmin", sudo } });
  await expect(open()).rejects.toMatchObject({ code: "PRIVILEGE_MISSING" });
  await expect(open()).rejects.toThrow(/NOPASSWD/);
});
