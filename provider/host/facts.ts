import { KerioError, type ErrorCode } from "../errors";
import { factsScript } from "./facts-script";
import { runChecked } from "./frame";
import { absolutePath, entryName, field } from "./lines";
import { manualProcedure } from "./manual-procedure";
import type { HostSession } from "./session";
import { settingCommand, settingKey } from "../setting-key";

/** How the mail service of a host is stopped and started. */
export type ServiceControl =
  | { kind: "systemd"; unit: string }
  | { kind: "sysv"; command: string }
  | { kind: "launchd"; plist: string; label: string }
  | { kind: "commands"; stop: string; start: string; status: string };

/** What there is to know about the directory of one mail domain. */
export interface DomainFacts {
  /** Resolved path. */
  path: string;
  exists: boolean;
  /** Whether something that is no directory stands in its place. */
  isOther: boolean;
  /** Whether `<store>/mail/<domain>` is itself a symbolic link. */
  symlink: boolean;
  /** Names file system and mount point; a rename works between directories of equal device only. */
  device: string;
  /** The same for the parking directory. */
  parkingDevice: string;
}

/** What was observed on the mail host. */
export interface HostFacts {
  os: "linux" | "darwin";
  hostname: string;
  bootId: string;
  service: ServiceControl;
  programDirectory: string;
  /** With configured commands the status command says whether it runs: a process may be seen by nobody outside. */
  engine: { running: boolean; pid?: number };
  store: {
    /** Resolved path. */
    path: string;
    /** The directory of all domains, resolved. */
    mail: string;
    /** A private directory on the file system of `mail/`, outside it; made when first needed. */
    parking: string;
  };
  domains: Record<string, DomainFacts>;
  /** Free bytes where the state directory lies. */
  freeBytes: number;
  /** Size of both configuration files together. */
  configuration: { bytes: number };
}

/** What {@link inspectHost} is told. */
export interface InspectOptions {
  storePath: string;
  domains: string[];
  commands?: { stop: string; start: string; status: string };
  programDirectory?: string;
  /** The entry of `kerio:servers` whose settings these are; `""` or absent: none. */
  server?: string;
}

/**
 * Looks at the mail host without changing anything: service manager, program directory, store, file systems.
 *
 * The service manager is found by looking: configured commands, systemd, launchd, an init script. Throws
 * `HOST_UNSUITABLE` (Windows, no service, no program directory, no store) or `PRIVILEGE_MISSING` (store not writable).
 */
export async function inspectHost(session: HostSession, options: InspectOptions): Promise<HostFacts> {
  const { commands } = options;
  // Where the login is a Linux on that Windows, or another machine, nothing else would tell.
  if (/^[a-z]:[\\/]|^\\\\/i.test(options.storePath)) throw onWindows(session, options.storePath);
  const lines = [
    absolutePath(trimmed(options.storePath), "store directory"),
    options.programDirectory === undefined
      ? "-"
      : absolutePath(trimmed(options.programDirectory), "setting kerio:programDirectory"),
    commands ? field(commands.status, "kerio:statusCommand") : "",
    ...options.domains.map((domain) => entryName(domain, "domain")),
  ];
  const output = await runChecked(session, {
    script: factsScript,
    input: `${lines.join("\n")}\n`,
    doing: "looking at the mail host",
    timeout: 60,
  });
  const facts = new Map<string, string>();
  const domains: Record<string, DomainFacts> = {};
  for (const line of output.split("\n")) {
    const at = line.indexOf("=");
    if (line.startsWith("domain=")) {
      const [name = "", exists, symlink, device = "", ...path] = line.slice(at + 1).split("\t");
      const parkingDevice = facts.get("parkingPlace") ?? "";
      domains[name] = {
        path: path.join("\t"),
        exists: exists === "yes",
        isOther: exists === "other",
        symlink: symlink === "yes",
        device,
        parkingDevice,
      };
    } else if (at > 0) facts.set(line.slice(0, at), line.slice(at + 1));
  }
  const known = (key: string) => facts.get(key) ?? "";
  if (facts.has("problem")) throw problem(session, options, known);
  if (!facts.has("end")) throw problem(session, options, () => "unknown");
  const pid = Number(known("engine"));
  return {
    os: known("os") === "darwin" ? "darwin" : "linux",
    hostname: known("hostname"),
    bootId: known("boot").trim(),
    service: serviceOf(commands, known),
    programDirectory: known("program"),
    engine: { running: commands ? facts.has("status") : pid > 0, ...(pid > 0 && { pid }) },
    store: { path: known("store"), mail: known("mail"), parking: known("parking") },
    domains,
    freeBytes: Number(known("free")),
    configuration: { bytes: Number(known("configuration")) },
  };
}

function serviceOf(commands: InspectOptions["commands"], known: (key: string) => string): ServiceControl {
  if (commands) {
    const { stop, start, status } = commands;
    return {
      kind: "commands",
      stop: field(stop, "kerio:stopCommand"),
      start: field(start, "kerio:startCommand"),
      status: field(status, "kerio:statusCommand"),
    };
  }
  const detail = known("detail");
  if (known("kind") === "systemd") return { kind: "systemd", unit: detail };
  if (known("kind") === "launchd") return { kind: "launchd", plist: detail, label: known("label") };
  return { kind: "sysv", command: detail };
}

/** The server answers its paths with a closing separator on some systems. */
function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}

function onWindows(session: HostSession, storePath: string): KerioError {
  return new KerioError("HOST_UNSUITABLE", {
    object: `mail host ${session.description}`,
    doing: "looking at the mail host",
    happened: `the server names its store ${storePath}, so it runs on Windows; renames work on Linux and macOS hosts only`,
    next: manualProcedure,
    outcome: "rejected",
  });
}

function problem(session: HostSession, options: InspectOptions, known: (key: string) => string): KerioError {
  const store = options.storePath;
  const key = (setting: string) => settingKey(setting, options.server);
  const table: Record<string, [ErrorCode, string, string]> = {
    system: [
      "HOST_UNSUITABLE",
      `its system is ${known("system")}; renames work on Linux and macOS hosts only`,
      manualProcedure,
    ],
    store: [
      "HOST_UNSUITABLE",
      `the store ${store} that the server names is not there`,
      `Is the SSH host the machine the mail server runs on? Set ${key("sshHost")} to it.`,
    ],
    mail: [
      "HOST_UNSUITABLE",
      `the store ${store} has no directory "mail"`,
      "Is the SSH host the mail server's machine?",
    ],
    writable: [
      "PRIVILEGE_MISSING",
      `root may not write to ${store}/mail`,
      "Is the file system mounted read-only? A rename moves directories there.",
    ],
    service: [
      "HOST_UNSUITABLE",
      "neither systemd, launchd nor an init script knows a service kerio-connect",
      `Set ${key("stopCommand")}, ${key("startCommand")} and ${key("statusCommand")} to the commands that control the mail server.`,
    ],
    program: [
      "HOST_UNSUITABLE",
      "the directory with mailserver.cfg and users.cfg was not found",
      `Set it with: ${settingCommand("programDirectory", options.server, { example: "DIRECTORY" })}`,
    ],
    parking: ["HOST_UNSUITABLE", `${known("parking")} is a symbolic link`, "Remove it: mailboxes are parked there."],
  };
  const [code, happened, next] = table[known("problem")] ?? [
    "UNEXPECTED_REPLY",
    "its answer was cut off",
    "Run it again.",
  ];
  return new KerioError(code, {
    object: `mail host ${session.description}`,
    doing: "looking at the mail host",
    happened,
    next,
    outcome: "rejected",
  });
}
