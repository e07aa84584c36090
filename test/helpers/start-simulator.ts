import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createTransport } from "nodemailer";
import { ControlClient } from "../simulator/host/control-client";
import { killLeftovers } from "../simulator/host/ssh/login";
import type { StandInInfo } from "../simulator/host/stand-in";
import { AdminCaller } from "./admin-caller";
import { askedSwitchesOf } from "./asked-switches";

/** What a test may choose about its stand-in. */
export interface SimulatorOptions {
  /** The default is `empty`: the domain example.com and the administrator. */
  seed?: "empty" | "demo" | "first-run";
  /** What is not named has its default, or what `npm run rename-suite` lays under every stand-in. */
  switches?: Record<string, string>;
  /** A state directory to start again on; it is kept. The default is a new one, removed by `stop`. */
  state?: string;
}

/** A mail to deliver. */
export interface Mail {
  to: string;
  subject: string;
  /** The default is `sender@example.org`. */
  from?: string;
  text?: string;
}

/** A running stand-in mail host. */
export interface Simulator {
  info: StandInInfo;
  /** The state directory. */
  state: string;
  /** The truth, faults, and the service past the login. */
  control: ControlClient;
  /** Calls the Admin API as an administrator at the web interface would; gives `result` or throws. */
  adminCall<T = Record<string, unknown>>(method: string, params?: Record<string, unknown>): Promise<T>;
  /** Uploads a file as the same administrator; gives its id. */
  upload(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  /** Sends a mail by SMTP; resolves once the server has taken it. */
  deliver(mail: Mail): Promise<void>;
  /** Ends it in an orderly way and removes its directory, unless the test brought one. */
  stop(): Promise<void>;
  /** Kills the whole host, engine and logins included; the directory stays. */
  kill(): Promise<void>;
}

const startLimitMs = 60_000;
const stopLimitMs = 30_000;

/** The stand-in as built; tests run the same thing as `npm run simulator`. */
const script = resolve(__dirname, "../../dist/test/simulator/main.js");

/** Starts a stand-in on free ports and waits until everything answers. Throws with its output when it does not start. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const main = process.env.STAND_IN_MAIN ?? script;
  if (!existsSync(main)) throw new Error(`${main} is missing: run "npm run build" first`);
  const state = options.state ?? mkdtempSync(join(tmpdir(), "stand-in-"));
  const args = [main, "--state", state, "--json"];
  if (options.seed) args.push("--seed", options.seed);
  const switches = { ...laidSwitches(), ...options.switches };
  for (const [name, value] of Object.entries(switches)) args.push("--switch", `${name}=${value}`);
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const noteAsked = askedSwitchesOf(state, Object.keys(options.switches ?? {}));
  const removeState = (): void => {
    noteAsked();
    if (options.state === undefined) rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  let info: StandInInfo;
  try {
    info = await firstLine(child);
  } catch (error) {
    await ended(child, "SIGKILL");
    removeState();
    throw error;
  }
  const admin = new AdminCaller(info);
  return {
    info,
    state,
    control: new ControlClient(info.control),
    adminCall: (method, params) => admin.call(method, params),
    upload: (name, bytes) => admin.upload(name, bytes),
    deliver: (mail) => deliver(info, mail),
    stop: async () => {
      await ended(child, "SIGTERM");
      removeState();
    },
    kill: async () => {
      await ended(child, "SIGKILL");
      noteAsked();
      killLeftovers(state);
    },
  };
}

/** The values that `npm run rename-suite` lays under every stand-in. */
export function laidSwitches(): Record<string, string> {
  const laid = process.env.PULUMI_KERIO_SWITCHES ?? "";
  return Object.fromEntries(laid.split(",").flatMap((one) => (one === "" ? [] : [one.split("=", 2)])));
}

function firstLine(child: ChildProcess): Promise<StandInInfo> {
  return new Promise((done, fail) => {
    let output = "";
    let errors = "";
    const timer = setTimeout(
      () => fail(new Error(`the stand-in has not started in ${startLimitMs / 1000} s\n${errors}`)),
      startLimitMs,
    );
    child.stderr?.setEncoding("utf8").on("data", (part: string) => (errors += part));
    child.stdout?.setEncoding("utf8").on("data", (part: string) => {
      output += part;
      const end = output.indexOf("\n");
      if (end < 0) return;
      clearTimeout(timer);
      done(JSON.parse(output.slice(0, end)) as StandInInfo);
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(new Error(`the stand-in ended with exit code ${code}\n${errors}`));
    });
  });
}

/** Sends the signal and waits for the end; a host that takes too long over an orderly one is killed. */
async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((done) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
    child.once("exit", () => {
      clearTimeout(timer);
      done();
    });
    child.kill(signal);
  });
}

async function deliver(info: StandInInfo, mail: Mail): Promise<void> {
  const transport = createTransport({ host: info.smtp.host, port: info.smtp.port, secure: false, ignoreTLS: true });
  try {
    await transport.sendMail({ from: "sender@example.org", text: "A message.\n", ...mail });
  } finally {
    transport.close();
  }
}
