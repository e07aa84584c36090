import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { changeAll, itemRefused, type BulkOptions, type ItemResult } from "./bulk";
import { listAll, serverOf, type Search } from "./list";
import { entity } from "./structs";

// Written back as a whole, so members that are not known here must come through.
const archiveReader = z.looseObject({
  /** TrusteeUser or TrusteeGroup. */
  kind: z.string().optional(),
  readerId: z.string().optional(),
  displayString: z.string().optional(),
});

/** Somebody who may read the archive of a mailing list; local users and groups by id. */
export type ArchiveReader = z.output<typeof archiveReader>;

const mailingList = z.object({
  id: z.string().min(1),
  domainId: z.string().optional(),
  name: z.string(),
  description: z.string().optional(),
  membersCount: z.number().optional(),
  archive: z.looseObject({ archiveReaderList: z.array(archiveReader).optional() }).optional(),
  homeServer: entity.optional(),
});

/** A mailing list. */
export type MailingList = z.output<typeof mailingList>;

const mailingListMember = z.object({
  /** Whether the member is a local user, held by id and not by address. */
  hasId: z.boolean().default(false),
  userId: z.string().default(""),
  /** Only of use without an id. */
  emailAddress: z.string().default(""),
  fullName: z.string().optional(),
  /** Member or Moderator. */
  kind: z.string().default("Member"),
});

/** A member of a mailing list. */
export type MailingListMember = z.output<typeof mailingListMember>;

/** `MailingLists.get`: the lists of a domain. Safe. */
export async function listMailingLists(
  client: KerioClient,
  { domainId, ...search }: Search & { domainId: string },
  options?: CallOptions,
): Promise<MailingList[]> {
  const call = { method: "MailingLists.get", item: mailingList, search, params: { domainId } };
  return listAll(client, { ...call, doing: "listing mailing lists", options });
}

/**
 * `MailingLists.set` for one list. A nested struct is written whole. Not safe.
 * @throws KerioError API_REFUSED
 */
export async function setMailingList(
  client: KerioClient,
  mlId: string,
  pattern: Pick<MailingList, "archive">,
  options?: CallOptions,
): Promise<void> {
  const about = { doing: "changing a mailing list", object: serverOf(client), ...options };
  const params = (mlIds: readonly string[]) => ({ mlIds, pattern });
  const call = { method: "MailingLists.set", params, items: [mlId], doing: about.doing };
  const [result] = await changeAll(client, { ...call, options });
  if (result?.ok === false) throw itemRefused(result.error, about);
}

/** `MailingLists.getMlUserList`: members and moderators. Safe. */
export async function listMembers(
  client: KerioClient,
  mlId: string,
  options?: CallOptions,
): Promise<MailingListMember[]> {
  const call = { method: "MailingLists.getMlUserList", item: mailingListMember, params: { mlId } };
  return listAll(client, { ...call, doing: "listing the members of a mailing list", options });
}

/** `MailingLists.addMlUserList`. Not safe. */
export async function addMembers(
  client: KerioClient,
  mlId: string,
  members: readonly MailingListMember[],
  options?: BulkOptions,
): Promise<ItemResult<void>[]> {
  const params = (some: readonly MailingListMember[]) => ({ members: some, mlId });
  const call = { method: "MailingLists.addMlUserList", params, items: members };
  return changeAll(client, { ...call, doing: "adding members to a mailing list", options });
}

/** `MailingLists.removeMlUserList`. Not safe. */
export async function removeMembers(
  client: KerioClient,
  mlId: string,
  members: readonly MailingListMember[],
  options?: BulkOptions,
): Promise<ItemResult<void>[]> {
  const params = (some: readonly MailingListMember[]) => ({ members: some, mlId });
  const call = { method: "MailingLists.removeMlUserList", params, items: members };
  return changeAll(client, { ...call, doing: "removing members from a mailing list", options });
}
