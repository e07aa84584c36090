import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createTransport } from "nodemailer";
import { AdminCaller } from "../helpers/admin-caller";
import { ControlClient } from "../simulator/host/control-client";
import type { StandInInfo } from "../simulator/host/stand-in";
import { endProcess } from "./end-process";
import { line, style } from "./output";
import type { Undo } from "./undo";

/** The demo's mail server. */
export interface DemoServer {
  info: StandInInfo;
  /** The process that `kill` ends in an orderly way. */
  pid: number;
  /** What is true, past the API. */
  control: ControlClient;
  /** What somebody changes by hand in the web administration. */
  admin: AdminCaller;
  /** Sends a mail by SMTP and waits until the server has put it where it belongs. */
  send(mail: { from: string; to: string; subject: string }): Promise<void>;
}

const startLimitMs = 60_000;
const stopLimitMs = 30_000;
const deliveryLimitMs = 30_000;

/**
 * Starts the stand-in on free ports as a process that can outlive this one, which is what `--keep` is for; `undo`
 * ends it. Throws with its output when it does not start.
 */
export async function startServer(directory: string, undo: Undo): Promise<DemoServer> {
  const state = join(directory, "server");
  mkdirSync(state, { recursive: true });
  const [outFile, errorFile] = [join(directory, "server.json"), join(directory, "server.log")];
  const [out, errors] = [openSync(outFile, "w", 0o600), openSync(errorFile, "w", 0o600)];
  const main = join(__dirname, "../simulator/main.js");
  const child = spawn(process.execPath, [main, "--state", state, "--json"], {
    detached: true,
    stdio: ["ignore", out, errors],
  });
  closeSync(out);
  closeSync(errors);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${main} cannot be started`);
  child.unref();
  const running = () => child.exitCode === null && child.signalCode === null;
  undo.add(async () => {
    const end = await endProcess(child, stopLimitMs);
    if (end === "ended") line("The stand-in server has ended.");
    else line(style.red(`The stand-in server was asked to end, and killed after ${stopLimitMs / 1000} s.`));
  });
  const ready = () => existsSync(outFile) && readFileSync(outFile, "utf8").includes("\n");
  if (!(await until(() => ready() || !running(), startLimitMs)) || !ready())
    throw new Error(`the stand-in server has not started:\n${readFileSync(errorFile, "utf8")}`);
  const info = JSON.parse(readFileSync(outFile, "utf8")) as StandInInfo;
  const control = new ControlClient(info.control);
  return { info, pid, control, admin: new AdminCaller(info), send: (mail) => send(info, control, mail) };
}

async function send(info: StandInInfo, control: ControlClient, mail: Parameters<DemoServer["send"]>[0]): Promise<void> {
  const settled = async () => (await control.deliveries()).length + (await control.bounces()).length;
  const before = await settled();
  const transport = createTransport({ host: info.smtp.host, port: info.smtp.port, secure: false, ignoreTLS: true });
  try {
    await transport.sendMail({ ...mail, text: `${mail.subject}.\n` });
  } finally {
    transport.close();
  }
  if (!(await until(async () => (await settled()) > before, deliveryLimitMs)))
    throw new Error(`the mail to ${mail.to} is neither delivered nor returned after ${deliveryLimitMs / 1000} s`);
}

async function until(done: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const giveUpAt = Date.now() + limitMs;
  while (Date.now() < giveUpAt) {
    if (await done()) return true;
    await sleep(50);
  }
  return done();
}
