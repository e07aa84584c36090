import { constants } from "node:os";
import { basename, join } from "node:path";
import type { UnitState } from "../service-manager";
import { complained, printed, type Call, type CommandContext, type Reply } from "./command";

/** The job's property list; its label may be another name. */
const plist = "com.kerio.mailserver.plist";

/** `launchctl`: the old verbs on a property list and the newer ones on `system/LABEL`. A loaded job is a running one. */
export async function launchctl(call: Call, context: CommandContext): Promise<Reply> {
  const [verb = "", ...rest] = call.args;
  const words = rest.filter((word) => !word.startsWith("-"));
  const target = words.at(-1) ?? "";
  const label = context.launchdLabel;
  const loaded = context.manager.state.active !== "inactive" && context.manager.state.active !== "failed";
  switch (verb) {
    case "list":
      return words.length === 0 ? printed(table(context, loaded)) : listed(target, context, loaded);
    case "print":
      return target === `system/${label}` && loaded
        ? printed(details(context))
        : complained(`Could not find service "${target.split("/").at(-1)}" in domain for system\n`, 113);
  }
  const byFile = ["load", "unload", "bootstrap"].includes(verb) || (verb === "bootout" && words.length === 2);
  const known = byFile ? basename(target) === plist : [label, `system/${label}`].includes(target);
  if (!["load", "unload", "bootstrap", "bootout", "start", "stop", "kickstart"].includes(verb)) {
    return complained(`Unrecognized subcommand: ${verb}\n`, 64);
  }
  if (!known) return complained(`${target}: No such file or directory\n`, byFile ? 1 : 113);
  if (!call.root) return complained(`${verb}: Operation not permitted while System Integrity allows root only\n`, 1);
  if (["unload", "bootout", "stop"].includes(verb)) {
    if (!loaded) return complained("Unload failed: 113: Could not find specified service\n", verb === "unload" ? 0 : 3);
    if (context.stopRefused()) return complained("Unload failed: 1: Operation not permitted\n", 1);
    await context.manager.stop();
    // What is loaded anew has had no end.
    if (verb !== "stop") context.manager.state.lastExit = undefined;
    return printed("");
  }
  const isForced = verb === "kickstart" && rest.includes("-k");
  if (loaded && isForced && context.stopRefused())
    return complained("Kickstart failed: 1: Operation not permitted\n", 1);
  if (loaded && !isForced)
    return complained("Load failed: 37: Operation already in progress\n", verb === "load" ? 0 : 37);
  const job = loaded ? context.manager.restart() : context.manager.start();
  if (!context.waitForReady) return printed("");
  return (await job) === "done" ? printed("") : complained("Load failed: 5: Input/output error\n", 5);
}

function table(context: CommandContext, loaded: boolean): string {
  const head = "PID\tStatus\tLabel\n";
  return loaded
    ? `${head}${context.manager.state.mainPid || "-"}\t${waitStatus(context.manager.state)}\t${context.launchdLabel}\n`
    : head;
}

function listed(target: string, context: CommandContext, loaded: boolean): Reply {
  if (target !== context.launchdLabel || !loaded) {
    return complained(`Could not find service "${target}" in domain for system\n`, 113);
  }
  const pid = context.manager.state.mainPid;
  const lines = [
    `"Label" = "${context.launchdLabel}";`,
    `"LastExitStatus" = ${waitStatus(context.manager.state)};`,
    ...(pid ? [`"PID" = ${pid};`] : []),
  ];
  return printed(`{\n${lines.map((line) => `\t${line}\n`).join("")}};\n`);
}

/** As wait(2) has it: the signal, or the exit code above eight bits; 0 while nothing has ended. */
function waitStatus({ lastExit }: UnitState): number {
  if (!lastExit) return 0;
  return lastExit.signal ? constants.signals[lastExit.signal] : (lastExit.code ?? 0) << 8;
}

function details(context: CommandContext): string {
  const { state } = context.manager;
  return [
    `system/${context.launchdLabel} = {`,
    `\tpath = /Library/LaunchDaemons/${plist}`,
    `\tstate = ${state.active === "active" ? "running" : "spawn scheduled"}`,
    `\tprogram = ${join(context.programDir, "mailserver")}`,
    `\tpid = ${state.mainPid}`,
    "}",
    "",
  ].join("\n");
}
