import { randomBytes } from "node:crypto";
import { KerioError } from "../errors";
import { listMailboxes, makeProbe, removeProbe, type Mailbox } from "../host/directories";
import { probePrefix } from "../host/directory-scripts";
import { inspectHost, type HostFacts } from "../host/facts";
import { entryName } from "../host/lines";
import type { HostSession } from "../host/session";
import { getServerTime } from "../kerio/methods/server";
import { listServices } from "../kerio/methods/services";
import { getPersonalContacts, writableFields, type User } from "../kerio/methods/users";
import { mergeContact } from "../kerio/methods/write-contact";
import { settingKey } from "../setting-key";
import { delivers } from "./delivery-address";
import { directoryNames } from "./directory-names";
import { namedIds, type NamedIds } from "./lookups";
import type { MailServer } from "./mail-server";
import type { Role } from "./plan";
import { aliasesInTheWay, askAboutRename, type RenameQuestion } from "./questions";
import { keptAlias, references } from "./references";
import { letSleep } from "./seats";
import type { RenameRecord, Snapshot } from "./snapshot";
import type { UserRequest } from "./user-request";

/** Bytes that must be free on the host beside room for the configuration's copies. */
const spareBytes = 20 * 1024 * 1024;

/** A random id for a run: lower-case letters and digits. */
export function newRunId(): string {
  return randomBytes(8).toString("hex");
}

/** Looks at the mail host with the settings of the stack. */
export async function observeHost(server: MailServer, host: HostSession, domains: string[]): Promise<HostFacts> {
  const { service, programDirectory } = server.settings;
  return inspectHost(host, {
    storePath: await server.inventory.storePath(),
    domains,
    commands: service && { stop: service.stopCommand, start: service.startCommand, status: service.statusCommand },
    programDirectory,
    server: server.settings.name,
  });
}

/** Looks at the mail host, and that it is the machine behind the API. Nothing is left behind. */
export async function lookAtHost(server: MailServer, host: HostSession, domains: string[]): Promise<HostFacts> {
  const storePath = await server.inventory.storePath();
  const facts = await observeHost(server, host, domains);
  await isSameMachine(server, host, storePath);
  const needed = facts.configuration.bytes * 3 + spareBytes;
  if (facts.freeBytes < needed) {
    throw unsuitable(
      server,
      `only ${facts.freeBytes} bytes are free, and ${needed} are needed for snapshot and copies`,
      "Make room on the mail host.",
    );
  }
  const { name } = server.settings;
  if (!facts.engine.running && facts.service.kind === "commands") {
    throw unsuitable(
      server,
      `${settingKey("statusCommand", name)} does not end with 0, though the API answers`,
      "Set it to a command that ends with 0 while the server runs, and with another code while it does not.",
    );
  }
  if (!facts.engine.running) {
    throw unsuitable(
      server,
      "no server process was found on it, though the API answers",
      `Check ${settingKey("sshHost", name)} and ${settingKey("programDirectory", name)}.`,
    );
  }
  for (const [domain, { exists, isOther, symlink, path, device, parkingDevice }] of Object.entries(facts.domains)) {
    if (symlink) {
      throw unsuitable(
        server,
        `the directory of ${domain} in the store is a symbolic link (to ${path}), which the server's backups skip`,
        "Put the directory itself there, or follow the vendor's manual procedure.",
      );
    }
    if (isOther) throw unsuitable(server, `${path} is no directory`, "Look at the store on the mail host.");
    if (!exists) continue;
    if (device !== parkingDevice) {
      throw unsuitable(
        server,
        `the mailboxes of ${domain} lie on another file system than the store`,
        "Such a store cannot be handled; follow the vendor's manual procedure.",
      );
    }
  }
  return facts;
}

async function isSameMachine(server: MailServer, host: HostSession, storePath: string): Promise<void> {
  const name = `${probePrefix}${newRunId()}`;
  await makeProbe(host, storePath, name);
  let names: string[];
  try {
    names = await directoryNames(server.client, storePath);
  } catch (error) {
    await removeProbe(host, storePath, name).catch(() => undefined);
    throw error;
  }
  await removeProbe(host, storePath, name);
  if (names.includes(name)) return;
  throw unsuitable(
    server,
    `a directory made over SSH in ${storePath} is not seen by the server behind ${server.settings.api.url}`,
    `The SSH host is another machine than the mail server: set ${settingKey("sshHost", server.settings.name)} to the mail server's own host.`,
  );
}

function unsuitable(server: MailServer, happened: string, next: string): KerioError {
  return new KerioError("HOST_UNSUITABLE", {
    object: `mail host ${server.settings.ssh?.host ?? ""}`,
    doing: "preparing a rename",
    happened,
    next: `${next} Nothing has been touched.`,
  });
}

/** Everything about the server that a snapshot holds beside its renames. */
export async function beginSnapshot(server: MailServer, facts: HostFacts, domains: string[]): Promise<Snapshot> {
  const storePath = await server.inventory.storePath();
  const directories: Record<string, string[]> = {};
  for (const domain of domains) {
    directories[domain] = facts.domains[domain]?.exists
      ? await directoryNames(server.client, `${storePath}/mail/${domain}`)
      : [];
  }
  const services = await listServices(server.client);
  const id = newRunId();
  return {
    version: 1,
    id,
    mark: `[pulumi-kerio ${newRunId()}]`,
    createdAt: new Date().toISOString(),
    url: server.settings.api.url,
    order: server.settings.renameOrder,
    storePath,
    serverStartTime: String((await getServerTime(server.client)).startTime),
    services: services.map(({ id, name, isRunning, howToStart }) => ({
      id,
      name,
      isRunning,
      howToStart: String(howToStart ?? ""),
    })),
    directories,
    renames: [],
    results: {},
  };
}

/**
 * Describes one rename completely, from fresh lists.
 * @throws KerioError `RENAME_REFUSED` with every reason; nothing has been touched
 */
export async function describeRename(
  server: MailServer,
  facts: HostFacts,
  snapshot: Snapshot,
  request: UserRequest,
  mailboxes: Map<string, Mailbox[]>,
  role: Role & Pick<RenameQuestion, "givesWay" | "snapshots" | "waking">,
): Promise<RenameRecord> {
  const { domain, name: to, renamedFrom } = request;
  const from = renamedFrom?.name ?? "";
  const { password, keepOldAddress, declared } = request;
  const { emailAddresses } = declared;
  const question = { domain, from, to, fromId: renamedFrom?.userId, password, keepOldAddress, emailAddresses };
  const makesWay = (bearer: User): boolean => bearer.id === role.after;
  const { givesWay, snapshots, waking } = role;
  const enables = declared.isEnabled === true;
  const asked: RenameQuestion = { ...question, makesWay, givesWay, snapshots, enables, waking };
  const { refusals, warnings, account } = await askAboutRename(server, asked);
  for (const warning of warnings) server.log.warn(warning);
  const place = facts.domains[domain];
  const found = mailboxes.get(domain);
  const mailbox =
    place && found && refusals.length === 0
      ? mailboxOf(found, place.path, { from, to, isBorne: role.after !== undefined }, refusals)
      : undefined;
  if (account) refusals.push(...missingMailbox(snapshot, account, domain, from, mailbox));
  if (!account || !place || refusals.length > 0) {
    letSleep(waking, domain, account);
    throw refuse(request, refusals);
  }
  const domainId = (await server.inventory.domain(domain)).id;
  const contacts = await getPersonalContacts(server.client, [account.id]);
  const contact = mergeContact(contacts.get(account.id), request.contact);
  const { groupIds, policy } = await namedIds(server, request);
  return {
    domain,
    domainId,
    domainPath: place.path,
    parking: facts.store.parking,
    from,
    to,
    oldId: account.id,
    before: account,
    settings: settingsOf(account, request, policy),
    declared: declaredMembers(request),
    taken: [],
    description: request.declared.description ?? account.description ?? "",
    enabled: request.declared.isEnabled ?? account.isEnabled ?? true,
    emailAddresses: (request.declared.emailAddresses ?? account.emailAddresses ?? []).filter(
      (address) => !delivers(address, to, domain),
    ),
    contact: Object.keys(contact).length > 0 ? contact : undefined,
    groupIds: groupIds ?? (account.userGroups ?? []).map((group) => group.id),
    ...(await references(server, account, domain, from)),
    keepOldAddress: request.keepOldAddress,
    passwordFrom: request.password === undefined ? "generated" : "program",
    after: role.after,
    inTheWay: (await aliasesInTheWay(server, asked)).map(keptAlias),
    mailbox: mailbox && { inode: mailbox.inode, messages: mailbox.messages, bytes: mailbox.bytes },
  };
}

/** What the store holds under the old and the new names of several requests: one look a domain. */
export async function lookAtMailboxes(
  host: HostSession,
  facts: HostFacts,
  requests: UserRequest[],
): Promise<Map<string, Mailbox[]>> {
  const found = new Map<string, Mailbox[]>();
  for (const domain of new Set(requests.map((request) => request.domain))) {
    const place = facts.domains[domain];
    if (!place?.exists) continue;
    const here = requests.filter((request) => request.domain === domain);
    const names = here.flatMap(({ name, renamedFrom }) => (renamedFrom ? [name, renamedFrom.name] : [name]));
    const looked = [...new Set(names)].filter(isEntryName);
    found.set(domain, await listMailboxes(host, place.path, { names: looked, mounts: true }));
  }
  return found;
}

function isEntryName(name: string): boolean {
  try {
    return entryName(name, "mailbox") === name;
  } catch {
    return false;
  }
}

function mailboxOf(
  found: Mailbox[],
  domainPath: string,
  { from, to, isBorne }: { from: string; to: string; isBorne: boolean },
  refusals: string[],
) {
  // What cannot be the name of a directory has not been looked for.
  for (const name of [from, to]) entryName(name, "mailbox");
  const mailbox = found.find((candidate) => candidate.name === from);
  if (mailbox && !mailbox.directory && !mailbox.symlink) {
    refusals.push(`${from} in the store is no directory; look at ${domainPath} on the mail host.`);
  }
  if (mailbox?.symlink) {
    refusals.push(
      `The mailbox directory of ${from} is a symbolic link; the server's backups skip it, and so it is not renamed.`,
    );
  }
  if (mailbox?.mountPoint) {
    refusals.push(`The mailbox directory of ${from} is a mount point, which cannot be renamed while it is mounted.`);
  }
  if (!isBorne && found.some((candidate) => candidate.name === to)) {
    refusals.push(`The store holds a directory ${to} already; move it away on the mail host, or choose another name.`);
  }
  return mailbox;
}

/** A mailbox that is not where its name says must not be left behind by a rename that finds nothing to move. */
function missingMailbox(snapshot: Snapshot, account: User, domain: string, from: string, mailbox: unknown): string[] {
  if (mailbox) return [];
  const alike = (snapshot.directories[domain] ?? []).find((name) => name.toLowerCase() === from.toLowerCase());
  if (alike !== undefined && alike !== from) {
    return [
      `The mailbox directory of ${from} is written ${alike} in the store; rename this account by the vendor's manual procedure.`,
    ];
  }
  if ((account.consumedItems ?? 0) > 0) {
    return [
      `The server counts ${account.consumedItems} items in the mailbox of ${from}, but there is no directory of that name in the store.`,
    ];
  }
  return [];
}

function settingsOf(account: User, request: UserRequest, policy: NamedIds["policy"]): RenameRecord["settings"] {
  const settings: RenameRecord["settings"] & { hasDefaultSpamRule?: boolean } = {
    ...writableFields(account),
    ...request.declared,
    hasDefaultSpamRule: false,
  };
  if (policy) settings.accessPolicy = policy;
  // These are given at their own step, or would be in the old account's way while both exist.
  for (const key of ["description", "isEnabled", "emailAddresses", "userGroups", "password"] as const) {
    delete settings[key];
  }
  return settings;
}

function declaredMembers({ declared, groups, accessPolicy }: UserRequest): string[] {
  const members = Object.entries({ ...declared, userGroups: groups, accessPolicy });
  return members.filter(([, value]) => value !== undefined).map(([member]) => member);
}

function refuse(request: UserRequest, reasons: string[]): KerioError {
  return new KerioError("RENAME_REFUSED", {
    object: `user ${request.renamedFrom?.name ?? "?"}@${request.domain}, to be renamed to ${request.name}@${request.domain}`,
    doing: "preparing the rename",
    happened:
      reasons.length > 0
        ? reasons.map((reason) => reason.replace(/\.$/, "")).join("; ")
        : "the domain has no directory in the store",
    next: "Nothing has been touched.",
  });
}
