import { unitFile, unitProperties } from "./unit-properties";
import { complained, printed, unitName, unitTitle, type Call, type CommandContext, type Reply } from "./command";

const unit = `${unitName}.service`;
const seeLogs = `See system logs and 'systemctl status ${unit}' for details.\n`;

/** Options whose next word is their value. */
const valued = ["-p", "--property", "-t", "--type", "--state", "-o", "--output", "-n", "--lines", "--job-mode"];

interface Parsed {
  verb: string;
  units: string[];
  properties: string[];
  value: boolean;
  quiet: boolean;
  noBlock: boolean;
  noLegend: boolean;
}

/** `systemctl`: the verbs an administrator or a program uses on one service, with systemd's words and exit codes. */
export async function systemctl(call: Call, context: CommandContext): Promise<Reply> {
  if (call.args.includes("--version")) return printed("systemd 252 (252.39-1~deb12u1)\n");
  const parsed = parse(call.args);
  if (parsed.verb === "daemon-reload") return call.root ? printed("") : complained(denied("reload daemon"), 1);
  if (parsed.verb === "is-system-running") return printed("running\n");
  if (parsed.verb === "list-units" || parsed.verb === "list-unit-files") return list(parsed, context);
  if (parsed.units.length === 0) return complained("Too few arguments.\n");
  let all: Reply = printed("");
  for (const name of parsed.units) {
    const one = await onUnit(parsed, name, call, context);
    all = { code: all.code || one.code, stdout: all.stdout + one.stdout, stderr: all.stderr + one.stderr };
  }
  return all;
}

function parse(args: string[]): Parsed {
  const words: string[] = [];
  const properties: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    const long = /^--property=(.*)$/.exec(word)?.[1] ?? /^-p(.+)$/.exec(word)?.[1];
    if (long !== undefined) properties.push(...long.split(","));
    else if (word === "-p" || word === "--property") properties.push(...(args[++at] ?? "").split(","));
    else if (valued.includes(word)) at++;
    else if (!word.startsWith("-")) words.push(word);
  }
  const has = (...names: string[]): boolean => names.some((name) => args.includes(name));
  return {
    verb: words[0] ?? "list-units",
    units: words.slice(1),
    properties,
    value: has("--value"),
    quiet: has("-q", "--quiet"),
    noBlock: has("--no-block"),
    noLegend: has("--no-legend", "--legend=false"),
  };
}

async function onUnit(parsed: Parsed, name: string, call: Call, context: CommandContext): Promise<Reply> {
  const { manager } = context;
  const known = name === unitName || name === unit;
  const full = name.includes(".") ? name : `${name}.service`;
  switch (parsed.verb) {
    case "show":
      return printed(unitProperties(known ? context : undefined, full, parsed.properties, parsed.value));
    case "cat":
      return known
        ? printed(`# /lib/systemd/system/${unit}\n${unitFile(context)}`)
        : complained(`No files found for ${full}.\n`);
    case "is-active":
    case "is-failed": {
      const active = known ? manager.state.active : "inactive";
      const yes = active === (parsed.verb === "is-failed" ? "failed" : "active");
      return { ...printed(parsed.quiet ? "" : `${active}\n`, yes ? 0 : parsed.verb === "is-failed" ? 1 : 3) };
    }
    case "is-enabled":
      return known
        ? printed("enabled\n")
        : complained(`Failed to get unit file state for ${full}: No such file or directory\n`);
    case "status":
      return known ? status(context) : complained(`Unit ${full} could not be found.\n`, 4);
  }
  if (!["start", "stop", "restart", "try-restart", "reset-failed", "kill"].includes(parsed.verb)) {
    return complained(`Unknown command verb '${parsed.verb}', did you mean 'status'?\n`);
  }
  if (!known) {
    const missing = parsed.verb.endsWith("start") ? "not found" : "not loaded";
    return complained(`Failed to ${parsed.verb} ${full}: Unit ${full} ${missing}.\n`, 5);
  }
  if (!call.root) return complained(`${denied(`${parsed.verb} ${unit}`)}${seeLogs}`, 4);
  return change(parsed, context);
}

async function change(parsed: Parsed, context: CommandContext): Promise<Reply> {
  const { manager } = context;
  if (parsed.verb === "reset-failed") manager.resetFailed();
  if (parsed.verb === "kill") manager.engine?.kill("SIGTERM");
  if (parsed.verb === "reset-failed" || parsed.verb === "kill") return printed("");
  const idle = parsed.verb === "try-restart" && manager.state.active !== "active";
  if (idle) return printed("");
  if (parsed.verb !== "start" && context.stopRefused()) {
    return complained(`Failed to ${parsed.verb} ${unit}: Access denied\n${seeLogs}`, 4);
  }
  if (parsed.verb === "stop") {
    const job = manager.stop();
    if (!parsed.noBlock) await job;
    return printed("");
  }
  const job = parsed.verb === "start" ? manager.start() : manager.restart();
  if (parsed.noBlock) return printed("");
  if (!context.waitForReady && manager.state.active === "activating") return printed("");
  const result = await job;
  if (result === "done") return printed("");
  if (result === "canceled") return complained(`Job for ${unit} canceled.\n`);
  const reason = {
    timeout: "a timeout was exceeded",
    signal: "a fatal signal was delivered to the control process",
    "start-limit-hit": "start of the service was attempted too often",
    "exit-code": "the control process exited with error code",
    success: "the control process exited with error code",
  }[manager.state.result];
  return complained(
    `Job for ${unit} failed because ${reason}.\n` +
      `See "systemctl status ${unit}" and "journalctl -xeu ${unit}" for details.\n`,
  );
}

function status(context: CommandContext): Reply {
  const { state } = context.manager;
  const mark = state.active === "active" ? "●" : state.active === "failed" ? "×" : "○";
  const since = state.active === "active" ? state.activeEnter : state.activeExit;
  const word = state.active === "failed" ? `failed (Result: ${state.result})` : `${state.active} (${state.sub})`;
  const lines = [
    `${mark} ${unit} - ${unitTitle}`,
    `     Loaded: loaded (/lib/systemd/system/${unit}; enabled; preset: enabled)`,
    `     Active: ${word}${since ? ` since ${since.toUTCString()}` : ""}`,
    ...(state.mainPid ? [`   Main PID: ${state.mainPid} (mailserver)`] : []),
  ];
  return printed(`${lines.join("\n")}\n`, state.active === "active" ? 0 : 3);
}

function list(parsed: Parsed, context: CommandContext): Reply {
  const asked = parsed.units;
  const shown = asked.length === 0 || asked.some((name) => name === unit || name === unitName || matches(name));
  const { active, sub } = context.manager.state;
  const files = parsed.verb === "list-unit-files";
  const row = files ? `${unit} enabled enabled` : `${unit} loaded ${active} ${sub} ${unitTitle}`;
  const head = files
    ? "UNIT FILE             STATE   PRESET"
    : "UNIT                  LOAD   ACTIVE SUB     DESCRIPTION";
  const foot = `${shown ? 1 : 0} ${files ? "unit files" : "loaded units"} listed.`;
  const body = shown ? `${row}\n` : "";
  return printed(parsed.noLegend ? body : `${head}\n${body}\n${foot}\n`, files && !shown ? 1 : 0);
}

function matches(pattern: string): boolean {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${text}$`).test(unit);
}

function denied(what: string): string {
  return `Failed to ${what}: Interactive authentication required.\n`;
}
