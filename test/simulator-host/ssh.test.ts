import { execFile, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Client, SFTPWrapper } from "ssh2";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { newSshKey } from "../simulator/host/certificates";
import { logIn, run, runOnce } from "./ssh-client";
import { answers, eventually, lives } from "./wait";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.control.clearFaults());
afterAll(() => simulator?.stop());

type Three = [string, string, string];

const closing = (client: Client) => new Promise<void>((resolve) => client.once("close", () => resolve()));

describe("commands over SSH", () => {
  it("run in HOME with the login's environment", async () => {
    const { stdout } = await runOnce(simulator.info, "pwd; echo $HOME; echo $USER; id -u; command -v systemctl");
    const home = join(simulator.state, "home");
    expect(stdout).toBe(`${home}\n${home}\nroot\n0\n${join(simulator.state, "bin/systemctl")}\n`);
  });

  it("hear the end of their input and report exit status, signals and both outputs", async () => {
    const client = await logIn(simulator.info);
    expect(await run(client, "cat; echo bad >&2; exit 7", "line\n")).toEqual({
      code: 7,
      signal: null,
      stdout: "line\n",
      stderr: "bad\n",
    });
    expect(await run(client, "kill -KILL $$")).toMatchObject({ code: null, signal: "SIGKILL" });
    client.end();
  });

  it("carry megabytes both ways, on several channels at once", async () => {
    const client = await logIn(simulator.info);
    const data = randomBytes(6 << 20);
    const wanted = `${createHash("sha256").update(data).digest("hex")}  -\n`;
    const back = run(client, "cat", data).then(({ stdout }) => Buffer.from(stdout, "latin1").equals(data));
    const sums = [1, 2, 3].map(() => run(client, "sha256sum", data).then(({ stdout }) => stdout));
    expect(await Promise.all([back, ...sums])).toEqual([true, wanted, wanted, wanted]);
    client.end();
  });

  it("obey a signal sent through the channel", async () => {
    const client = await logIn(simulator.info);
    const ended = new Promise<unknown[]>((resolve, reject) => {
      client.exec("echo up; exec sleep 30", (error, channel) => {
        if (error) return reject(error);
        channel.on("exit", (code: number | null, signal?: string) => resolve([code, signal]));
        channel.once("data", () => void channel.signal("TERM"));
      });
    });
    expect(await ended).toEqual([null, "SIGTERM"]);
    client.end();
  });

  it("outlive the connection when they are detached, or deaf to the end of their input", async () => {
    const client = await logIn(simulator.info);
    const { stdout } = await run(client, "( trap '' HUP; exec sleep 30 ) >/dev/null 2>&1 </dev/null & echo $!");
    const detached = Number(stdout);
    const waiting = await new Promise<number>((resolve, reject) => {
      client.exec("echo $$; exec sleep 30", (error, channel) => {
        if (error) return reject(error);
        channel.once("data", (part: Buffer) => resolve(Number(part.toString())));
      });
    });
    const closed = closing(client);
    await simulator.control.fault("ssh-drop");
    await closed;
    expect([lives(detached), lives(waiting)]).toEqual([true, true]);
  });

  it("hear the end of their input when the connection dies", async () => {
    const client = await logIn(simulator.info);
    client.exec("cat >/dev/null; echo gone > heard", (_error, channel) => channel.resume());
    await run(client, "true");
    await simulator.control.fault("ssh-drop");
    await eventually("the file", () => statSync(join(simulator.state, "home/heard"), { throwIfNoEntry: false }));
  });
});

describe("SFTP", () => {
  it("works on the real files", async () => {
    const client = await logIn(simulator.info);
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
      client.sftp((error, wrapper) => (error ? reject(error) : resolve(wrapper))),
    );
    const write = promisify(sftp.writeFile.bind(sftp)) as (path: string, data: Buffer) => Promise<void>;
    const read = promisify(sftp.readFile.bind(sftp)) as (path: string) => Promise<Buffer>;
    const data = randomBytes(300_000);
    const home = join(simulator.state, "home");
    await promisify(sftp.mkdir.bind(sftp) as (path: string, done: (error?: Error) => void) => void)("files");
    await write("files/one", data);
    expect(readFileSync(join(home, "files/one")).equals(data)).toBe(true);
    expect((await read(join(home, "files/one"))).equals(data)).toBe(true);
    const rename = promisify(sftp.rename.bind(sftp));
    await rename("files/one", "files/two");
    const entries = await new Promise<string[]>((resolve, reject) =>
      sftp.readdir("files", (error, list) => (error ? reject(error) : resolve(list.map(({ filename }) => filename)))),
    );
    expect(entries.filter((name) => !name.startsWith("."))).toEqual(["two"]);
    await expect(rename("files/none", "files/three")).rejects.toMatchObject({ code: 2 });
    const real = await new Promise((resolve, reject) =>
      sftp.realpath(".", (error, path) => (error ? reject(error) : resolve(path))),
    );
    expect(real).toBe(home);
    client.end();
  });

  describe("with OpenSSH's own clients", () => {
    const found = (name: string) => spawnSync(name, ["-?"], { stdio: "ignore" }).error === undefined;
    const missing = ["sftp", "scp"].filter((name) => !found(name));

    /** Runs a client to its end; one that hangs is killed, and fails. */
    async function clientOf(name: string, ...rest: string[]): Promise<string> {
      const { ssh } = simulator.info;
      const [hosts, key] = [join(simulator.state, "known_hosts"), join(simulator.state, "key_of_a_client")];
      writeFileSync(hosts, `[${ssh.host}]:${ssh.port} ${ssh.hostKey}\n`);
      copyFileSync(ssh.privateKeyFile, key);
      chmodSync(key, 0o600);
      const options = ["BatchMode=yes", `UserKnownHostsFile=${hosts}`, "StrictHostKeyChecking=yes"];
      const how = ["-q", "-F", "none", "-i", key, "-P", String(ssh.port), ...options.flatMap((one) => ["-o", one])];
      const ended = await promisify(execFile)(name, [...how, ...rest], { timeout: 30_000 });
      return ended.stdout;
    }
    const host = () => `${simulator.info.ssh.user}@${simulator.info.ssh.host}`;

    it("sftp sends, lists and fetches, and ends by itself", async ({ skip }) => {
      if (missing.length > 0) return skip(`not on this machine: ${missing.join(", ")}`);
      const [sent, batch, back] = ["sent", "batch", "back"].map((name) => join(simulator.state, name)) as Three;
      writeFileSync(sent, "by sftp");
      writeFileSync(batch, `put ${sent} there\nls -1\nget there ${back}\nbye\n`);
      expect(await clientOf("sftp", "-b", batch, host())).toMatch(/^there\s*$/m);
      expect(readFileSync(back, "utf8")).toBe("by sftp");
    });

    it("scp copies both ways, over a longer file too", async ({ skip }) => {
      if (missing.length > 0) return skip(`not on this machine: ${missing.join(", ")}`);
      const [sent, copied, back] = ["sent", "home/copied", "back"].map((name) => join(simulator.state, name)) as Three;
      for (const text of ["a longer text", "short"]) {
        writeFileSync(sent, text);
        await clientOf("scp", sent, `${host()}:copied`);
        expect(readFileSync(copied, "utf8")).toBe(text);
      }
      await clientOf("scp", `${host()}:copied`, back);
      expect(readFileSync(back, "utf8")).toBe("short");
    });
  });
});

describe("a login", () => {
  it("is refused with another key or another name", async () => {
    const stranger = newSshKey("stranger").private;
    await expect(logIn(simulator.info, { privateKey: stranger })).rejects.toMatchObject({
      level: "client-authentication",
    });
    await expect(logIn(simulator.info, { username: "jdoe" })).rejects.toMatchObject({ level: "client-authentication" });
  });

  it("meets another host key, a refused connection, or silence when told so", async () => {
    await simulator.control.fault("ssh-wrong-host-key", { times: 1 });
    await expect(logIn(simulator.info)).rejects.toThrow(/verification failed/i);

    await simulator.control.fault("ssh-refuse");
    expect(await answers(simulator.info.ssh.port)).toBe(false);
    await simulator.control.clearFaults();
    await simulator.control.fault("ssh-refuse", { mode: "login" });
    await expect(logIn(simulator.info)).rejects.toMatchObject({ level: "client-authentication" });
    await simulator.control.clearFaults();

    await simulator.control.fault("ssh-black-hole");
    await expect(logIn(simulator.info, { readyTimeout: 500 })).rejects.toMatchObject({ level: "client-timeout" });
    await simulator.control.clearFaults();
    expect((await runOnce(simulator.info, "echo back")).stdout).toBe("back\n");
  });

  it("is cut after so many bytes, and meets a banner and a noisy shell when told so", async () => {
    await simulator.control.fault("ssh-banner", { text: "Authorised users only" });
    await simulator.control.fault("ssh-noise", { text: "Welcome!" });
    expect((await runOnce(simulator.info, "echo done")).stdout).toBe("Welcome!\ndone\n");
    await simulator.control.clearFaults();

    const client = await logIn(simulator.info);
    const closed = closing(client);
    await simulator.control.fault("ssh-drop-after", { bytes: 50_000 });
    // The pause lets the answer to the command itself arrive before the flood.
    const cut = run(client, "sleep 0.5; head -c 1000000 /dev/zero");
    await closed;
    expect((await cut).stdout.length).toBeLessThan(50_000);
  });
});
