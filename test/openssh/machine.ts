import { execFile, spawn, type ChildProcess } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { TestContext } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { freePort } from "../simulator/host/ports";
import { machineScript } from "./machine-script";

const exec = promisify(execFile);
const repository = resolve(__dirname, "../..");
const layerModule = pathToFileURL(join(repository, "test/toolchain/openssh-layer.mjs")).href;

/** How long an sshd may take to answer. */
const startLimitMs = 30_000;

/** What a case changes about Debian's defaults. */
export interface MachineChange {
  /** Lines of sshd_config; Debian's own file stays as it is and includes them. */
  config?: string;
  /** Shell text that runs as root in the machine before sshd starts; `$STORE` is the mail server's store. */
  prepare?: string;
}

/** A mail host whose SSH server is Debian's openssh-server: the stand-in's files and service control, its own login. */
export interface Machine {
  port: number;
  /** The machine's ed25519 host key, an OpenSSH public key line without comment. */
  hostKey: string;
  /** Runs a command in the machine as root; gives its output. */
  run(command: string, ...args: string[]): Promise<string>;
  /** The command lines of what runs in the machine. */
  processes(): string[];
  /** What sshd has written so far. */
  log(): string;
  /** Ends every process of the machine, those that outlived their login too. */
  stop(): Promise<void>;
}

/** Skips the test, with the reason, where no OpenSSH server can be had. */
export async function needOpenSsh(context: TestContext): Promise<string> {
  const { opensshLayer } = (await import(layerModule)) as {
    opensshLayer(): Promise<{ directory?: string; reason?: string }>;
  };
  const { directory, reason } = await opensshLayer();
  return directory ?? context.skip(`no OpenSSH server: ${reason ?? "unknown"}`);
}

/** Starts sshd beside a running stand-in; resolves once it answers. Rejects with what it wrote when it does not. */
export async function startMachine(layer: string, simulator: Simulator, change: MachineChange = {}): Promise<Machine> {
  const base = mkdtempSync(join(tmpdir(), "openssh-host-"));
  const port = await freePort(0, undefined, new Set());
  const home = join(simulator.state, "home");
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  // Machines share it, and one must not read it while another one begins to write it.
  const keys = join(home, ".ssh/authorized_keys");
  writeFileSync(`${keys}.${port}`, readFileSync(`${simulator.info.ssh.privateKeyFile}.pub`));
  renameSync(`${keys}.${port}`, keys);
  const shared = [repository, dirname(process.execPath)].filter((path) => !isBelow(path, ["/usr", "/bin"]));
  // Should this process be killed, sshd goes with it.
  const child = spawn(
    "setpriv",
    [
      ...[
        "--pdeathsig",
        "KILL",
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        machineScript,
        "sh",
        base,
        layer,
        simulator.state,
      ],
      ...[String(port), change.config ?? "", change.prepare ?? ":", ...shared],
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", STORE: simulator.info.store } },
  );
  let written = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (written += text));
  }
  const own = readlinkSync("/proc/self/ns/mnt");
  const stop = async (): Promise<void> => {
    killNamespace(child, own);
    if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.once("exit", done));
    rmSync(base, { recursive: true, force: true });
  };
  try {
    await answers(child, port, () => written);
  } catch (error) {
    await stop();
    throw error;
  }
  const root = join(base, "root");
  const run = async (command: string, ...args: string[]): Promise<string> => {
    const inside = ["-t", String(child.pid), "-m", "chroot", root, command, ...args];
    return (await exec("nsenter", inside, { encoding: "utf8" })).stdout;
  };
  const processes = () => membersOf(namespaceOf(child.pid)).map(commandLine);
  const line = await run("cat", "/etc/ssh/ssh_host_ed25519_key.pub");
  return { port, hostKey: line.split(" ").slice(0, 2).join(" "), run, processes, log: () => written, stop };
}

function isBelow(path: string, parents: string[]): boolean {
  return parents.some((parent) => path === parent || path.startsWith(`${parent}/`));
}

/** Kills what shares the child's mount namespace. */
function killNamespace(child: ChildProcess, own: string): void {
  const pinned = pinNamespace(child.pid);
  if (pinned === undefined) return void child.kill("SIGKILL");
  try {
    const wanted = namespaceOf(child.pid);
    if (wanted === undefined || wanted === own) return void child.kill("SIGKILL");
    // Again, for what was being forked meanwhile.
    for (let found = true; found;) {
      found = false;
      for (const pid of membersOf(wanted)) found = killed(pid) || found;
    }
  } finally {
    closeSync(pinned);
  }
}

/** Keeps a namespace's number from going to the next machine, which would be killed in its place. */
function pinNamespace(pid: number | undefined): number | undefined {
  try {
    return openSync(`/proc/${pid}/ns/mnt`, "r");
  } catch {
    return undefined;
  }
}

/** The processes of a mount namespace; in a machine's own nothing but the machine runs. */
function membersOf(namespace: string | undefined): number[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((pid) => namespace !== undefined && namespaceOf(pid) === namespace);
}

function namespaceOf(pid: number | undefined): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

/** Its arguments as one text; empty when it has ended meanwhile. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    return false;
  }
}

async function answers(child: ChildProcess, port: number, written: () => string): Promise<void> {
  const until = Date.now() + startLimitMs;
  while (!(await hasBanner(port))) {
    if (child.signalCode !== null) throw new Error(`sshd does not start: ${child.signalCode}\n${written()}`);
    if (child.exitCode !== null || Date.now() > until) throw new Error(`sshd does not start:\n${written()}`);
    await sleep(50);
  }
}

function hasBanner(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.setTimeout(2000, () => socket.destroy());
    socket.once("data", (data) => (socket.destroy(), done(data.toString("latin1").startsWith("SSH-2.0-OpenSSH"))));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
  });
}
