import { codeOf } from "../../errors";
import type { CallOptions, KerioClient } from "../client";
import { itemRefused } from "./bulk";
import { serverOf } from "./list";
import { getPersonalContacts, setPersonalContact, type PersonalContact } from "./personal-contacts";

/**
 * The address that an entry of a card's `emailAddresses` holds. Whether entries are texts or objects is not documented,
 * so both are read.
 */
export function addressIn(entry: unknown): string | undefined {
  if (typeof entry === "string") return entry;
  const address: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, "address") : undefined;
  return typeof address === "string" ? address : undefined;
}

/** Whether two cards hold the same mail addresses, whatever their form and order. */
export function sameAddresses(a: PersonalContact | undefined, b: PersonalContact | undefined): boolean {
  const [one, other] = [a, b].map((card) =>
    (card?.emailAddresses ?? []).map((entry) => addressIn(entry)?.toLowerCase() ?? "").sort(),
  );
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether a card has a photo. */
export function hasPhoto(contact: PersonalContact | undefined): boolean {
  return Boolean(contact?.photo?.id || contact?.photo?.url);
}

/**
 * A card with other members: what they say of the postal address goes over that one's other parts, and a mail address that
 * the card knows keeps what the server holds beside it.
 */
export function mergeContact(
  before: PersonalContact | undefined,
  members: Partial<PersonalContact> | undefined,
): Partial<PersonalContact> {
  const { postalAddressWork, emailAddresses } = members ?? {};
  const known = (entry: unknown) => {
    const address = addressIn(entry)?.toLowerCase();
    return before?.emailAddresses?.find((one) => addressIn(one)?.toLowerCase() === address);
  };
  return {
    ...before,
    ...members,
    ...(postalAddressWork && { postalAddressWork: { ...before?.postalAddressWork, ...postalAddressWork } }),
    ...(emailAddresses && { emailAddresses: emailAddresses.map((entry) => known(entry) ?? entry) }),
  };
}

/**
 * Writes members of one card and gives the card as it is seen afterwards. Addresses given as texts are written as
 * objects first and, where the server does not take that form, as texts. Not safe.
 *
 * @throws KerioError `API_REFUSED`
 */
export async function writeContact(
  client: KerioClient,
  userId: string,
  contact: Partial<PersonalContact>,
  options?: CallOptions,
): Promise<PersonalContact> {
  const about = { doing: "changing a contact", object: serverOf(client), ...options };
  const attempt = async (card: Partial<PersonalContact>) => {
    const [result] = await setPersonalContact(client, [userId], card, about);
    if (result?.ok === false) throw itemRefused(result.error, about);
    return (await getPersonalContacts(client, [userId])).get(userId) ?? {};
  };
  const entries = contact.emailAddresses ?? [];
  if (!entries.some((entry) => typeof entry === "string")) return attempt(contact);
  const objects = entries.map((entry) => (typeof entry === "string" ? { address: entry } : entry));
  try {
    const seen = await attempt({ ...contact, emailAddresses: objects });
    if (sameAddresses(contact, seen)) return seen;
  } catch (error) {
    if (codeOf(error) !== "API_REFUSED") throw error;
  }
  return attempt(contact);
}
