import { messageOf } from "../errors";
import { lockHolder, type LockHolder } from "../host/lock-holder";
import { listSnapshots, type StoredSnapshot } from "../host/snapshot-store";
import { openHost, type MailServer } from "./mail-server";
import { newAddress, oldAddress } from "./run-context";
import { lastingRenames, readStored, type RenameRecord, resultKey, type Snapshot } from "./snapshot";

/** What is written down of a rename. Where an open one stands is seen by looking at the server, which `recover` does. */
export const writtenStates = {
  open: "not finished",
  finished: "finished, and Pulumi has not heard of it",
  heard: "finished",
  "rolled-back": "rolled back",
  "domain-gone": "over, its domain is on the server no more",
} as const;

/** One snapshot on the mail host. */
export interface SnapshotOverview {
  id: string;
  open: boolean;
  /** ISO time; left out where the text cannot be read. */
  begun?: string;
  renames: { from: string; to: string; state: keyof typeof writtenStates }[];
  /** Why the text cannot be read: it is another version's. */
  unreadable?: string;
}

/** What renames have left on one mail host. */
export interface Overview {
  /** The run that is at work, or died at it. */
  holder?: LockHolder;
  /** The newest first. */
  snapshots: SnapshotOverview[];
}

/** Lists all snapshots of a mail host and who holds it. Reads only, over SSH alone. */
export async function overview(server: MailServer): Promise<Overview> {
  const host = await openHost(server);
  try {
    const holder = await lockHolder(host);
    const snapshots = (await listSnapshots(host)).map(describe);
    snapshots.sort((a, b) => (b.begun ?? "").localeCompare(a.begun ?? ""));
    return { ...(holder && { holder }), snapshots };
  } finally {
    await host.close();
  }
}

function describe(stored: StoredSnapshot): SnapshotOverview {
  const { id, open } = stored;
  try {
    const snapshot = readStored(stored);
    const renames = lastingRenames(snapshot).map((record) => ({
      from: oldAddress(record),
      to: newAddress(record),
      state: stateOf(snapshot, record),
    }));
    return { id, open, begun: snapshot.createdAt, renames };
  } catch (error) {
    return { id, open, renames: [], unreadable: messageOf(error) };
  }
}

function stateOf(snapshot: Snapshot, record: RenameRecord): keyof typeof writtenStates {
  const { rolledBack, finished, heard, domainGone } = snapshot.results[resultKey(record)] ?? {};
  if (domainGone) return "domain-gone";
  if (rolledBack) return "rolled-back";
  if (!finished) return "open";
  return heard ? "heard" : "finished";
}
