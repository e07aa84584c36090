import type { ServerChannel, Session } from "ssh2";
import type { HostFaults } from "../host-faults";
import type { Login } from "./login";
import { serveSftp } from "./sftp";

/** What sshd takes over from a client's environment (`AcceptEnv LANG LC_*`). */
const acceptedVariable = /^(LANG|LC_[A-Z]+)$/;

/** Serves one session channel: a command, a shell, or SFTP. There are no terminals. */
export function serveSession(session: Session, login: Login, faults: HostFaults): void {
  const sent: Record<string, string> = {};
  let pid: number | undefined;
  session.on("env", (accept, reject, { key, val }) => {
    if (!acceptedVariable.test(key)) return reject?.();
    sent[key] = val;
    accept?.();
  });
  session.on("pty", (_accept, reject) => reject?.());
  session.on("signal", (accept, reject, { name }) => {
    if (pid === undefined) return reject?.();
    signalGroup(pid, `SIG${name}`);
    accept?.();
  });
  session.on("exec", (accept, _reject, { command }) => {
    pid = connect(accept(), login, command, sent, faults.look("ssh-noise")?.text);
  });
  session.on("shell", (accept) => {
    pid = connect(accept(), login, undefined, sent, faults.look("ssh-noise")?.text);
  });
  session.on("sftp", (accept) => serveSftp(accept(), login.layout.homeDir));
}

/**
 * Joins a channel to a process as sshd does without a terminal: the exit status is sent at once, the channel closes
 * when nobody holds the output any more, and a dead connection takes the pipes away but kills nobody.
 */
function connect(
  channel: ServerChannel,
  login: Login,
  command: string | undefined,
  sent: Record<string, string>,
  noise: string | undefined,
): number | undefined {
  const child = login.run(command, sent);
  if (noise !== undefined) channel.write(`${noise}\n`);
  child.once("exit", (code, signal) => {
    if (signal) channel.exit(signal.replace(/^SIG/, ""), false, "");
    else channel.exit(code ?? 255);
  });
  child.once("error", (error) => {
    channel.stderr.write(`${error.message}\n`);
    channel.exit(255);
    channel.end();
  });
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  // A reader that has gone away shows as an error on the pipe; the process hears of it by itself.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", () => stream.destroy());
  channel.on("error", () => channel.close());
  child.once("close", () => channel.end());
  channel.once("close", () => {
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  });
  return child.pid;
}

function signalGroup(pid: number, signal: string): void {
  try {
    process.kill(-pid, signal as NodeJS.Signals);
  } catch (error) {
    // ESRCH: the command has ended before the signal came.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
