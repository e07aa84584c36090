import { messageOf, type KerioError } from "../errors";
import { listMailboxes } from "../host/directories";
import { generatePassword } from "../kerio/methods/domains";
import { sameAddresses } from "../kerio/methods/write-contact";
import { getPersonalContacts, setUsers, type User, type UserPattern } from "../kerio/methods/users";
import { localPart } from "./delivery-address";
import { removeFormerAliases } from "./former-aliases";
import { openHost, type MailServer } from "./mail-server";
import { markOf } from "./mark";
import { giveContact, patternOf, resultOf } from "./new-account";
import { exists, halfMade, refused } from "./newcomer-refusals";
import { explainPassword, remembersPasswords } from "./password-history";
import { isWithin } from "./steps/create-accounts";
import type { UserRequest, UserResult } from "./user-request";
import { formerAliasesOf } from "./who-holds";

/**
 * Manages an account that exists: where the program says so, or where it is evidently our own of which the answer was lost.
 * @throws KerioError ALREADY_EXISTS, RENAME_OPEN, API_REFUSED
 */
export async function takeOver(server: MailServer, request: UserRequest, existing: User): Promise<UserResult> {
  const mark = markOf(existing.description);
  if (mark) throw halfMade(request, mark);
  const pattern = await patternOf(server, request);
  if (!request.adopt && !(await isOurs(server, request, pattern, existing))) throw exists(request, existing);
  const [wanted, shown] = [inOneForm(pattern, request.domain), inOneForm(existing, request.domain)];
  const changes = Object.fromEntries(
    Object.entries(pattern).filter(([key]) => !isWithin(wanted[key], shown[key])),
  ) as UserPattern;
  const result = await resultOf(server, request, existing);
  if (!request.adopt) {
    result.notes.push(
      `${result.address} existed already, exactly as declared and never used; it was taken over as the result of an earlier create.`,
    );
  }
  const password =
    request.password ??
    (request.adopt
      ? undefined
      : await generatePassword(server.client, (await server.inventory.domain(request.domain)).id));
  if (password !== undefined) changes.password = password;
  if (Object.keys(changes).length > 0) {
    const [item] = await setUsers(server.client, [existing.id], changes, { itemwise: true });
    if (item?.ok === false) await heedRefusal(server, request, result, refused(request, item.error));
  }
  if (request.password === undefined && password !== undefined) result.initialPassword = password;
  await removeFormerAliases(server, request, await formerAliasesOf(server, request, false));
  const card = request.contact && (await getPersonalContacts(server.client, [existing.id])).get(existing.id);
  await giveContact(server, request, existing.id, card);
  server.inventory.invalidate();
  return result;
}

/** The create whose answer was lost was not refused its password: where the server takes none twice, the account has it. */
async function heedRefusal(
  server: MailServer,
  request: UserRequest,
  result: UserResult,
  refusal: KerioError,
): Promise<void> {
  const isOfThatCreate = !request.adopt && request.password !== undefined;
  if (!isOfThatCreate || !(await remembersPasswords(server, request.domain)))
    throw request.password === undefined ? refusal : await explainPassword(server, request.domain, refusal);
  result.notes.push(`${result.address} holds the password of that create already; the server takes none twice.`);
}

/** A create whose answer was lost: equal in every declared field, never signed in to, without mail. */
async function isOurs(
  server: MailServer,
  request: UserRequest,
  pattern: UserPattern,
  existing: User,
): Promise<boolean> {
  const isUnused = (existing.lastLoginInfo?.dateTime ?? 0) === 0 && (existing.consumedItems ?? 0) === 0;
  const isEqual = isWithin(inOneForm(pattern, request.domain), inOneForm(existing, request.domain));
  if (!isUnused || !isEqual || !(await hasNoMail(server, request))) return false;
  if (!request.contact) return true;
  const card = (await getPersonalContacts(server.client, [existing.id])).get(existing.id) ?? {};
  const { emailAddresses, ...plain } = request.contact;
  const saysOthers = emailAddresses && (card.emailAddresses ?? []).length > 0 && !sameAddresses(request.contact, card);
  return !saysOthers && isBlankOrEqual(card, plain, existing.fullName);
}

/**
 * Whether a card says nothing else where the program says something: it is given after its account is made, and a run may
 * have ended between the two. A server may fill in the full name by itself.
 */
function isBlankOrEqual(actual: unknown, wanted: unknown, fullName: string | undefined): boolean {
  if (typeof wanted === "object" && wanted !== null && typeof actual === "object" && actual !== null)
    return Object.entries(wanted).every(([key, value]) => isBlankOrEqual(Reflect.get(actual, key), value, fullName));
  return !actual || actual === wanted || actual === fullName;
}

/** A server may show addresses with their domain, and lists in an order of its own: each becomes one text. */
function inOneForm(row: UserPattern | User, domain: string): Record<string, unknown> {
  const { emailAddresses, emailForwarding, userGroups } = row;
  const textOf = (items: readonly string[]) => [...items].sort().join(" ");
  return {
    ...row,
    ...(emailAddresses && { emailAddresses: textOf(emailAddresses.map((address) => localPart(address, domain))) }),
    ...(emailForwarding && {
      emailForwarding: {
        mode: emailForwarding.mode,
        to: textOf((emailForwarding.emailAddresses ?? []).map((address) => address.toLowerCase())),
      },
    }),
    ...(userGroups && { userGroups: textOf(userGroups.map((group) => group.id)) }),
  };
}

/**
 * Whether no mailbox directory bears the name, or one without an item, as a server makes it with the account. The count
 * in the account is no proof: of a mailbox that an account has just got it may be late. So the host is asked, and where
 * it cannot be, the answer is no.
 */
async function hasNoMail(server: MailServer, { domain, name }: UserRequest): Promise<boolean> {
  const names = await server.inventory.mailboxes(domain);
  const found = names.find((one) => one.toLowerCase() === name);
  if (found === undefined) return true;
  if (!server.settings.ssh) return false;
  const parent = `${await server.inventory.storePath()}/mail/${domain}`;
  try {
    const host = await openHost(server);
    try {
      const [mailbox] = await listMailboxes(host, parent, { names: [found] });
      return mailbox?.directory === true && mailbox.messages === 0;
    } finally {
      await host.close();
    }
  } catch (error) {
    server.log.warn(`Whether the mailbox ${name}@${domain} is empty could not be seen: ${messageOf(error)}`);
    return false;
  }
}
