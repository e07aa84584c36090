import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { listAll, serverOf } from "./list";

const version = z.object({
  product: z.string().default(""),
  /** `10.0.9.10320`. */
  version: z.string(),
  major: z.number().optional(),
  minor: z.number().optional(),
  revision: z.number().optional(),
  build: z.number().optional(),
});

/** The version of the mail server. */
export type ServerVersion = z.output<typeof version>;

/** `Server.getVersion`. Safe. */
export async function getVersion(client: KerioClient, options?: CallOptions): Promise<ServerVersion> {
  const call = { method: "Server.getVersion", reply: version, safe: true, doing: "reading the server's version" };
  return client.call({ ...call, object: serverOf(client), ...options });
}

const productInfo = z.object({
  productName: z.string().optional(),
  version: z.string().optional(),
  buildNumber: z.union([z.string(), z.number()]).transform(String).optional(),
  osName: z.string().optional(),
  /** Windows, MacOs or Linux. */
  os: z.string().optional(),
  releaseType: z.string().optional(),
  /** DeployedStandalone, DeployedCloud or DeployedKerioVA. */
  deployedType: z.string().optional(),
});

/** What the mail server is and runs on. */
export type ProductInfo = z.output<typeof productInfo>;

/** `Server.getProductInfo`. Safe. */
export async function getProductInfo(client: KerioClient, options?: CallOptions): Promise<ProductInfo> {
  const reply = z.object({ info: productInfo });
  const call = { method: "Server.getProductInfo", reply, safe: true, doing: "reading the product's data" };
  return (await client.call({ ...call, object: serverOf(client), ...options })).info;
}

/** Numbers and texts alike: only ever compared with an earlier answer, never calculated with. */
const moment = z.union([z.string(), z.number()]).transform(String);

const serverTime = z.object({
  startTime: moment,
  currentTime: moment.optional(),
  timezoneOffset: z.number().optional(),
});

/** The server's clock; another `startTime` than before shows a restart. */
export type ServerTime = z.output<typeof serverTime>;

/** `Server.getServerTime`. Safe. */
export async function getServerTime(client: KerioClient, options?: CallOptions): Promise<ServerTime> {
  const reply = z.object({ info: serverTime });
  const call = { method: "Server.getServerTime", reply, safe: true, doing: "reading the server's clock" };
  return (await client.call({ ...call, object: serverOf(client), ...options })).info;
}

/** `Server.getDirs`: the names of the directories in a directory of the mail host. Safe. */
export async function getDirs(client: KerioClient, fullPath: string, options?: CallOptions): Promise<string[]> {
  const { dirList } = await client.call({
    method: "Server.getDirs",
    params: { fullPath },
    reply: z.object({ dirList: z.array(z.object({ name: z.string() })) }),
    safe: true,
    doing: "listing the directories",
    object: `directory ${fullPath} of the mail host`,
    ...options,
  });
  return dirList.map(({ name }) => name);
}

const pathStates = [
  "directoryExists",
  "directoryDoesNotExist",
  "directoryExistAccessDenied",
  "directoryUnaccessible",
] as const;

/** What the server sees at a path. */
export type PathState = (typeof pathStates)[number];

/** `Server.pathExists`. Safe. */
export async function pathExists(client: KerioClient, path: string, options?: CallOptions): Promise<PathState> {
  const { result } = await client.call({
    method: "Server.pathExists",
    params: { path, credentials: { userName: "", password: "" } },
    reply: z.object({ result: z.enum(pathStates) }),
    safe: true,
    doing: "looking for the directory",
    object: `directory ${path} of the mail host`,
    ...options,
  });
  return result;
}

const emailEntity = z.object({
  /** EntityUser, EntityAlias, EntityGroup, EntityMailingList, EntityResource … */
  kind: z.string(),
  name: z.string().default(""),
  /** Which of the addresses asked for it bears. */
  collisionAddress: z.string().default(""),
  /** Whether it is the one that gets the mail. */
  win: z.boolean().default(false),
  /** Whether it only matches by a wildcard. */
  isPattern: z.boolean().default(false),
});

/** Something on the server that bears an address. */
export type EmailEntity = z.output<typeof emailEntity>;

/** `Server.findEntityByEmail`: everything in a domain that bears one of those local parts. Safe. */
export async function findEntityByEmail(
  client: KerioClient,
  search: {
    /** Local parts, without the domain. */
    addresses: readonly string[];
    domainId: string;
    /** Something to leave out of the answer: the one that is being changed. */
    updatedEntity?: { kind: string; id: string };
  },
  options?: CallOptions,
): Promise<EmailEntity[]> {
  const { addresses, domainId, updatedEntity = { kind: "EntityUser", id: "" } } = search;
  const { entities } = await client.call({
    method: "Server.findEntityByEmail",
    params: { addresses, updatedEntity, domainId },
    reply: z.object({ entities: z.array(emailEntity) }),
    safe: true,
    doing: "looking up who bears the address",
    object: `address ${addresses.join(", ")}`,
    ...options,
  });
  return entities;
}

const webSession = z.object({
  id: z.string(),
  userName: z.string().default(""),
  clientAddress: z.string().optional(),
  /** WebComponentWEBMAIL, WebComponentADMIN or WebComponentMINI. */
  componentType: z.string().optional(),
});

/** Somebody at work in a browser. */
export type WebSession = z.output<typeof webSession>;

/** `Server.getWebSessions`. Safe. */
export async function getWebSessions(client: KerioClient, options?: CallOptions): Promise<WebSession[]> {
  return listAll(client, { method: "Server.getWebSessions", item: webSession, doing: "listing web sessions", options });
}

const openedFolder = z.object({
  folderName: z.string(),
  referenceCount: z.number().optional(),
  users: z.array(z.string()).optional(),
});

/** A folder somebody has open. */
export type OpenedFolder = z.output<typeof openedFolder>;

/** `Server.getOpenedFoldersInfo`. Safe. */
export async function getOpenedFolders(client: KerioClient, options?: CallOptions): Promise<OpenedFolder[]> {
  const call = { method: "Server.getOpenedFoldersInfo", item: openedFolder, doing: "listing open folders" };
  return listAll(client, { ...call, options });
}
