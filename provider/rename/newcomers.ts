import { codeOf, KerioError, messageOf } from "../errors";
import { listMailboxes } from "../host/directories";
import type { Alias } from "../kerio/methods/aliases";
import { generatePassword } from "../kerio/methods/domains";
import type { ItemError } from "../kerio/methods/bulk";
import { setUsers, type NewUser, type User, type UserPattern } from "../kerio/methods/users";
import { sameAddresses, writeContact } from "../kerio/methods/write-contact";
import { removeFormerAliases, restoreFormerAliases } from "./former-aliases";
import { explainItemError } from "./item-errors";
import { groupIdsOf, policyOf } from "./lookups";
import { openHost, type MailServer } from "./mail-server";
import { createEach, isSeatRefusal, noSeat } from "./seat-refusal";
import { markOf, type Mark } from "./mark";
import { PartialFailure } from "./partial-failure";
import { delivers } from "./delivery-address";
import { describeEntity, entitiesNamed } from "./questions";
import type { Answer } from "./renaming";
import { isWithin } from "./steps/create-accounts";
import { aliasDescription } from "./steps/addresses";
import type { UserRequest, UserResult } from "./user-request";

/** A newcomer who may be created: name, mailbox and addresses have been looked at. */
interface Ready {
  request: UserRequest;
  pattern: UserPattern;
  password: string;
  generated: boolean;
  /** Aliases of that name that a rename of this process has left; they give way. */
  formerAliases: Alias[];
}

/**
 * Makes accounts that are no renames, all in one call, and answers each by itself. An existing account is taken over
 * only where the program says so, or where it is evidently our own of which the answer was lost.
 *
 * @param mayReplaceAlias whether the alias of that name was left by a rename of this process
 */
export async function createNewcomers(
  server: MailServer,
  requests: UserRequest[],
  mayReplaceAlias: (domain: string, name: string) => boolean,
): Promise<Map<UserRequest, Answer>> {
  const answers = new Map<UserRequest, Answer>();
  const ready: Ready[] = [];
  server.inventory.invalidate();
  for (const request of requests) {
    try {
      const existing = await server.inventory.userByName(request.domain, request.name);
      if (existing) answers.set(request, { ok: true, value: await takeOver(server, request, existing) });
      else ready.push(await prepare(server, request, mayReplaceAlias));
    } catch (error) {
      answers.set(request, { ok: false, error });
    }
  }
  if (ready.length > 0) {
    const refusals = await createAll(server, ready);
    server.inventory.invalidate();
    for (const one of ready) {
      const given = await answer(server, one, refusals.get(one));
      answers.set(one.request, given);
      if (!given.ok) await restoreFormerAliases(server, one.request, one.formerAliases);
    }
  }
  return answers;
}

async function prepare(
  server: MailServer,
  request: UserRequest,
  mayReplaceAlias: (domain: string, name: string) => boolean,
): Promise<Ready> {
  const domain = await server.inventory.domain(request.domain);
  await refuseForeignMailbox(server, request);
  const formerAliases = await refuseTakenName(server, request, domain.id, mayReplaceAlias);
  return {
    request,
    pattern: await patternOf(server, request),
    password: request.password ?? (await generatePassword(server.client, domain.id)),
    generated: request.password === undefined,
    formerAliases,
  };
}

/** The declared settings with groups and access policy looked up. */
export async function patternOf(server: MailServer, request: UserRequest): Promise<UserPattern> {
  const pattern: UserPattern = { ...request.declared };
  if (request.groups)
    pattern.userGroups = (await groupIdsOf(server, request.domain, request.groups)).map((id) => ({ id }));
  if (request.accessPolicy !== undefined) pattern.accessPolicy = await policyOf(server, request.accessPolicy);
  return pattern;
}

async function refuseForeignMailbox(server: MailServer, request: UserRequest): Promise<void> {
  if (request.adoptMailbox) return;
  const names = await server.inventory.mailboxes(request.domain);
  if (names.some((name) => name.toLowerCase() === request.name)) throw foreignMailbox(request);
}

/** The refusal of a new account whose name is that of a mailbox directory without an account. */
export function foreignMailbox(request: { domain: string; name: string }): KerioError {
  return new KerioError("MAILBOX_IN_THE_WAY", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: `the store holds a mailbox directory ${request.name} that no account owns, and the new account would get its mail`,
    next: "If that mail is this person's, say `adoptMailbox: true`. If it is a leaver's, move the directory away on the mail host or choose another name.",
  });
}

/** @returns the aliases of that name that do not count, because they give way */
async function refuseTakenName(
  server: MailServer,
  request: UserRequest,
  domainId: string,
  mayReplaceAlias: (domain: string, name: string) => boolean,
): Promise<Alias[]> {
  const { domain, name } = request;
  const aliases = (await server.inventory.aliases(domain)).filter((alias) => alias.name.toLowerCase() === name);
  const ours = aliases.filter((alias) => alias.description === aliasDescription && mayReplaceAlias(domain, name));
  const others = aliases.filter((alias) => !ours.includes(alias));
  if (others.some((alias) => delivers(alias.deliverTo, name, domain))) return ours;
  const givesWay = (kind: string) => kind === "EntityAlias" && ours.length > 0 && others.length === 0;
  const taken = (await entitiesNamed(server, domainId, name)).filter(
    (entity) => !givesWay(entity.kind) && (entity.kind !== "EntityUser" || entity.name.toLowerCase() !== name),
  );
  if (taken.length > 0) throw nameTaken(request, taken.map(describeEntity).join(", "));
  return ours;
}

/** The refusal of a new account whose name is taken by something other than an account. */
export function nameTaken(request: { domain: string; name: string }, by: string): KerioError {
  return new KerioError("NAME_TAKEN", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: `the address is taken by ${by}, and mail would not reach the new account`,
    next: "Remove that, or choose another name.",
  });
}

async function createAll(server: MailServer, ready: Ready[]): Promise<Map<Ready, unknown>> {
  const refusals = new Map<Ready, unknown>();
  const users: NewUser[] = [];
  const asked: Ready[] = [];
  for (const one of ready) {
    const { request, pattern, password } = one;
    try {
      const { id } = await server.inventory.domain(request.domain);
      await removeFormerAliases(server, one.formerAliases);
      const { name: loginName, defaultSpamRule } = request;
      const rule = defaultSpamRule === undefined ? {} : { hasDefaultSpamRule: defaultSpamRule };
      users.push({ ...pattern, ...rule, domainId: id, loginName, password });
      asked.push(one);
    } catch (error) {
      refusals.set(one, error);
    }
  }
  if (asked.length === 0) return refusals;
  try {
    const results = await createEach(server, users);
    asked.forEach((one, index) => {
      const result = results[index];
      if (result?.ok === false) refusals.set(one, refused(one.request, result.error));
    });
  } catch (error) {
    // With the answer lost, the list decides: what is there and ours was created.
    if (codeOf(error) !== "OUTCOME_UNKNOWN" && codeOf(error) !== "TIMEOUT")
      for (const one of asked) refusals.set(one, error);
    else server.log.warn(`${messageOf(error)} Looking at the server's users instead.`);
  }
  for (const [one, error] of refusals)
    if (isSeatRefusal(error)) refusals.set(one, await noSeat(server, one.request, error));
  return refusals;
}

async function answer(server: MailServer, one: Ready, refusal: unknown): Promise<Answer> {
  const { request } = one;
  if (refusal !== undefined) return { ok: false, error: refusal };
  try {
    const user = await server.inventory.userByName(request.domain, request.name);
    if (!user) return { ok: false, error: notSeen(request) };
    const result = await resultOf(server, request, user);
    if (one.generated) result.initialPassword = one.password;
    try {
      await giveContact(server, request, user.id);
    } catch (error) {
      return { ok: false, error: new PartialFailure(result, error) };
    }
    return { ok: true, value: result };
  } catch (error) {
    return { ok: false, error };
  }
}

/** Writes the declared contact and looks that it is there. */
async function giveContact(server: MailServer, request: UserRequest, userId: string): Promise<void> {
  const { contact } = request;
  if (!contact) return;
  const about = { object: `user ${request.name}@${request.domain}`, doing: "giving it its contact data" };
  const { emailAddresses, ...plain } = contact;
  const seen = await writeContact(server.client, userId, contact, about);
  if (isWithin(plain, seen) && (emailAddresses === undefined || sameAddresses(contact, seen))) return;
  throw new KerioError("API_REFUSED", {
    ...about,
    happened: "the server answered yes and holds other values",
    next: "Look at the contact in the administration; then run `pulumi up` again.",
    outcome: "rejected",
  });
}

async function takeOver(server: MailServer, request: UserRequest, existing: User): Promise<UserResult> {
  const mark = markOf(existing.description);
  if (mark) throw halfMade(request, mark);
  const pattern = await patternOf(server, request);
  if (!request.adopt && !(await isOurs(server, request, pattern, existing))) throw exists(request, existing);
  const changes = Object.fromEntries(
    Object.entries(pattern).filter(([key, value]) => !isWithin(value, existing[key as keyof User])),
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
    const [item] = await setUsers(server.client, [existing.id], changes);
    if (item?.ok === false) throw refused(request, item.error);
  }
  if (request.password === undefined && password !== undefined) result.initialPassword = password;
  await giveContact(server, request, existing.id);
  server.inventory.invalidate();
  return result;
}

/** A create whose answer was lost: equal in every declared field, never signed in to, without mail. */
async function isOurs(
  server: MailServer,
  request: UserRequest,
  pattern: UserPattern,
  existing: User,
): Promise<boolean> {
  const isUnused = (existing.lastLoginInfo?.dateTime ?? 0) === 0 && (existing.consumedItems ?? 0) === 0;
  return isUnused && isWithin(pattern, existing) && (await hasNoMail(server, request));
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

async function resultOf(server: MailServer, request: UserRequest, user: User): Promise<UserResult> {
  const { domain, name } = request;
  const mailboxPath = `${await server.inventory.storePath()}/mail/${domain}/${name}`;
  return { userId: user.id, address: `${name}@${domain}`, mailboxPath, notes: [] };
}

/** The refusal to take over the account that an unfinished rename has made. */
export function halfMade({ domain, name }: { domain: string; name: string }, { from, to }: Mark): KerioError {
  return new KerioError("RENAME_OPEN", {
    object: `user ${name}@${domain}`,
    doing: "creating",
    happened: `the account was made by a rename of ${from}@${domain} to ${to}@${domain} that stopped half-way, and belongs to it`,
    next: `Finish that rename first: run \`pulumi up\` with the resource that is ${from}, or has become ${to}.`,
  });
}

function exists(request: UserRequest, existing: User): KerioError {
  return new KerioError("ALREADY_EXISTS", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: `the account exists already${existing.fullName ? ` (${existing.fullName})` : ""}`,
    next: "To manage it with this program, say `adopt: true`; its mail stays. If it is another person's, choose another name.",
  });
}

function refused(request: UserRequest, error: ItemError): KerioError {
  return new KerioError("API_REFUSED", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: `the server refused it: ${explainItemError(error)}`,
    outcome: "rejected",
    apiCode: error.code,
  });
}

function notSeen(request: UserRequest): KerioError {
  return new KerioError("OUTCOME_UNKNOWN", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: "the account is not in the server's list afterwards",
    next: "Run `pulumi up` again.",
    outcome: "unknown",
  });
}
