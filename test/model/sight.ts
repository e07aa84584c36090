import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Simulator } from "../helpers/start-simulator";
import type { Row, ServiceTruth, StoredMessage, TrueAccount, Truth } from "../simulator/host/control-types";
import { directoriesOf, messagesOf } from "../simulator/host/mail-tree";

/** What is really there: from the memory of the engine past its API, and from the disk of the host. */
export interface Sight {
  service: ServiceTruth;
  /** Undefined while the engine is away; its memory is away with it. */
  truth: Truth | undefined;
  accounts: TrueAccount[];
  aliases: Row[];
  /** By the name of the mailbox directory. */
  mailboxes: Map<string, StoredMessage[]>;
  /** Of those directories. */
  inodes: Map<string, number>;
  /** Mailboxes that wait for their name in the middle of an exchange, by their inode. */
  parked: Map<number, StoredMessage[]>;
  /** Everything below the store's mail that is not of the domain: paths with their inodes. */
  outside: string;
  /** What lies beside the mail in the store. */
  storeEntries: string[];
  openSnapshots: string[];
}

/** Where a rename parks mailboxes: beside the directory of all domains, and looked into like one of them. */
const parking = "../pulumi-kerio";

/** Looks at a domain. */
export async function look(simulator: Simulator, domain: string): Promise<Sight> {
  const { store } = simulator.info;
  const service = await simulator.control.service();
  const truth = service.running ? await simulator.control.truth().catch(() => undefined) : undefined;
  const mailboxes = new Map<string, StoredMessage[]>();
  const inodes = new Map<string, number>();
  for (const { name, inode } of await directoriesOf(store, domain)) {
    mailboxes.set(name, await messagesOf(store, domain, name));
    inodes.set(name, inode);
  }
  const parked = new Map<number, StoredMessage[]>();
  for (const { name, inode } of await directoriesOf(store, parking))
    if (name === `mailbox-${inode}`) parked.set(inode, await messagesOf(store, parking, name));
  return {
    service,
    truth,
    accounts: truth?.accounts.filter((account) => account.domain === domain) ?? [],
    aliases: truth?.aliases.filter((alias) => alias["domain"] === domain) ?? [],
    mailboxes,
    inodes,
    parked,
    outside: outsideOf(store, domain),
    storeEntries: entries(store),
    openSnapshots: entries(join(simulator.state, "home/.pulumi-kerio/snapshots")).filter((name) =>
      name.endsWith(".open.json"),
    ),
  };
}

/** Messages that lie anywhere in the store, by subject: only looked at when some are missing where they belong. */
export function allMessageFiles(store: string): string[] {
  return readdirSync(store, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith(".eml"));
}

function outsideOf(store: string, domain: string): string {
  const mail = join(store, "mail");
  const lines = entries(mail).flatMap((name) => {
    const below = name === domain ? [] : entries(join(mail, name)).map((inner) => join(name, inner));
    return [name, ...below].map((path) => (path === domain ? path : `${path} ${statSync(join(mail, path)).ino}`));
  });
  return lines.filter((line) => line !== domain).join("\n");
}

function entries(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
