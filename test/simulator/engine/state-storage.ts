import { existsSync } from "node:fs";
import { configFiles, readConfigFile, writeConfigFile, type ConfigDocument, type Variables } from "./config-files.js";
import { newDomain, newGroup, newList, newResource, newState, newUser } from "./defaults.js";
import { changeReferences } from "./references-by-id.js";
import {
  adminColumns,
  aliasColumns,
  companyColumns,
  domainColumns,
  groupColumns,
  listColumns,
  policyColumns,
  resourceColumns,
  ruleColumns,
  securityColumns,
  serviceColumns,
  settingsColumns,
  templateColumns,
  userColumns,
  type Column,
  type Kind,
} from "./state-columns.js";
import type { Domain, Service, State, User } from "./state.js";

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
  // Other tables and lists belong to parts of the real server that are not here: they stay as they are.
  strangers.set(state, { server: without(server, tableNames, serverLists), users: without(accounts, [], userLists) });
  fill(state.settings, server.tables["Security"] ?? {}, securityColumns, true);
  state.domains = items(server, "Domain").map((item) => fill(newDomain("", false), item, domainColumns));
  const home = (item: Variables) => domainNamed(state.domains, item["Domain"] ?? "").id;
  state.lists = items(server, "MailingList").map((item) => fill(newList(home(item), ""), item, listColumns));
  state.resources = items(server, "Resource").map((item) => fill(newResource(home(item), ""), item, resourceColumns));
  state.services = items(server, "Service").map((item) => fill(newService(), item, serviceColumns));
  state.policies = items(server, "AccessPolicy").map((item) =>
    fill({ id: "", name: "", isDefault: false }, item, policyColumns),
  );
  state.accessRules = items(server, "AccessPolicyRule").map((item) =>
    fill({ id: "", groupId: "", settings: {} }, item, ruleColumns),
  );
  state.companies = items(server, "CompanyContact").map((item) =>
    fill({ id: "", domainId: "", name: "", settings: {} }, item, companyColumns),
  );
  state.templates = items(server, "UserTemplate").map((item) =>
    fill({ id: "", domainId: "", name: "", description: "", settings: {} }, item, templateColumns),
  );
  state.users = items(accounts, "User").map((item) =>
    withRights(fill(newUser(home(item), "", ""), item, userColumns), item["Rights"]),
  );
  state.aliases = items(accounts, "Alias").map((item) =>
    fill({ id: "", domainId: home(item), ...emptyAlias }, item, aliasColumns),
  );
  state.groups = items(accounts, "Group").map((item) => fill(newGroup(home(item), ""), item, groupColumns));
  const domains = new Map(state.domains.map((domain) => [domain.id, domain.name]));
  const named = new Map(
    state.users.map((user) => [`${user.loginName}@${domains.get(user.domainId)}`.toLowerCase(), user]),
  );
  // A name that nobody bears leads nowhere.
  changeReferences(state, (held) => (held.includes("@") ? named.get(held.toLowerCase())?.id : held));
  return state;
}

/** How the files are written. */
export interface Writing {
  /** What stands for an account's id where something refers to it; by default the id. */
  nameOf?: (id: string) => string;
  /** The mode of the files; by default they are for their owner alone. */
  mode?: number;
}

/** Writes both files. */
export function saveState(programDir: string, state: State, { nameOf, mode }: Writing = {}): void {
  const files = configFiles(programDir);
  const domains = new Map(state.domains.map((domain) => [domain.id, domain.name]));
  const { groups, lists, resources } = nameOf ? withNames(state, nameOf) : state;
  const inDomain = <T extends { domainId: string }>(rows: T[], columns: readonly Column[]): Variables[] =>
    rows.map((row) => ({ Domain: domains.get(row.domainId) ?? "", ...variablesOf(row, columns) }));
  const kept = strangers.get(state);
  const accounts: ConfigDocument = {
    tables: kept?.users.tables ?? {},
    lists: {
      ...kept?.users.lists,
      User: state.users.map((user) => ({
        Domain: domains.get(user.domainId) ?? "",
        Rights: rightsOfRole[user.role.userRole] ?? "0",
        ...variablesOf(user, userColumns),
      })),
      Alias: inDomain(state.aliases, aliasColumns),
      Group: inDomain(groups, groupColumns),
    },
  };
  const server: ConfigDocument = {
    tables: {
      Administration: variablesOf(state.admin, adminColumns),
      Server: variablesOf(state.settings, settingsColumns),
      Security: variablesOf(state.settings, securityColumns, true),
      ...kept?.server.tables,
    },
    lists: {
      ...kept?.server.lists,
      Domain: state.domains.map((domain) => ({ Type: "0", ...variablesOf(domain, domainColumns) })),
      MailingList: inDomain(lists, listColumns),
      Resource: inDomain(resources, resourceColumns),
      Service: state.services.map((service) => variablesOf(service, serviceColumns)),
      AccessPolicy: state.policies.map((policy) => variablesOf(policy, policyColumns)),
      AccessPolicyRule: state.accessRules.map((rule) => variablesOf(rule, ruleColumns)),
      CompanyContact: state.companies.map((company) => variablesOf(company, companyColumns)),
      UserTemplate: state.templates.map((template) => variablesOf(template, templateColumns)),
    },
  };
  writeConfigFile(files.users, accounts, mode);
  writeConfigFile(files.server, server, mode);
}

/** Copies of the rows that refer to accounts, with names instead of ids. */
function withNames({ groups, lists, resources }: State, nameOf: (id: string) => string) {
  const copies = { groups: groups.map(copied), lists: lists.map(copied), resources: resources.map(copied) };
  changeReferences(copies, nameOf);
  return copies;
}

function copied<T extends object>(row: T): T {
  const copy = { ...row };
  strangeVariables.set(copy, strangeVariables.get(row) ?? {});
  return copy;
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

/** Rights that were changed by hand while the engine was stopped count: so a locked-out administrator is let in again. */
function withRights(user: User, rights: string | undefined): User {
  const { role } = user;
  if (rights === undefined || rights === rightsOfRole[role.userRole]) return user;
  const userRole = Object.keys(rightsOfRole).find((each) => rightsOfRole[each] === rights) ?? role.userRole;
  return Object.assign(user, { role: { ...role, userRole } });
}

/** Tables and lists that this engine has no use for, by the state they were read with. */
const strangers = new WeakMap<State, { server: ConfigDocument; users: ConfigDocument }>();

/** Variables that this engine has no use for, by the row they stood in. */
const strangeVariables = new WeakMap<object, Variables>();

const tableNames = ["Administration", "Server", "Security"];
const serverLists = [
  ...["Domain", "MailingList", "Resource", "Service", "AccessPolicy", "AccessPolicyRule", "CompanyContact"],
  "UserTemplate",
];
const userLists = ["User", "Alias", "Group"];

/** Variables that stand beside the columns. */
const besides = ["Domain", "Rights", "Type"];

function without({ tables, lists }: ConfigDocument, tableNames: string[], listNames: string[]): ConfigDocument {
  const rest = <T>(from: Record<string, T>, names: string[]) =>
    Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));
  return { tables: rest(tables, tableNames), lists: rest(lists, listNames) };
}

function items(document: ConfigDocument, list: string): Variables[] {
  return document.lists[list] ?? [];
}

function fill<T extends object>(row: T, from: Variables, columns: readonly Column[], more = false): T {
  const known = [...besides, ...columns.map(([, variable]) => variable)];
  const strange = Object.entries(from).filter(([name]) => !known.includes(name));
  if (!more && strange.length > 0) strangeVariables.set(row, Object.fromEntries(strange));
  for (const [member, variable, kind] of columns) {
    const text = from[variable];
    // What somebody has emptied by hand is as in a new row.
    if (text === undefined || (kind === "json" && text.trim() === "")) continue;
    const value =
      kind === "text"
        ? text
        : kind === "flag"
          ? text === "1"
          : kind === "number"
            ? Number(text)
            : kind === "names"
              ? text.split(/[;,\s]+/).filter(Boolean)
              : JSON.parse(text);
    Object.assign(row, { [member]: value as unknown });
  }
  return row;
}

function variablesOf(row: object, columns: readonly Column[], more = false): Variables {
  const values = row as Record<string, unknown>;
  const known = columns.map(([member, variable, kind]) => [variable, textOf(values[member], kind)]);
  return { ...(more ? {} : strangeVariables.get(row)), ...(Object.fromEntries(known) as Variables) };
}

function textOf(value: unknown, kind: Kind): string {
  if (kind === "json") return JSON.stringify(value);
  if (kind === "names") return (value as string[]).join(";");
  return kind === "flag" ? (value ? "1" : "0") : String(value);
}
