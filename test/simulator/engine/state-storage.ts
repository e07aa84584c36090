import { existsSync } from "node:fs";
import { configFiles, readConfigFile, writeConfigFile, type ConfigDocument, type Variables } from "./config-files.js";
import { newDomain, newGroup, newList, newResource, newState, newUser } from "./defaults.js";
import type { Domain, Service, State } from "./state.js";

/** How one member of a row is written: as text, as 0/1, as a number, or (structured ones) as JSON. */
type Kind = "text" | "flag" | "number" | "json";

/** [member of the row, name of the variable, kind]. Names that public sources show are used as they show them. */
type Column = readonly [member: string, variable: string, kind: Kind];

const userColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["loginName", "Name", "text"],
  ["passwordStored", "Password", "text"],
  ["passwordHistory", "PasswordHistory", "json"],
  ["isEnabled", "Account_enabled", "flag"],
  ["fullName", "FullName", "text"],
  ["description", "Description", "text"],
  ["companyContactId", "CompanyContactId", "text"],
  ["itemSource", "ItemSource", "text"],
  ["authType", "Auth_type", "text"],
  ["isPasswordReversible", "PasswordReversible", "flag"],
  ["allowPasswordChange", "AllowPasswordChange", "flag"],
  ["role", "Role", "json"],
  ["emailAddresses", "MailAddress", "json"],
  ["emailForwarding", "Forwarding", "json"],
  ["itemLimit", "ItemLimit", "json"],
  ["diskSizeLimit", "DiskSizeLimit", "json"],
  ["outMessageLimit", "OutMessageLimit", "json"],
  ["hasDomainRestriction", "DomainRestriction", "flag"],
  ["lastLoginInfo", "LastLogin", "json"],
  ["publishInGal", "PublishInGal", "flag"],
  ["cleanOutItems", "CleanOut", "json"],
  ["accessPolicyId", "AccessPolicy", "text"],
  ["contact", "Contact", "json"],
  ["mobileDevices", "MobileDevices", "json"],
];

const aliasColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Lhs", "text"],
  ["deliverTo", "Rhs", "text"],
  ["deliverToId", "RhsId", "text"],
  ["type", "Type", "text"],
  ["description", "Description", "text"],
];

const groupColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Name", "text"],
  ["emailAddresses", "MailAddress", "json"],
  ["role", "Role", "text"],
  ["hasDomainRestriction", "DomainRestriction", "flag"],
  ["description", "Description", "text"],
  ["itemSource", "ItemSource", "text"],
  ["publishInGal", "PublishInGal", "flag"],
  ["memberIds", "Members", "json"],
];

const domainColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Domain", "text"],
  ["description", "Description", "text"],
  ["isPrimary", "Primary", "flag"],
  ["userMaxCount", "UserMaxCount", "number"],
  ["passwordHistoryCount", "PasswordHistoryCount", "number"],
  ["passwordComplexityEnabled", "PasswordComplexity", "flag"],
  ["passwordMinimumLength", "PasswordMinimumLength", "number"],
  ["aliasList", "Aliases", "json"],
  ["settings", "Settings", "json"],
];

const listColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Name", "text"],
  ["description", "Description", "text"],
  ["settings", "Settings", "json"],
  ["archive", "Archive", "json"],
  ["members", "Members", "json"],
];

const resourceColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Name", "text"],
  ["description", "Description", "text"],
  ["type", "Type", "text"],
  ["isEnabled", "Enabled", "flag"],
  ["resourceUsers", "Users", "json"],
  ["manager", "Manager", "json"],
];

const serviceColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Name", "text"],
  ["howToStart", "Startup", "text"],
  ["defaultPort", "Port", "number"],
  ["settings", "Settings", "json"],
];

const companyColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["domainId", "DomainGuid", "text"],
  ["name", "Name", "text"],
  ["settings", "Settings", "json"],
];

const templateColumns: readonly Column[] = [...companyColumns, ["description", "Description", "text"]];

const policyColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Name", "text"],
  ["isDefault", "Default", "flag"],
];

const adminColumns: readonly Column[] = [
  ["isEnabled", "BuiltInAdminEnabled", "flag"],
  ["userName", "BuiltInAdminUsername", "text"],
  ["passwordStored", "BuiltInAdminPassword", "text"],
];

const settingsColumns: readonly Column[] = [
  ["hostname", "InternetHostname", "text"],
  ["serverId", "ServerGuid", "text"],
  ["setupFinished", "SetupFinished", "flag"],
  ["publicFoldersPerDomain", "PublicFoldersPerDomain", "flag"],
  ["storePath", "StorePath", "text"],
  ["backupPath", "BackupPath", "text"],
  ["archivePath", "ArchivePath", "text"],
  ["backupEnabled", "BackupEnabled", "flag"],
  ["backup", "Backup", "json"],
  ["lockoutEnabled", "LockoutEnabled", "flag"],
  ["failedLoginsToLock", "LockoutCount", "number"],
  ["minutesToUnlock", "LockoutResetInterval", "number"],
  ["sessionIdleMinutes", "SessionExpireTimeout", "number"],
  ["sessionMaxMinutes", "MaximumSessionDuration", "number"],
  ["sessionForceLogout", "SessionForceLogout", "flag"],
  ["antiHammering", "AntiHammering", "json"],
  ["remoteAdministration", "RemoteAdministration", "json"],
  ["options", "AdvancedOptions", "json"],
  ["webSettings", "WebSettings", "json"],
];

/** `Rights` as the vendor documents it: 0 none, 1 whole server read-only, 3 whole server read/write. */
const rightsOfRole: Record<string, string> = { UserRole: "0", Auditor: "1", AccountAdmin: "2", FullAdmin: "3" };

/** Whether a program directory holds a configuration. */
export function isConfigured(programDir: string): boolean {
  return existsSync(configFiles(programDir).server);
}

/** Reads both files. What stands in them counts, also edits made by hand while the engine was stopped. */
export function loadState(programDir: string): State {
  const files = configFiles(programDir);
  const server = readConfigFile(files.server);
  const accounts = readConfigFile(files.users);
  const state = newState();
  fill(state.admin, server.tables["Administration"] ?? {}, adminColumns);
  fill(state.settings, server.tables["Server"] ?? {}, settingsColumns);
  state.domains = items(server, "Domain").map((item) => fill(newDomain("", false), item, domainColumns));
  const home = (item: Variables) => domainNamed(state.domains, item["Domain"] ?? "").id;
  state.lists = items(server, "MailingList").map((item) => fill(newList(home(item), ""), item, listColumns));
  state.resources = items(server, "Resource").map((item) => fill(newResource(home(item), ""), item, resourceColumns));
  state.services = items(server, "Service").map((item) => fill(newService(), item, serviceColumns));
  state.policies = items(server, "AccessPolicy").map((item) =>
    fill({ id: "", name: "", isDefault: false }, item, policyColumns),
  );
  state.companies = items(server, "CompanyContact").map((item) =>
    fill({ id: "", domainId: "", name: "", settings: {} }, item, companyColumns),
  );
  state.templates = items(server, "UserTemplate").map((item) =>
    fill({ id: "", domainId: "", name: "", description: "", settings: {} }, item, templateColumns),
  );
  state.users = items(accounts, "User").map((item) => fill(newUser(home(item), "", ""), item, userColumns));
  state.aliases = items(accounts, "Alias").map((item) =>
    fill({ id: "", domainId: home(item), ...emptyAlias }, item, aliasColumns),
  );
  state.groups = items(accounts, "Group").map((item) => fill(newGroup(home(item), ""), item, groupColumns));
  return state;
}

/** Writes both files. */
export function saveState(programDir: string, state: State): void {
  const files = configFiles(programDir);
  const nameOf = new Map(state.domains.map((domain) => [domain.id, domain.name]));
  const inDomain = <T extends { domainId: string }>(rows: T[], columns: readonly Column[]): Variables[] =>
    rows.map((row) => ({ Domain: nameOf.get(row.domainId) ?? "", ...variablesOf(row, columns) }));
  writeConfigFile(files.users, {
    tables: {},
    lists: {
      User: state.users.map((user) => ({
        Domain: nameOf.get(user.domainId) ?? "",
        Rights: rightsOfRole[user.role.userRole] ?? "0",
        ...variablesOf(user, userColumns),
      })),
      Alias: inDomain(state.aliases, aliasColumns),
      Group: inDomain(state.groups, groupColumns),
    },
  });
  writeConfigFile(files.server, {
    tables: {
      Administration: variablesOf(state.admin, adminColumns),
      Server: variablesOf(state.settings, settingsColumns),
    },
    lists: {
      Domain: state.domains.map((domain) => ({ Type: "0", ...variablesOf(domain, domainColumns) })),
      MailingList: inDomain(state.lists, listColumns),
      Resource: inDomain(state.resources, resourceColumns),
      Service: state.services.map((service) => variablesOf(service, serviceColumns)),
      AccessPolicy: state.policies.map((policy) => variablesOf(policy, policyColumns)),
      CompanyContact: state.companies.map((company) => variablesOf(company, companyColumns)),
      UserTemplate: state.templates.map((template) => variablesOf(template, templateColumns)),
    },
  });
}

const emptyAlias = { name: "", deliverTo: "", deliverToId: "", type: "TypeEmailAddress", description: "" };

function newService(): Service {
  return { id: "", name: "", howToStart: "Automatic", defaultPort: 0, isRunning: false, settings: {} };
}

function domainNamed(domains: Domain[], name: string): Domain {
  const found = domains.find((domain) => domain.name === name.toLowerCase());
  if (!found) throw new Error(`the configuration names a domain ${name} that it does not have`);
  return found;
}

function items(document: ConfigDocument, list: string): Variables[] {
  return document.lists[list] ?? [];
}

function fill<T extends object>(row: T, from: Variables, columns: readonly Column[]): T {
  for (const [member, variable, kind] of columns) {
    const text = from[variable];
    if (text === undefined) continue;
    const value =
      kind === "text" ? text : kind === "flag" ? text === "1" : kind === "number" ? Number(text) : JSON.parse(text);
    Object.assign(row, { [member]: value as unknown });
  }
  return row;
}

function variablesOf(row: object, columns: readonly Column[]): Variables {
  const values = row as Record<string, unknown>;
  return Object.fromEntries(
    columns.map(([member, variable, kind]) => {
      const value = values[member];
      return [
        variable,
        kind === "json" ? JSON.stringify(value) : kind === "flag" ? (value ? "1" : "0") : String(value),
      ];
    }),
  );
}
