import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { switchRules } from "../engine/switches";
import { ensureCertificates, ensureSshKey, type ServerCertificate, type SshKey } from "./certificates";
import { CommandSocket } from "./command-socket";
import { ControlDoor } from "./control-door";
import { controlRoutes } from "./control-routes";
import { ServiceRecord } from "./downtimes";
import { EngineFaults } from "./engine-faults";
import { EngineProcess } from "./engine-process";
import { installCommands } from "./host-commands";
import { HostFaults } from "./host-faults";
import { hostSwitch, hostSwitches, numericSwitch, type HostSwitch } from "./host-switches";
import { layoutOf, type Layout } from "./layout";
import type { Options } from "./options";
import { address } from "./ports";
import { remember, save, type Remembered } from "./remembered";
import { ServiceManager } from "./service-manager";
import { killLeftovers, Login } from "./ssh/login";
import { SshDoor } from "./ssh/ssh-server";

/** The one line of JSON that a stand-in prints. */
export interface StandInInfo {
  adminUrl: string;
  caFile: string;
  admin: { user: string; password: string };
  /** `hostKey` is an OpenSSH public key line. */
  ssh: { host: string; port: number; user: string; privateKeyFile: string; hostKey: string };
  smtp: { host: string; port: number };
  /** SMTP of those who log in; in the clear, and by STARTTLS with the certificate of `adminUrl`. So is `imap`. */
  submission: { host: string; port: number };
  imap: { host: string; port: number };
  /** The store directory. */
  store: string;
  /** The control door's address. */
  control: string;
}

/** The engine's script, as built. */
const engineScript = join(__dirname, "../engine/boot.js");

/** A mail host: SSH login, service manager, control door, and the engine as its service. */
export class StandIn {
  private constructor(
    readonly info: StandInInfo,
    private readonly manager: ServiceManager,
    private readonly record: ServiceRecord,
    private readonly layout: Layout,
    private readonly closers: (() => Promise<void> | void)[],
  ) {}

  /** Starts one on `options.dir`; resolves once everything answers. Rejects, with nothing left running. */
  static async start(options: Options, script = engineScript): Promise<StandIn> {
    checkSwitches(options);
    const layout = layoutOf(options.dir);
    await refuseSecondHost(layout);
    for (const dir of [layout.runDir, layout.truthDir, layout.homeDir, layout.tmpDir, layout.storeDir]) {
      mkdirSync(dir, { recursive: true });
    }
    const state = await remember(layout, options);
    const certificate = await ensureCertificates(layout);
    const hostKey = ensureSshKey(layout.hostKeyFile, "stand-in");
    const loginKey = ensureSshKey(layout.loginKeyFile, "login");
    const path = installCommands(layout, state.switches);

    const faults = new HostFaults();
    const record = new ServiceRecord(layout.truthDir);
    const engineFaults = new EngineFaults();
    const manager = managerOf(layout, state, certificate, faults, script);
    watch(manager, record, engineFaults);
    const commands = new CommandSocket(layout.socketFile, {
      manager,
      programDir: layout.programDir,
      pidFile: layout.pidFile,
      launchdLabel: hostSwitch(state.switches, "launchd-label"),
      waitForReady: hostSwitch(state.switches, "start-returns") === "ready",
      stopRefused: () => faults.take("stop-refused") !== undefined,
    });
    const login = new Login(hostSwitch(state.switches, "ssh-user"), layout, path);
    const ssh = new SshDoor({ port: state.sshPort, hostKey, loginKey, login, faults });
    const setSwitch = (name: string, value: string): void => {
      checkSwitches({ switches: { [name]: value } });
      if (name in hostSwitches) throw new Error(`switch ${name} belongs to the host: give it at the start`);
      state.switches = { ...state.switches, [name]: value };
      save(layout, state);
      manager.engine?.tell({ type: "switch", name, value });
    };
    const door = new ControlDoor(controlRoutes({ layout, manager, faults, record, setSwitch, engineFaults }));
    const closers = [() => ssh.close(), () => door.close(), () => commands.close()];
    const opened = async (): Promise<StandInInfo> => {
      record.write({ event: "host-up" });
      await Promise.all([commands.open(), ssh.open()]);
      await firstStart(manager, layout);
      save(layout, Object.assign(state, { planted: true }));
      return infoOf(layout, state, login.user, hostKey, await door.open());
    };
    const running = (info: StandInInfo): StandIn => new StandIn(info, manager, record, layout, closers);
    try {
      return running(await opened());
    } catch (error) {
      await running({} as StandInInfo).stop();
      throw error;
    }
  }

  /** Shuts the host down: the engine in an orderly way, then the doors, then whatever logins have left running. */
  async stop(): Promise<void> {
    this.record.write({ event: "host-down" });
    await this.manager.stop();
    for (const close of this.closers) await close();
    killLeftovers(this.layout.dir);
  }
}

function managerOf(
  layout: Layout,
  state: Remembered,
  certificate: ServerCertificate,
  faults: HostFaults,
  script: string,
): ServiceManager {
  const init = hostSwitch(state.switches, "init-system");
  const restart = hostSwitch(state.switches, "restart");
  const launch = (): EngineProcess => {
    const slow = faults.take("start-slow");
    writeEnvironment(layout, state, certificate, slow ? (slow.ms ?? 5000) : undefined);
    return new EngineProcess(layout, script);
  };
  const settings = {
    isWatched: hostSwitch(state.switches, "watchdog") === "yes",
    restartOnFailure: restart === "on-failure" || (restart === "auto" && init !== "sysv"),
    restartDelayMs: 100,
    restartLimit: 5,
    stopTimeoutMs: numericSwitch(state.switches, "stop-timeout-sec") * 1000,
    startTimeoutMs: 90_000,
  };
  return new ServiceManager(launch, settings, {
    stopTimeout: () => {
      const fault = faults.take("stop-timeout");
      return fault ? (fault.ms ?? 500) : undefined;
    },
    startFails: () => faults.take("start-fails") !== undefined,
    crashes: () => faults.take("crash-on-start") !== undefined,
  });
}

function writeEnvironment(layout: Layout, state: Remembered, certificate: ServerCertificate, slowMs?: number): void {
  const environment = {
    host: address,
    adminPort: state.adminPort,
    smtpPort: state.smtpPort,
    submissionPort: state.submissionPort,
    imapPort: state.imapPort,
    licenceSeats: numericSwitch(state.switches, "licence-seats"),
    switches: state.switches,
    ...certificate,
    startDelayMs: slowMs ?? numericSwitch(state.switches, "start-delay-ms"),
    stopDelayMs: numericSwitch(state.switches, "stop-delay-ms"),
    firstRun: !state.planted && state.seed === "first-run",
    seed: state.seed,
    admin: { user: state.adminUser, password: state.adminPassword },
  };
  writeFileSync(layout.environmentFile, `${JSON.stringify(environment, null, 2)}\n`, { mode: 0o600 });
}

function watch(manager: ServiceManager, record: ServiceRecord, engineFaults: EngineFaults): void {
  manager.on("starting", (engine) => {
    record.write({ event: "starting", pid: engine.pid });
    engine.once("restart", () => void manager.restart());
  });
  manager.on("ready", (engine) => {
    record.write({ event: "ready", pid: engine.pid });
    engineFaults.tell(engine);
  });
  manager.on("stopping", (engine) => record.write({ event: "stopping", pid: engine.pid }));
  manager.on("exited", (engine, exit, orderly) =>
    record.write({ event: "exited", pid: engine.pid, code: exit.code, signal: exit.signal, orderly }),
  );
}

async function firstStart(manager: ServiceManager, layout: Layout): Promise<void> {
  if ((await manager.start()) === "done") return;
  throw new Error(`the engine does not start; its output is in ${join(layout.runDir, "engine.out")}`);
}

function infoOf(layout: Layout, state: Remembered, user: string, hostKey: SshKey, control: string): StandInInfo {
  return {
    adminUrl: `https://${address}:${state.adminPort}`,
    caFile: layout.caFile,
    admin: { user: state.adminUser, password: state.adminPassword },
    ssh: {
      host: address,
      port: state.sshPort,
      user,
      privateKeyFile: layout.loginKeyFile,
      hostKey: hostKey.public.split(" ").slice(0, 2).join(" "),
    },
    smtp: { host: address, port: state.smtpPort },
    submission: { host: address, port: state.submissionPort },
    imap: { host: address, port: state.imapPort },
    store: layout.storeDir,
    control,
  };
}

function checkSwitches({ switches }: Pick<Options, "switches">): void {
  for (const name of Object.keys(switches)) {
    if (name in hostSwitches) hostSwitch(switches, name as HostSwitch);
    else if (!(name in switchRules)) {
      const known = [...new Set([...Object.keys(hostSwitches), ...Object.keys(switchRules)])].sort();
      throw new Error(`--switch: there is no "${name}"; the switches are ${known.join(", ")}`);
    }
  }
}

/** Two hosts on one directory would write over each other's files. One that is about to end is waited for. */
async function refuseSecondHost(layout: Layout): Promise<void> {
  const end = Date.now() + 3000;
  while (await answers(layout.socketFile)) {
    if (Date.now() > end) throw new Error(`a stand-in runs on ${layout.dir} already`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function answers(socketFile: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socketFile);
    probe.once("connect", () => (probe.destroy(), resolve(true)));
    probe.once("error", () => resolve(false));
  });
}
