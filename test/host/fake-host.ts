import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SupervisorSettings } from "../../provider/host/supervisor";
import { LocalSession } from "./local-session";

const initScript = `#!/bin/sh
host=$(dirname "$(dirname "$0")")
. "$host/switches"
pid=$(cat "$host/engine.pid" 2>/dev/null)
running() { [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ "$(sed 's/^.*) //;s/ .*//' /proc/$pid/stat)" != Z ]; }
write() { [ "$stop_writes" = no ] || touch "$host/opt/kerio/mailserver/users.cfg"; }
end() { ! running || { write; kill "$pid"; }; }
case $1 in
  start)
    echo "start $(umask)" >>"$host/actions"
    sleep "$start_delay"
    [ "$start_fails" = no ] || { echo "cannot start" >&2; exit 1; }
    running || { "$host/opt/kerio/mailserver/mailserver" 600 >/dev/null 2>&1 & echo $! >"$host/engine.pid"; } ;;
  stop)
    echo "stop" >>"$host/actions"
    sleep "$stop_delay"
    [ "$stop_fails" = no ] || exit 1
    if [ "$stop_lingers" = 0 ]; then end; else (sleep "$stop_lingers"; end) >/dev/null 2>&1 & fi ;;
  status) sleep "$status_delay"; running && echo "Kerio Connect is running.." ;;
esac
`;

const systemctl = `#!/bin/sh
host=$(dirname "$(dirname "$0")")
verb=$1
case $verb in
  stop | start) exec "$host/bin/kerio-connect" "$verb" ;;
  show)
    . "$host/switches"
    case $3 in
      LoadState) echo LoadState=loaded ;;
      ActiveState) if "$host/bin/kerio-connect" status >/dev/null; then echo ActiveState=active; else echo ActiveState=inactive; fi ;;
      Result) echo "Result=$result" ;;
      MainPID) if "$host/bin/kerio-connect" status >/dev/null; then echo "MainPID=$(cat "$host/engine.pid")"; else echo MainPID=0; fi ;;
    esac ;;
esac
`;

/** A mail host in a temporary directory: store, program directory, service commands, and a process as the engine. */
export class FakeHost {
  readonly root: string;
  readonly program: string;
  readonly store: string;
  readonly domain: string;
  readonly parking: string;
  readonly state: string;

  constructor(options: { systemd?: boolean; store?: string } = {}) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), "kerio host-")));
    this.program = join(this.root, "opt/kerio/mailserver");
    this.store = join(this.root, options.store ?? "opt/kerio/mailserver/store");
    this.domain = join(this.store, "mail/example.com");
    this.parking = join(this.store, "pulumi-kerio");
    this.state = join(this.root, "home/.pulumi-kerio");
    for (const directory of [this.program, this.domain, join(this.root, "bin"), join(this.root, "home")]) {
      mkdirSync(directory, { recursive: true });
    }
    execFileSync("cp", [
      execFileSync("sh", ["-c", "command -v sleep"]).toString().trim(),
      join(this.program, "mailserver"),
    ]);
    writeFileSync(join(this.program, "mailserver.cfg"), "<config/>\n");
    this.writeUsers(["jdoe", "jsmith"]);
    this.switches({});
    writeFileSync(join(this.root, "bin/kerio-connect"), initScript, { mode: 0o755 });
    if (options.systemd) writeFileSync(join(this.root, "bin/systemctl"), systemctl, { mode: 0o755 });
  }

  /** How the service behaves from now on. */
  switches(changed: Record<string, string>): void {
    const all = {
      start_delay: "0",
      stop_delay: "0",
      start_fails: "no",
      stop_fails: "no",
      // Seconds for which the engine is still there when the stop command has ended.
      stop_lingers: "0",
      // Whether the engine writes its configuration when it ends.
      stop_writes: "yes",
      result: "success",
      status_delay: "0",
      ...changed,
    };
    writeFileSync(
      join(this.root, "switches"),
      Object.entries(all)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(""),
    );
  }

  writeUsers(names: string[]): void {
    const items = names.map(
      (name) =>
        `<listitem><variable name="Name">${name}</variable><variable name="Domain">example.com</variable></listitem>`,
    );
    writeFileSync(join(this.program, "users.cfg"), `<config><list name="User">\n${items.join("\n")}</list></config>\n`);
  }

  session(banner = ""): LocalSession {
    // HOST_TOOLS: a directory of other tools and another sh, to run the tests with (busybox, for instance).
    const path = [join(this.root, "bin"), process.env.HOST_TOOLS, process.env.PATH].filter(Boolean).join(":");
    return new LocalSession({ HOME: join(this.root, "home"), PATH: path }, banner);
  }

  service(verb: "start" | "stop" | "status"): void {
    execFileSync(join(this.root, "bin/kerio-connect"), [verb], { stdio: "ignore" });
  }

  get running(): boolean {
    try {
      this.service("status");
      return true;
    } catch (error) {
      if ((error as { status?: number }).status === 1) return false;
      throw error;
    }
  }

  /** The verbs the service was given. */
  get actions(): string[] {
    const file = join(this.root, "actions");
    return existsSync(file)
      ? readFileSync(file, "utf8")
          .trim()
          .split("\n")
          .map((line) => line.split(" ")[0] ?? "")
      : [];
  }

  /** A mailbox directory with messages in its INBOX; answers the inode. */
  mailbox(name: string, messages: string[] = [], parent = this.domain): string {
    const folder = join(parent, name, "INBOX/#msgs");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(parent, name, "INBOX/index.fld"), "index\n");
    messages.forEach((text, index) =>
      writeFileSync(join(folder, `${(index + 1).toString(16).padStart(8, "0")}.eml`), text),
    );
    return this.inode(name, parent);
  }

  inode(name: string, parent = this.domain): string {
    return String(statSync(join(parent, name)).ino);
  }

  get names(): string[] {
    return readdirSync(this.domain).sort();
  }

  settings(changed: Partial<SupervisorSettings> = {}): SupervisorSettings {
    return {
      run: `run${Math.floor(Math.random() * 1e9)}`,
      owner: "jdoe@laptop",
      service: { kind: "sysv", command: join(this.root, "bin/kerio-connect") },
      programDirectory: this.program,
      store: { mail: join(this.store, "mail"), parking: this.parking },
      heartbeat: 20,
      stopTimeout: 10,
      startTimeout: 10,
      accounts: [
        { name: "jdoe", domain: "example.com" },
        { name: "jsmith", domain: "example.com" },
      ],
      ...changed,
    };
  }

  /** Ids of the run's processes, as it wrote them. */
  pid(run: string, role: "guard" | "main"): number {
    return Number(readFileSync(join(this.state, "runs", run, role), "utf8").split(" ")[0]);
  }

  get lastEnd(): string {
    const file = join(this.state, "last-end");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  get locked(): boolean {
    return existsSync(join(this.state, "lock"));
  }

  /** Ends what this host still runs, and removes it. */
  async destroy(): Promise<void> {
    const runs = join(this.state, "runs");
    this.switches({});
    for (const run of existsSync(runs) ? readdirSync(runs) : []) {
      for (const role of ["guard", "main"] as const) {
        const file = join(runs, run, role);
        if (existsSync(file)) kill(this.pid(run, role));
      }
    }
    const engine = join(this.root, "engine.pid");
    if (existsSync(engine)) kill(Number(readFileSync(engine, "utf8")));
    await sleep(50);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** SIGKILL to a process of this test that may be gone already. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}

/** Looks again until it is true; throws after `seconds`. */
export async function eventually(what: string, look: () => boolean, seconds = 30): Promise<void> {
  const until = Date.now() + seconds * 1000;
  while (!look()) {
    if (Date.now() > until) throw new Error(`not within ${seconds} seconds: ${what}`);
    await sleep(100);
  }
}
