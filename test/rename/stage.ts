import { readFileSync } from "node:fs";
import type { ServerSettings } from "../../provider/config";
import { defaultTimeouts } from "../../provider/config-fields";
import { KerioClient } from "../../provider/kerio/client";
import type { Logger } from "../../provider/log";
import { Coordinator, type CoordinatorOptions } from "../../provider/rename/coordinator";
import { Inventory } from "../../provider/rename/inventory";
import type { MailServer } from "../../provider/rename/mail-server";
import type { UserRequest } from "../../provider/rename/user-request";
import { Deadline, waitFor } from "../../provider/retry";
import { startSimulator, type Simulator, type SimulatorOptions } from "../helpers/start-simulator";

export const domain = "example.com";

/** A server on which nobody has a directory who has had no mail and has not logged in. */
export const madeAtFirstUse = { "directory-at": "first-use" };

/** A server on which an account and an alias of its name are there together: elsewhere a name may be nobody's for a call. */
export const besideEachOther = { "alias-beside-user": "allowed", "user-beside-alias": "allowed" };

/** A server with a seat for everybody whom a test brings. */
export const seatsForAll = { "licence-seats": "25" };

/** Settings that reach a stand-in as its administrator and as root. */
export function settingsOf(simulator: Pick<Simulator, "info">, change: Partial<ServerSettings> = {}): ServerSettings {
  const { adminUrl, admin, caFile, ssh } = simulator.info;
  const timeouts = { ...defaultTimeouts, request: 20, stop: 30, start: 30, supervisor: 12 };
  const ca = readFileSync(caFile, "utf8");
  return {
    name: "",
    api: { url: adminUrl, username: admin.user, password: admin.password, ca, timeouts },
    ssh: {
      host: ssh.host,
      port: ssh.port,
      user: ssh.user,
      auth: { kind: "key", privateKey: readFileSync(ssh.privateKeyFile, "utf8") },
      hostKey: ssh.hostKey,
    },
    timeouts,
    renameOrder: "accountFirst",
    backup: "none",
    configurationCopyDays: 30,
    ...change,
  };
}

/** A server as the plugin would hold it, and what it said. */
export interface Provider {
  server: MailServer;
  coordinator: Coordinator;
  lines: string[];
  close(): Promise<void>;
}

/** The rename code as a plugin process holds it, on settings of its own. */
export function provider(settings: ServerSettings, options: CoordinatorOptions = {}): Provider {
  const lines: string[] = [];
  const log: Logger = {
    info: (text) => void lines.push(text),
    warn: (text) => void lines.push(text),
    progress: () => {},
  };
  const client = new KerioClient(settings.api, { log });
  const server: MailServer = { settings, client, inventory: new Inventory(client), log };
  return { server, coordinator: new Coordinator(server, options), lines, close: () => client.logout() };
}

/** A stand-in with people: jdoe (mail, groups, list, room, aliases, contact, limits) and asmith. */
export async function stage(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  const { adminCall, deliver } = simulator;
  const { list: domains } = await adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  const domainId = domains[0]?.id ?? "";
  const made = async (method: string, params: Record<string, unknown>): Promise<string> => {
    const { result, errors } = await adminCall<{ result: { id: string }[]; errors: unknown[] }>(method, params);
    if (errors.length > 0) throw new Error(`${method}: ${JSON.stringify(errors)}`);
    return result[0]?.id ?? "";
  };
  const staff = await made("Groups.create", { groups: [{ domainId, name: "staff" }] });
  const jdoe = await made("Users.create", {
    users: [
      {
        domainId,
        loginName: "jdoe",
        isEnabled: true,
        password: "Orchard.7.Gate",
        fullName: "J. Doe",
        description: "accounting",
        diskSizeLimit: { isActive: true, limit: { value: 2, units: "GigaBytes" } },
        emailAddresses: ["j.d"],
        emailForwarding: { mode: "UForwardDeliver", emailAddresses: ["archive@example.org"] },
        role: { userRole: "Auditor", publicFolderRight: true, archiveFolderRight: false },
      },
    ],
  });
  await made("Users.create", {
    users: [{ domainId, loginName: "asmith", isEnabled: true, password: "Meadow.9.Stone" }],
  });
  await adminCall("Users.setPersonalContact", {
    userIds: [jdoe],
    contact: { firstName: "J.", departmentName: "Books" },
  });
  await adminCall("Groups.addMemberList", { groupId: staff, userList: [jdoe] });
  const list = await made("MailingLists.create", { mailingLists: [{ domainId, name: "news" }] });
  await adminCall("MailingLists.addMlUserList", {
    mlId: list,
    members: [{ hasId: true, userId: jdoe, emailAddress: "", fullName: "", kind: "Moderator" }],
  });
  const archiveReaderList = [
    { kind: "TrusteeGroup", readerId: staff },
    { kind: "TrusteeUser", readerId: jdoe },
  ];
  await adminCall("MailingLists.set", {
    mlIds: [list],
    pattern: { archive: { keepArchive: true, archiveReaderList } },
  });
  await made("Resources.create", {
    resources: [{ domainId, name: "room", type: "Room", manager: { type: "UserPrincipal", id: jdoe, name: "jdoe" } }],
  });
  await made("Aliases.create", { aliases: [{ domainId, name: "books", deliverTo: "jdoe", type: "TypeEmailAddress" }] });
  for (const subject of ["one", "two", "three"]) await deliver({ to: `jdoe@${domain}`, subject });
  return simulator;
}

/** What the server holds, as soon as it has one: after a death somebody else starts it, and it takes its time. */
export function truthOf({ control }: Pick<Simulator, "control">): ReturnType<Simulator["control"]["truth"]> {
  const awaited = { object: "the stand-in", what: "the engine to be there", next: "Look at its log.", every: 100 };
  return waitFor({ ...awaited, deadline: Deadline.in(20) }, () => control.truth().catch(() => undefined));
}

/** The server's id of an account. */
export async function idOf(simulator: Simulator, name: string): Promise<string> {
  const account = (await truthOf(simulator)).accounts.find((candidate) => candidate.name === name);
  if (!account) throw new Error(`no account ${name}`);
  return account.id;
}

/** A rename as a user resource asks for it. */
export function renameRequest(
  from: string,
  to: string,
  userId?: string,
  change: Partial<UserRequest> = {},
): UserRequest {
  return {
    domain,
    name: to,
    declared: {},
    renamedFrom: { name: from, userId },
    keepOldAddress: true,
    adopt: false,
    adoptMailbox: false,
    ...change,
  };
}

/** A new user as a resource asks for it. */
export function newcomer(name: string, change: Partial<UserRequest> = {}): UserRequest {
  return { domain, name, declared: {}, keepOldAddress: true, adopt: false, adoptMailbox: false, ...change };
}
