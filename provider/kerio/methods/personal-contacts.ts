import { z } from "zod";
import { KerioError } from "../../errors";
import type { CallOptions, KerioClient } from "../client";
import { changeAll, itemError, itemRefused, type BulkOptions, type ItemResult } from "./bulk";
import { serverOf } from "./list";

/** A postal address. */
export const postalAddress = z.object({
  preferred: z.boolean().optional(),
  pobox: z.string().optional(),
  extendedAddress: z.string().optional(),
  street: z.string().optional(),
  locality: z.string().optional(),
  state: z.string().optional(),
  zip: z.string().optional(),
  country: z.string().optional(),
  label: z.string().optional(),
  type: z.string().optional(),
  extension: z.string().optional(),
});

/** The card of a user in the address book. */
export const personalContact = z.object({
  commonName: z.string().optional(),
  firstName: z.string().optional(),
  middleName: z.string().optional(),
  surName: z.string().optional(),
  titleBefore: z.string().optional(),
  titleAfter: z.string().optional(),
  nickName: z.string().optional(),
  phoneNumberWorkVoice: z.string().optional(),
  phoneNumberMobile: z.string().optional(),
  postalAddressWork: postalAddress.optional(),
  urlWork: z.string().optional(),
  birthDay: z.string().optional(),
  anniversary: z.string().optional(),
  companyName: z.string().optional(),
  departmentName: z.string().optional(),
  profession: z.string().optional(),
  managerName: z.string().optional(),
  assistantName: z.string().optional(),
  comment: z.string().optional(),
  IMAddress: z.string().optional(),
  photo: z.object({ id: z.string().optional(), url: z.string().optional() }).optional(),
  /** Output. */
  isReadOnly: z.boolean().optional(),
  emailAddresses: z.array(z.unknown()).optional(),
});

export type PersonalContact = z.output<typeof personalContact>;
export type PostalAddress = z.output<typeof postalAddress>;

/**
 * `Users.getPersonalContact`: the cards by user id. Safe. The answer has no ids: cards come in the order of the users.
 * @throws KerioError API_REFUSED when the server has no card for one of them
 */
export async function getPersonalContacts(
  client: KerioClient,
  userIds: readonly string[],
  options?: CallOptions,
): Promise<Map<string, PersonalContact>> {
  if (userIds.length === 0) return new Map();
  const about = { doing: "reading contacts", object: serverOf(client), ...options };
  const { errors, contacts } = await client.call({
    method: "Users.getPersonalContact",
    params: { userIds },
    reply: z.object({ errors: z.array(itemError).nullish(), contacts: z.array(personalContact) }),
    safe: true,
    ...about,
  });
  const refused = errors?.[0];
  if (refused) throw itemRefused(refused.error, about);
  if (contacts.length !== userIds.length) {
    throw new KerioError("UNEXPECTED_REPLY", {
      ...about,
      happened: `Users.getPersonalContact answered ${contacts.length} contacts for ${userIds.length} users`,
      outcome: "rejected",
    });
  }
  return new Map(userIds.map((id, index) => [id, contacts[index] ?? {}]));
}

/** `Users.setPersonalContact`: gives all those users the same values. Not safe. */
export async function setPersonalContact(
  client: KerioClient,
  userIds: readonly string[],
  contact: Partial<PersonalContact>,
  options?: BulkOptions,
): Promise<ItemResult<void>[]> {
  const params = (ids: readonly string[]) => ({ userIds: ids, contact: writableContact(contact) });
  const call = { method: "Users.setPersonalContact", params, items: userIds, doing: "changing contacts" };
  return changeAll(client, { ...call, options });
}

/** A card without its outputs. */
export function writableContact(contact: Partial<PersonalContact>): Partial<PersonalContact> {
  const writable = { ...contact };
  delete writable.isReadOnly;
  return writable;
}
