import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { bearersOf, localPart } from "../addresses.js";
import type { Engine } from "../engine.js";
import { search, searchQuery } from "../search-query.js";
import { expiryOf } from "../sessions.js";
import { mayCall } from "./access.js";
import { columnsOf } from "./columns.js";
import { namedConstants } from "./constants.js";
import { method, partly, type Interface } from "./method.js";
import { openFolders } from "./open-folders.js";
import { RpcError } from "./rpc-error.js";
import { id, nothing } from "./schemas.js";
import { userLimit } from "./user-limit.js";
import { productVersion } from "./version.js";

const query = z.object({ query: searchQuery });

/** The interface Server. */
export const server: Interface = {
  getVersion: method(nothing, () => ({
    product: productVersion.productName,
    version: productVersion.displayNumber,
    major: productVersion.major,
    minor: productVersion.minor,
    revision: productVersion.revision,
    build: productVersion.build,
  })),

  getProductInfo: method(nothing, (_, { engine }) => ({
    info: {
      productName: productVersion.productName,
      version: productVersion.displayNumber,
      buildNumber: String(productVersion.build),
      ...(engine.switches.of("init-system") === "launchd" ? onMac : onLinux),
      releaseType: productVersion.releaseType,
      deployedType: "DeployedStandalone",
      updateInfo: { result: "UpdateStatusNotAvailable", description: "", downloadUrl: "", infoUrl: "" },
    },
  })),

  getAboutInfo: partly(
    "its members are known by name alone; `allowedUsers` is that of `Domains.getUserCountInfo`",
    method(nothing, (_, { engine }) => ({
      aboutInformation: {
        currentUsers: engine.seatsTaken(),
        allowedUsers: userLimit(engine.environment.licenceSeats, "LicenseLimit"),
        serverSoftware: `${productVersion.productName} ${productVersion.displayNumber}`,
        subscription: "",
        copyright: "",
        productHomepage: "",
      },
    })),
  ),

  getAlertList: partly(
    "too many users for the licence; no other alert is ever raised",
    method(nothing, (_, { engine }) => {
      const [taken, seats] = [engine.seatsTaken(), engine.environment.licenceSeats];
      const alert = {
        alertName: "LicenseTooManyUsers",
        alertType: "Warning",
        currentValue: String(taken),
        criticalValue: String(seats),
      };
      return { alerts: taken > seats ? [alert] : [] };
    }),
  ),

  getDirs: method(z.object({ fullPath: z.string() }), ({ fullPath }, { engine }) => {
    mayLook(engine);
    return { dirList: directoriesOf(fullPath === "" ? "/" : fullPath) };
  }),

  pathExists: method(z.object({ path: z.string() }), ({ path }, { engine }) => {
    mayLook(engine);
    return { result: existence(path) };
  }),

  getServerTime: method(nothing, (_, { engine }) => ({
    info: {
      timezoneOffset: 0,
      startTime: Math.floor(engine.startedAt / 1000),
      currentTime: Math.floor(Date.now() / 1000),
    },
  })),

  findEntityByEmail: method(
    z.object({
      addresses: z.array(z.string()),
      updatedEntity: z.object({ kind: z.string(), id: z.string() }).nullish(),
      domainId: id,
    }),
    ({ addresses, updatedEntity, domainId }, { engine }) => {
      if (!engine.domain(domainId)) throw RpcError.missing(domainId);
      return { entities: addresses.flatMap((each) => entitiesAt(engine, domainId, each, updatedEntity?.id ?? "")) };
    },
  ),

  restart: method(nothing, (_, { engine }) => {
    engine.restart();
    return {};
  }),

  getConnections: partly(
    "whose the connection of a mail client is, is not told; how protocols are named, and what `extension` is, is not known",
    method(query, ({ query: wanted }, { engine }) => {
      const clients = engine.state.services.flatMap(({ name }) =>
        (engine.doors.get(name)?.connections() ?? []).map((each) => ({
          proto: name,
          extension: "",
          isSecure: each.isSecure,
          time: readableSpan(Date.now() - each.since),
          from: each.from,
          user: "",
          description: "",
        })),
      );
      const administrators = engine.sessions.list(engine).map((session) => ({
        proto: "HTTPS/Admin",
        extension: "",
        isSecure: true,
        time: readableSpan(Date.now() - session.openedAt),
        from: session.clientAddress,
        user: session.user ? engine.addressOf(session.user) : session.login,
        description: "",
      }));
      return search([...administrators, ...clients], wanted, { switches: engine.switches });
    }),
  ),
  getOpenedFoldersInfo: partly(
    "the folders that IMAP clients have open; how the real server writes a folder's name is not known",
    method(query, ({ query: wanted }, { engine }) =>
      search(openFolders(engine), wanted, { switches: engine.switches }),
    ),
  ),

  getWebSessions: method(query, ({ query: wanted }, { engine }) => {
    const rows = engine.sessions.list(engine).map((session) => ({
      id: session.id.slice(0, 16),
      userName: session.user ? engine.addressOf(session.user) : session.login,
      clientAddress: session.clientAddress,
      expirationTime: readable(expiryOf(session, engine.sessionLimits)),
      componentType: "WebComponentADMIN",
      isSecure: true,
    }));
    return search(rows, wanted, { switches: engine.switches, alwaysId: true });
  }),

  killWebSessions: method(z.object({ ids: z.array(id) }), ({ ids }, { engine }) => {
    for (const session of engine.sessions.list(engine)) {
      if (ids.includes(session.id.slice(0, 16))) engine.sessions.close(session.id);
    }
    return {};
  }),

  getColumnList: method(
    z.object({ objectName: z.string(), methodName: z.string() }),
    ({ objectName, methodName }, call) => {
      const method = `${objectName}.${methodName}`;
      const columns = columnsOf(call, method);
      if (!columns) throw RpcError.missing(method);
      if (!mayCall(call.role, method, call.engine.switches)) throw RpcError.denied();
      return { columns };
    },
  ),
  getServerHash: method(nothing, (_, { engine }) => ({ serverHash: engine.state.settings.serverId.slice(-12) })),
  getServerIpAddresses: partly(
    "the loopback address alone",
    method(nothing, () => ({ addresses: ["127.0.0.1"] })),
  ),
  getNamedConstantList: partly(
    "those of queries, lists and sizes alone",
    method(nothing, () => ({ constants: namedConstants })),
  ),
  getBrowserLanguages: partly(
    "English alone",
    method(nothing, () => ({ languages: ["en"] })),
  ),
  getLicenseExtensionsList: partly(
    "there is none",
    method(nothing, () => ({ extensions: [] })),
  ),
};

const onLinux = { osName: "Linux", os: "Linux" };
const onMac = { osName: "macOS", os: "MacOs" };

interface Entity {
  kind: string;
  name: string;
  collisionAddress: string;
  win: boolean;
  isPattern: boolean;
}

// The first kind that delivery would ask is the one that wins; see delivery.ts for the order.
function entitiesAt(engine: Engine, domainId: string, address: string, except: string): Entity[] {
  const domain = engine.domain(domainId);
  if (!domain) return [];
  const local = localPart(address);
  const found = bearersOf(engine, domain, local);
  const users = found.users.map((each) => ({ kind: "EntityUser", name: each.loginName, id: each.id }));
  const aliases = found.aliases.map((each) => ({ kind: "EntityAlias", name: each.name, id: each.id }));
  const isAliasFirst = users.length > 0 && aliases.length > 0 && engine.switches.of("alias-or-user") === "alias";
  const exact = [
    ...(isAliasFirst ? [...aliases, ...users] : [...users, ...aliases]),
    ...found.groups.map((each) => ({ kind: "EntityGroup", name: each.name, id: each.id })),
    ...found.lists.map((each) => ({ kind: "EntityMailingList", name: each.name, id: each.id })),
    ...found.resources.map((each) => ({ kind: "EntityResource", name: each.name, id: each.id })),
  ];
  const patterns = found.patterns.map((each) => ({ kind: "EntityAlias", name: each.name, id: each.id }));
  const winner = exact[0]?.kind;
  const takers = winner === "EntityUser" ? found.takers : found.users;
  const winners = [...takers, ...found.aliases, ...found.groups, ...found.lists, ...found.resources];
  const ids = new Set((exact.length > 0 ? winners : found.catchers).map(({ id }) => id));
  return [...exact, ...patterns]
    .filter((each) => each.id !== except)
    .map((each) => ({
      kind: each.kind,
      name: each.name,
      collisionAddress: `${local}@${domain.name}`,
      win: ids.has(each.id) && (winner === undefined || each.kind === winner),
      isPattern: patterns.includes(each),
    }));
}

function mayLook({ switches }: Engine): void {
  if (switches.of("directory-access") === "no") throw RpcError.denied();
}

function directoriesOf(path: string): { name: string; hasSubdirectory: boolean }[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((each) => each.isDirectory() || (each.isSymbolicLink() && existence(join(path, each.name)) === there))
      .map((each) => ({ name: each.name, hasSubdirectory: hasSubdirectory(join(path, each.name)) }));
  } catch (error) {
    throw RpcError.failed("Directory %1 cannot be read (%2).", path, String((error as NodeJS.ErrnoException).code));
  }
}

function hasSubdirectory(path: string): boolean {
  try {
    return readdirSync(path, { withFileTypes: true }).some((each) => each.isDirectory());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
}

const there = "directoryExists";

function existence(path: string): string {
  try {
    return statSync(path).isDirectory() ? there : "directoryDoesNotExist";
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === "EACCES"
      ? "directoryExistAccessDenied"
      : code === "ENOENT"
        ? "directoryDoesNotExist"
        : "directoryUnaccessible";
  }
}

function readableSpan(ms: number): string {
  return new Date(Math.max(0, ms)).toISOString().slice(11, 19);
}

function readable(at: number): string {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  return `${date.split("-").reverse().join(".")} ${time.slice(0, 8)}`;
}
