import { randomBytes } from "node:crypto";
import { KerioError } from "../errors";
import type { HostCommand, HostReply, HostSession } from "./session";

/** Reads so many bytes of the script and no more: what follows them is not ours to take. */
const wholeBlock = 'dd bs="$n" count=1 iflag=fullblock 2>/dev/null';
/** The same for a dd that cannot wait for a whole block: read byte by byte, and handed on in one block. */
const byteByByte = 'dd ibs=1 obs=65536 count="$n" 2>/dev/null';

/**
 * The one command line that is ever sent. The script follows on standard input, its length first, and the data follow
 * the script: neither shows in a process list, and no login shell (csh, fish) gets to interpret them.
 */
const bootstrap = [
  "sh -c 'IFS= read -r n",
  `if dd iflag=fullblock count=0 </dev/null >/dev/null 2>&1`,
  `then s=$(${wholeBlock})`,
  `else s=$(${byteByByte})`,
  `fi`,
  `eval "$s"'`,
].join("; ");

/** The command line for a login that is root itself, or becomes it without a password. */
export function commandLine(root: "direct" | "sudo"): string {
  return root === "direct" ? `exec ${bootstrap}` : `exec sudo -n -H ${bootstrap}`;
}

/**
 * What every script may rely on: `STATE` is our directory in root's home; files are private; messages are English.
 * `caller_umask` and `caller_locale` are what the service must be started with.
 */
const prelude = `
caller_umask=$(umask); caller_locale=\${LC_ALL-}
umask 077
LC_ALL=C; export LC_ALL
PATH=\${PATH:-/usr/bin:/bin}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin; export PATH
STATE=\${HOME:-/root}/.pulumi-kerio
`;

/** What is written to the standard input of {@link commandLine}. */
export function frame(command: { script: string; input?: string }, mark: string): string {
  const script =
    `printf '\\n%s\\n' ${mark}:begin; printf '\\n%s\\n' ${mark}:begin >&2\n(\n${prelude}\n${command.script}\n)\n` +
    `printf '\\n%s\\n' "${mark}:end:$?"; printf '\\n%s\\n' ${mark}:end >&2`;
  return `${Buffer.byteLength(script)}\n${script}${command.input ?? ""}`;
}

/** A mark that no banner contains. */
export function newMark(): string {
  return `kerio-${randomBytes(12).toString("hex")}`;
}

/** Cuts the script's own output out of what the login printed. */
export function unframe(raw: { stdout: string; stderr: string }, mark: string): HostReply | "not-begun" | "not-ended" {
  const begin = `\n${mark}:begin\n`;
  const start = raw.stdout.indexOf(begin);
  if (start < 0) return "not-begun";
  const body = raw.stdout.slice(start + begin.length);
  const end = new RegExp(`\\n${mark}:end:(\\d+)\\n`).exec(body);
  if (!end) return "not-ended";
  const errors = raw.stderr.split(begin)[1] ?? "";
  return {
    stdout: body.slice(0, end.index),
    stderr: (errors.split(`\n${mark}:end`)[0] ?? "").trim(),
    code: Number(end[1]),
  };
}

/** Turns the raw output of a command into its reply, or throws what went wrong. */
export function replyOf(
  raw: { stdout: string; stderr: string },
  mark: string,
  command: HostCommand,
  where: string,
): HostReply {
  const reply = unframe(raw, mark);
  if (typeof reply === "object") return reply;
  const said = (raw.stderr.trim() || raw.stdout.trim()).slice(0, 400);
  const printed = said === "" ? "it printed nothing" : `it printed: ${JSON.stringify(said)}`;
  if (reply === "not-begun") {
    throw new KerioError("SSH_FAILED", {
      object: command.object ?? where,
      doing: command.doing,
      happened: `the login on ${where} did not run the command; ${printed}`,
      next: "A POSIX shell is needed, and no ForceCommand may replace what is run.",
      outcome: "rejected",
    });
  }
  throw new KerioError("SSH_FAILED", {
    object: command.object ?? where,
    doing: command.doing,
    happened: `the command on ${where} was cut off; ${printed}`,
    outcome: "unknown",
  });
}

/** Runs a script that must end with 0, and answers what it printed. */
export async function runChecked(session: HostSession, command: HostCommand): Promise<string> {
  const reply = await session.run(command);
  if (reply.code === 0) return reply.stdout;
  throw new KerioError("SSH_FAILED", {
    object: command.object ?? session.description,
    doing: command.doing,
    happened: reply.stderr.slice(0, 800) || `the script on ${session.description} ended with code ${reply.code}`,
    outcome: "rejected",
  });
}
