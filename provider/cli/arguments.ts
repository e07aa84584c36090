import { parseArgs } from "node:util";

/** What the command line asks for. */
export type Arguments =
  | { command: "help" | "version" }
  | { command: "status"; server?: string; stack?: string; json: boolean }
  | { command: "recover"; server?: string; stack?: string; json: boolean; dryRun: boolean; wait?: number };

/** The text of `--help`. */
export const usage = `pulumi-kerio: looks after renames that were interrupted, without Pulumi.

Usage:
  pulumi-kerio status  [--server NAME] [--stack NAME] [--json]
  pulumi-kerio recover [--server NAME] [--stack NAME] [--json] [--dry-run] [--wait SECONDS]

Commands:
  status    lists what renames have left on the mail host; changes nothing
  recover   shows what is open, then finishes it or rolls it back

Options:
  --server NAME    an entry of kerio:servers; the default server when left out
  --stack NAME     takes the settings from that stack, through the pulumi command in this directory;
                   without it they come from the environment (KERIO_URL, KERIO_SSH_HOST_KEY and so on)
  --dry-run        shows what is open and what would be done
  --wait SECONDS   how long to wait for another run that holds the mail host (default 600)
  --json           one JSON document on standard output; messages go to standard error
  -h, --help       shows this
  -v, --version    shows the version

Exit codes: 0 nothing is open (any more), 1 it failed, 2 wrong usage, 3 something is open.
`;

/** The command line is wrong; the message says how. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const common = {
  server: { type: "string" },
  stack: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

const options = {
  status: common,
  recover: { ...common, "dry-run": { type: "boolean", default: false }, wait: { type: "string" } },
} as const;

/** @throws UsageError */
export function readArguments(args: string[]): Arguments {
  if (args.some((arg) => arg === "--help" || arg === "-h")) return { command: "help" };
  const [command = "", ...rest] = args;
  if (command === "--version" || command === "-v") return noMore("version", rest);
  if (command === "help" || command === "") return command === "" ? missing() : noMore("help", rest);
  if (command !== "status" && command !== "recover") throw new UsageError(`there is no command ${command}`);
  const values = parse(command, rest);
  const { server, stack, json = false } = values;
  for (const [name, value] of Object.entries({ server, stack })) {
    if (value === "") throw new UsageError(`--${name} is empty`);
  }
  const shared = { ...(server !== undefined && { server }), ...(stack !== undefined && { stack }), json };
  if (command === "status") return { command, ...shared };
  const wait = "wait" in values && values.wait !== undefined ? secondsOf(values.wait) : undefined;
  const dryRun = "dry-run" in values && values["dry-run"] === true;
  return { command, ...shared, dryRun, ...(wait !== undefined && { wait }) };
}

function parse(command: "status" | "recover", args: string[]) {
  try {
    const { values } = parseArgs({ args, options: options[command], strict: true, allowPositionals: false });
    return values as { server?: string; stack?: string; json?: boolean; "dry-run"?: boolean; wait?: string };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function secondsOf(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`--wait takes a whole number of seconds, not ${text}`);
  return Number(text);
}

function noMore(command: "help" | "version", rest: string[]): Arguments {
  if (rest.length > 0) throw new UsageError(`${command} takes nothing else, but there is ${rest.join(" ")}`);
  return { command };
}

function missing(): never {
  throw new UsageError("a command is missing");
}
