import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Counters } from "./counters.js";
import type { Engine } from "./engine.js";
import { onlyReads } from "./rpc/access.js";
import type { TruthKind } from "./truth.js";

/** The logs of the server, `store/logs/<name>.log`. What goes into debug, spam and audit is not known: they stay empty. */
export const logNames = [
  "config",
  "mail",
  "security",
  "warning",
  "operations",
  "error",
  "spam",
  "debug",
  "audit",
] as const;

/** The name of a log. */
export type LogName = (typeof logNames)[number];

/** The file of a log. */
export function logFile(engine: Engine, name: LogName): string {
  return join(engine.store, "logs", `${name}.log`);
}

/** From now on writes what happens into the server's logs, and counts it. */
export function keepLogs(engine: Engine): void {
  mkdirSync(join(engine.store, "logs"), { recursive: true });
  engine.truth.watch((kind, event) => {
    count(engine, kind, event);
    const line = lineOf(kind, event);
    if (line) appendFileSync(logFile(engine, line[0]), `[${stamp(new Date())}] ${line[1]}\n`, { mode: 0o600 });
  });
}

type Event = Record<string, unknown>;

function lineOf(kind: TruthKind, event: Event): [LogName, string] | undefined {
  const text = (name: string) => String(event[name] ?? "");
  switch (kind) {
    case "calls":
      if (event["code"] !== 0 || onlyReads(text("method")) || text("method").startsWith("Session.")) return undefined;
      return ["config", `${text("user")} - ${text("method")}`];
    case "deliveries":
      return ["mail", `Recv: Queue-ID: ${text("queueId")}, From: <${text("sender")}>, To: <${text("recipient")}>`];
    case "bounces":
      return ["mail", `Rejected: From: <${text("sender")}>, To: <${text("recipient")}>, ${text("reason")}`];
    case "logins":
      return event["outcome"] === "in"
        ? ["operations", `User ${text("user")} logged in (${text("door")}).`]
        : ["security", `Failed login of ${text("user")} (${text("door")}): ${text("outcome")}.`];
    case "removals":
      return ["warning", `User ${text("address")} was removed (${text("method")}).`];
    case "engine":
      return /failed|lost|rebuilt|skipped/.test(text("event"))
        ? ["warning", `${text("event")} ${text("reason") || text("mailbox") || text("directory")}`.trim()]
        : ["operations", `${text("event")} ${text("service")}`.trim()];
  }
}

function count({ counters }: Engine, kind: TruthKind, event: Event): void {
  const bytes = typeof event["bytes"] === "number" ? event["bytes"] : 0;
  if (kind === "calls") counters.add("webConnections");
  if (kind === "bounces") counters.add("permanentFailures");
  if (kind === "bounces" && /relaying/.test(String(event["reason"]))) counters.add("smtpRejectedRelays");
  if (kind === "engine" && event["event"] === "delivery deferred") counters.add("transientFailures");
  if (kind === "logins") countLogin(counters, String(event["door"]), event["outcome"] === "in");
  if (kind !== "deliveries") return;
  counters.add("received");
  counters.add("receivedBytes", bytes);
  counters.add(event["kind"] === "remote" ? "transmitted" : "deliveredToLocals");
  counters.add(event["kind"] === "remote" ? "transmittedBytes" : "deliveredToLocalsBytes", bytes);
}

function countLogin(counters: Counters, door: string, isIn: boolean): void {
  if (door === "imap" && !isIn) counters.add("imapLoginFailures");
  if (!["smtp", "secure-smtp", "submission"].includes(door)) return;
  counters.add("smtpLogins");
  if (!isIn) counters.add("smtpLoginFailures");
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The form of the server's logs: `24/Nov/2026 15:02:48`. */
export function stamp(at: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
}
