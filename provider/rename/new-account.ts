import { KerioError } from "../errors";
import type { PersonalContact, UserPattern, User } from "../kerio/methods/users";
import { mergeContact, sameAddresses, writeContact } from "../kerio/methods/write-contact";
import { namedIds } from "./lookups";
import type { MailServer } from "./mail-server";
import { isWithin } from "./steps/create-accounts";
import type { UserRequest, UserResult } from "./user-request";

/** The declared settings with groups and access policy looked up. */
export async function patternOf(server: MailServer, request: UserRequest): Promise<UserPattern> {
  const pattern: UserPattern = { ...request.declared };
  const { groupIds, policy } = await namedIds(server, request);
  if (groupIds) pattern.userGroups = groupIds.map((id) => ({ id }));
  if (policy) pattern.accessPolicy = policy;
  return pattern;
}

/**
 * Writes the declared contact and looks that it is there.
 *
 * @param before the card of an account that was there before: nested parts of it that the program leaves out stay
 */
export async function giveContact(
  server: MailServer,
  request: UserRequest,
  userId: string,
  before?: PersonalContact,
): Promise<void> {
  const { contact } = request;
  if (!contact) return;
  const about = { object: `user ${request.name}@${request.domain}`, doing: "giving it its contact data" };
  const { emailAddresses, ...plain } = contact;
  const seen = await writeContact(server.client, userId, mergeContact(before, contact), about);
  if (isWithin(plain, seen) && (emailAddresses === undefined || sameAddresses(contact, seen))) return;
  throw new KerioError("API_REFUSED", {
    ...about,
    happened: "the server answered yes and holds other values",
    next: "Look at the contact in the administration; then run `pulumi up` again.",
    outcome: "rejected",
  });
}

/** What the engine is told of an account. */
export async function resultOf(server: MailServer, request: UserRequest, user: User): Promise<UserResult> {
  const { domain, name } = request;
  const mailboxPath = `${await server.inventory.storePath()}/mail/${domain}/${name}`;
  return { userId: user.id, address: `${name}@${domain}`, mailboxPath, notes: [] };
}
