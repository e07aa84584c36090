import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "./engine.js";
import { logInToMail } from "./mail-login.js";
import { visibleMessages } from "./mailbox.js";
import type { Queue } from "./queue.js";
import type { State, User } from "./state.js";
import { without } from "./without.js";

/** A message of the host, see README.md. */
type Message = { type?: string } & Record<string, unknown>;

/** Does what a message of the host asks; gives the value to answer a query with, undefined for the others. */
export function answerQuery(engine: Engine | undefined, queue: Queue | undefined, message: Message): unknown {
  const options = (message["options"] ?? {}) as object;
  switch (message.type) {
    case "fault":
      engine?.faults.add(String(message["name"]), options);
      return undefined;
    case "clear-faults":
      engine?.faults.clear();
      return undefined;
    case "switch":
    case "set-switch":
      engine?.switches.choose(String(message["name"] ?? message["k"]), String(message["value"] ?? message["v"]));
      return undefined;
    case "query":
      return engine && queue ? query(engine, queue, message) : { error: "the engine is not running" };
    default:
      return undefined;
  }
}

function query(engine: Engine, queue: Queue, message: Message): unknown {
  switch (message["what"]) {
    case "truth":
      return truthOf(engine, queue);
    case "login":
      return mailLogin(engine, String(message["user"]), String(message["password"]));
    case "submit": {
      const recipients = message["recipients"] as string[];
      return { queueId: queue.accept(String(message["sender"]), recipients, Buffer.from(String(message["message"]))) };
    }
    default:
      return { error: `unknown query ${String(message["what"])}` };
  }
}

/** All plain data as it stands in memory, without any form of a password. */
function truthOf(engine: Engine, queue: Queue): unknown {
  const { state } = engine;
  return {
    settings: state.settings,
    domains: state.domains,
    accounts: accountsOf(engine),
    aliases: withDomain(engine, state.aliases),
    groups: withDomain(engine, state.groups),
    mailingLists: withDomain(engine, state.lists),
    resources: withDomain(engine, state.resources),
    services: state.services,
    queued: queue.length,
    startedAt: new Date(engine.startedAt).toISOString(),
    pid: process.pid,
  };
}

function accountsOf(engine: Engine) {
  const groups = engine.state.groups.map(({ name, memberIds }) => ({ name, members: new Set(memberIds) }));
  return engine.state.users.map((user) => accountOf(engine, user, groups));
}

function accountOf(engine: Engine, user: User, groups: { name: string; members: Set<string> }[]) {
  const shown = without(user, "passwordStored", "passwordHistory");
  return {
    ...shown,
    name: user.loginName,
    enabled: user.isEnabled,
    domain: engine.domain(user.domainId)?.name ?? "",
    address: engine.addressOf(user),
    directory: engine.mailboxOf(user),
    groups: groups.filter(({ members }) => members.has(user.id)).map(({ name }) => name),
    accessPolicy: engine.state.policies.find((policy) => policy.id === user.accessPolicyId)?.name ?? "",
  };
}

function withDomain<T extends State["aliases" | "groups" | "lists" | "resources"][number]>(engine: Engine, rows: T[]) {
  return rows.map((row) => ({ ...row, domain: engine.domain(row.domainId)?.name ?? "" }));
}

/** A person logs in with a mail client, and the mail is listed. */
function mailLogin(engine: Engine, userName: string, password: string): unknown {
  if (!engine.service("IMAP")?.isRunning) return { ok: false, reason: "service stopped" };
  const login = logInToMail(engine, { door: "mail", protocol: "IMAP", userName, password });
  if (!login.ok) return login;
  const messages = visibleMessages(login.directory).map((message) => ({
    ...message,
    subject: subjectOf(join(login.directory, message.folder, "#msgs", message.file)),
  }));
  return { ok: true, userId: login.user.id, directory: login.directory, messages };
}

function subjectOf(file: string): string {
  const head = readFileSync(file, "utf8").split(/\r?\n\r?\n/)[0] ?? "";
  return /^subject:[ \t]*(.*)$/im.exec(head)?.[1]?.trim() ?? "";
}
