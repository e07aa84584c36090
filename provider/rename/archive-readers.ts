import type { KerioClient } from "../kerio/client";
import { listMailingLists, setMailingList, type ArchiveReader, type MailingList } from "../kerio/methods/mailing-lists";

/** An account's right to read the archive of a mailing list. */
export interface ArchiveRight {
  /** The mailing list. */
  id: string;
  domainId: string;
  /** The entry that grants it, as the server gave it. */
  reader: ArchiveReader;
}

/** One account in another's place among the readers of an archive. */
export interface Handover {
  right: ArchiveRight;
  from: string;
  to: { id: string; name: string };
}

const userKind = "TrusteeUser";

/** The entry by which an account itself, not one of its groups, may read a list's archive. */
export function readerEntry(list: MailingList | undefined, userId: string): ArchiveReader | undefined {
  return list?.archive?.archiveReaderList?.find((reader) => reader.kind === userKind && reader.readerId === userId);
}

/** The lists of the domains that the rights are in, by id; a list that somebody has removed is not among them. */
export async function listsOf(client: KerioClient, rights: ArchiveRight[]): Promise<Map<string, MailingList>> {
  const found = new Map<string, MailingList>();
  for (const domainId of new Set(rights.map((right) => right.domainId))) {
    for (const list of await listMailingLists(client, { domainId })) found.set(list.id, list);
  }
  return found;
}

/** Whether a handover is still to be done: the new account is no reader, or the old one is one yet. */
export function isStale({ right, from, to }: Handover, lists: Map<string, MailingList>): boolean {
  const list = lists.get(right.id);
  if (!list) return false;
  return !readerEntry(list, to.id) || readerEntry(list, from) !== undefined;
}

/**
 * Carries the handovers of one list out, in one call: its readers are written as a whole. The others stay as they are.
 *
 * @throws KerioError `API_REFUSED`
 */
export async function handOver(client: KerioClient, list: MailingList, handovers: Handover[]): Promise<void> {
  const concerned = new Set(handovers.flatMap(({ from, to }) => [from, to.id]));
  const others = (list.archive?.archiveReaderList ?? []).filter(
    (reader) => reader.kind !== userKind || !concerned.has(reader.readerId ?? ""),
  );
  const readers = handovers.map(({ right, to }) => ({ ...right.reader, readerId: to.id, displayString: to.name }));
  await setMailingList(client, list.id, { archive: { ...list.archive, archiveReaderList: [...others, ...readers] } });
}
