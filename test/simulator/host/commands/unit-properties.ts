import { join } from "node:path";
import type { UnitState } from "../service-manager";
import { unitTitle, type CommandContext } from "./command";

/** The unit file, in the wording of the one in circulation. */
export function unitFile(context: CommandContext): string {
  const { settings } = context.manager;
  return [
    "[Unit]",
    `Description=${unitTitle}`,
    "After=network.target",
    "",
    "[Service]",
    "Type=forking",
    `PIDFile=${context.pidFile}`,
    `ExecStart=${join(context.programDir, "mailserver")} ${context.programDir}`,
    `Restart=${settings.restartOnFailure ? "on-failure" : "no"}`,
    "LimitNOFILE=10240",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}

/**
 * What `systemctl show` prints: all properties, or the asked ones in systemd's own order; unknown ones are left out
 * without a word. Without a context the unit does not exist.
 */
export function unitProperties(
  context: CommandContext | undefined,
  name: string,
  asked: string[],
  valueOnly: boolean,
): string {
  const all = context ? ofUnit(context, name) : ofMissing(name);
  const shown = Object.entries(all).filter(([key]) => asked.length === 0 || asked.includes(key));
  return shown.map(([key, value]) => `${valueOnly ? value : `${key}=${value}`}\n`).join("");
}

function ofUnit(context: CommandContext, name: string): Record<string, string> {
  const { state, settings } = context.manager;
  const program = join(context.programDir, "mailserver");
  const started = state.activeEnter ? stamp(state.activeEnter) : "n/a";
  const command =
    `{ path=${program} ; argv[]=${program} ${context.programDir} ; ignore_errors=no ; ` +
    `start_time=[${started}] ; stop_time=[n/a] ; pid=${state.mainPid} ; code=(null) ; status=0/0 }`;
  return {
    Type: "forking",
    Restart: settings.restartOnFailure ? "on-failure" : "no",
    PIDFile: context.pidFile,
    RestartUSec: span(settings.restartDelayMs),
    TimeoutStartUSec: span(settings.startTimeoutMs),
    TimeoutStopUSec: span(settings.stopTimeoutMs),
    MainPID: String(state.mainPid),
    ControlPID: "0",
    Result: state.result,
    NRestarts: String(state.restarts),
    ExecMainPID: String(state.lastPid),
    ExecMainCode: mainCode(state),
    ExecMainStatus: mainStatus(state),
    ExecStart: command,
    Id: name.includes(".") ? name : `${name}.service`,
    Names: name,
    Description: unitTitle,
    LoadState: "loaded",
    ActiveState: state.active,
    SubState: state.sub,
    FragmentPath: `/lib/systemd/system/${name}`,
    UnitFileState: "enabled",
    UnitFilePreset: "enabled",
    ActiveEnterTimestamp: state.activeEnter ? stamp(state.activeEnter) : "",
    ActiveExitTimestamp: state.activeExit ? stamp(state.activeExit) : "",
    CanStart: "yes",
    CanStop: "yes",
    InvocationID: state.invocationId,
  };
}

function ofMissing(name: string): Record<string, string> {
  return {
    MainPID: "0",
    Result: "success",
    Id: name,
    Names: name,
    Description: name,
    LoadState: "not-found",
    ActiveState: "inactive",
    SubState: "dead",
    UnitFileState: "",
    InvocationID: "",
  };
}

const signalNumbers: Record<string, string> = { SIGKILL: "9", SIGTERM: "15", SIGABRT: "6", SIGSEGV: "11", SIGINT: "2" };

/** CLD_EXITED is 1, CLD_KILLED is 2; 0 while nothing has ended. */
function mainCode({ exit }: UnitState): string {
  if (!exit) return "0";
  return exit.signal ? "2" : "1";
}

function mainStatus({ exit }: UnitState): string {
  if (!exit) return "0";
  return exit.signal ? (signalNumbers[exit.signal] ?? "1") : String(exit.code ?? 0);
}

/** `Mon 2026-03-02 08:15:00 UTC`. */
function stamp(date: Date): string {
  const day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][date.getUTCDay()] ?? "";
  const [ymd, hms] = date.toISOString().split(/[T.]/);
  return `${day} ${ymd} ${hms} UTC`;
}

/** `1min 30s`, `100ms`. */
function span(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = (ms % 60_000) / 1000;
  return [minutes ? `${minutes}min` : "", seconds ? `${seconds}s` : ""].filter(Boolean).join(" ");
}
