import { codeOf, messageOf } from "../errors";
import type { Alias } from "../kerio/methods/aliases";
import { runBatch } from "../kerio/methods/batch";
import { itemErrorOf } from "../kerio/methods/each-for-itself";
import { generatePassword } from "../kerio/methods/domains";
import { createUsers, setUsers, type NewUser, type User, type UserPattern } from "../kerio/methods/users";
import { isAway } from "./is-away";
import { removeFormerAliases, restoreFormerAliases } from "./former-aliases";
import type { MailServer } from "./mail-server";
import { giveContact, patternOf, resultOf } from "./new-account";
import { exists, foreignMailbox, nameTaken, notSeen, refused } from "./newcomer-refusals";
import { PartialFailure } from "./partial-failure";
import { describeEntity } from "./questions";
import type { Answer } from "./renaming";
import { isSeatRefusal, noSeat } from "./seat-refusal";
import { seatsInUse } from "./seats";
import { takeOver } from "./take-over";
import type { UserRequest } from "./user-request";
import { whoHolds } from "./who-holds";

/** A newcomer who may be created: name, mailbox and addresses have been looked at. */
interface Ready {
  request: UserRequest;
  pattern: UserPattern;
  password: string;
  generated: boolean;
  /** Aliases of that name that a rename has left; they give way. */
  formerAliases: Alias[];
  /** The server's id of the account, where an answer told it. */
  madeId?: string;
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
  const { former, taken } = await whoHolds(server, request, mayReplaceAlias(request.domain, request.name));
  if (taken.length > 0) throw nameTaken(request, taken.map(describeEntity).join(", "));
  return {
    request,
    pattern: await patternOf(server, request),
    password: request.password ?? (await generatePassword(server.client, domain.id)),
    generated: request.password === undefined,
    formerAliases: former,
  };
}

async function refuseForeignMailbox(server: MailServer, request: UserRequest): Promise<void> {
  if (request.adoptMailbox) return;
  const names = await server.inventory.mailboxes(request.domain);
  if (names.some((name) => name.toLowerCase() === request.name)) throw foreignMailbox(request);
}

async function createAll(server: MailServer, ready: Ready[]): Promise<Map<Ready, unknown>> {
  // The alias goes when the account is there: whoever dies between the two leaves the name with somebody.
  const refusals = await createSome(server, ready);
  const passing: Ready[] = [];
  for (const one of ready.filter((each) => each.formerAliases.length > 0)) {
    if (!(await mayBeOfAlias(server, one, refusals.get(one)))) continue;
    const bearer = await bearerNow(server, one);
    // Refused, so it is not ours, however like it is.
    if (bearer) refusals.set(one, exists(one.request, bearer));
    else passing.push(one);
  }
  for (const [one, error] of await createInPlaceOfAliases(server, passing))
    if (error === undefined) refusals.delete(one);
    else refusals.set(one, error);
  for (const [one, error] of refusals)
    if (isOfSeat(one, error)) refusals.set(one, await noSeat(server, one.request, error));
  return refusals;
}

/** Asks for several accounts, and answers why the server refused some. */
async function createSome(server: MailServer, asked: Ready[]): Promise<Map<Ready, unknown>> {
  const refusals = new Map<Ready, unknown>();
  if (asked.length === 0) return refusals;
  try {
    const results = await createUsers(server.client, await Promise.all(asked.map((one) => newUser(server, one))));
    asked.forEach((one, index) => {
      const result = results[index];
      if (result?.ok === false) refusals.set(one, refused(one.request, result.error));
      else if (result) one.madeId = result.value;
    });
  } catch (error) {
    if (codeOf(error) === "API_REFUSED") return createEach(server, asked, error);
    // With the answer lost, the list decides: what is there and ours was created.
    if (!isUnheard(error)) for (const one of asked) refusals.set(one, error);
    else server.log.warn(`${messageOf(error)} Looking at the server's users instead.`);
  }
  return refusals;
}

/**
 * Where one of them, or one too many, makes the server refuse the whole call, each asks alone who is not there after all:
 * the first get what is free. What befalls one of them is no word about those who have their accounts already.
 */
async function createEach(server: MailServer, asked: Ready[], refusal: unknown): Promise<Map<Ready, unknown>> {
  const refusals = new Map<Ready, unknown>();
  let away: unknown;
  server.inventory.invalidate();
  for (const one of asked) {
    if (asked.length > 1 && away === undefined && (await isThere(server, one))) continue;
    const alone = async () => (await createSome(server, [one])).get(one);
    const met = asked.length === 1 ? refused(one.request, itemErrorOf(refusal)) : (away ?? (await alone()));
    if (met === undefined) continue;
    refusals.set(one, met);
    // The others would find nobody there either.
    if (isAway(met)) away = met;
  }
  return refusals;
}

/** Whether the account is there that was asked for; where that cannot be seen, it is asked for again, and refused if it is. */
async function isThere(server: MailServer, one: Ready): Promise<boolean> {
  try {
    const bearer = await server.inventory.userByName(one.request.domain, one.request.name);
    return bearer !== undefined && mayBeMade(one, bearer);
  } catch (error) {
    server.log.progress(messageOf(error));
    return false;
  }
}

/**
 * Whether a server may have refused a user because it lets none stand beside an alias of that name. The code for a limit
 * that is reached says so only where one is: it may be that of a taken name as well.
 */
async function mayBeOfAlias(server: MailServer, one: Ready, error: unknown): Promise<boolean> {
  if (isOfSeat(one, error)) return (await seatsInUse(server, one.request.domain)) === "";
  return codeOf(error) === "API_REFUSED";
}

/** Whether a refusal may be about a seat: a disabled account takes none. */
function isOfSeat({ pattern }: Ready, error: unknown): boolean {
  return pattern.isEnabled !== false && isSeatRefusal(error);
}

/**
 * Creates those whose server may let no user stand beside an alias of that name: the alias goes first.
 *
 * @returns why the server refused each, or undefined
 */
async function createInPlaceOfAliases(server: MailServer, passing: Ready[]): Promise<Map<Ready, unknown>> {
  const answers = new Map<Ready, unknown>(passing.map((one) => [one, undefined]));
  const rest: Ready[] = [];
  try {
    const made = await takeNames(server, passing);
    for (const one of passing.filter((each) => !made.includes(each))) {
      try {
        await removeFormerAliases(server, one.request, one.formerAliases);
        rest.push(one);
      } catch (error) {
        answers.set(one, error);
      }
    }
  } catch (error) {
    for (const one of passing) answers.set(one, error);
  }
  for (const [one, error] of await createSome(server, rest)) answers.set(one, error);
  return answers;
}

/**
 * Lets newcomers follow the aliases that have borne their names, in one call: mail that comes between the two would be
 * returned. What the server does not do of it is done one by one afterwards.
 *
 * @returns those whose account is there, as far as that can be told without an answer
 * @throws KerioError where nothing is known of any of them
 */
async function takeNames(server: MailServer, passing: Ready[]): Promise<Ready[]> {
  if (passing.length === 0) return [];
  const aliasIds = passing.flatMap((one) => one.formerAliases.map((alias) => alias.id));
  const users = await Promise.all(passing.map((one) => newUser(server, one)));
  try {
    await runBatch(server.client, [
      { method: "Aliases.remove", params: { aliasIds } },
      { method: "Users.create", params: { users } },
    ]);
  } catch (error) {
    if (!isUnheard(error) && codeOf(error) !== "API_REFUSED") throw error;
    server.log.progress(`${messageOf(error)} Going on step by step.`);
  }
  const made: Ready[] = [];
  for (const one of passing) {
    const bearer = await bearerNow(server, one);
    if (bearer && mayBeMade(one, bearer)) made.push(one);
  }
  return made;
}

async function bearerNow(server: MailServer, { request }: Ready): Promise<User | undefined> {
  server.inventory.invalidate();
  return server.inventory.userByName(request.domain, request.name);
}

async function newUser(server: MailServer, { request, pattern, password }: Ready): Promise<NewUser> {
  const { id } = await server.inventory.domain(request.domain);
  const { name: loginName, defaultSpamRule } = request;
  const rule = defaultSpamRule === undefined ? {} : { hasDefaultSpamRule: defaultSpamRule };
  // What a server makes of an account that does not say it is not documented.
  return { isEnabled: true, ...pattern, ...rule, domainId: id, loginName, password };
}

function isUnheard(error: unknown): boolean {
  return codeOf(error) === "OUTCOME_UNKNOWN" || codeOf(error) === "TIMEOUT";
}

async function answer(server: MailServer, one: Ready, refusal: unknown): Promise<Answer> {
  const { request } = one;
  if (refusal !== undefined) return { ok: false, error: refusal };
  try {
    const user = await server.inventory.userByName(request.domain, request.name);
    if (!user) return { ok: false, error: notSeen(request) };
    if (!mayBeMade(one, user)) return { ok: false, error: exists(request, user) };
    if (one.madeId === undefined) await givePassword(server, one, user.id);
    const result = await resultOf(server, request, user);
    result.notes.push(...inherited(one, user));
    if (one.generated) result.initialPassword = one.password;
    try {
      // The call that made the account may have been refused the rest.
      await removeFormerAliases(server, request, one.formerAliases);
      await giveContact(server, request, user.id);
    } catch (error) {
      return { ok: false, error: new PartialFailure(result, error) };
    }
    return { ok: true, value: result };
  } catch (error) {
    return { ok: false, error };
  }
}

/** Groups that nobody has asked for: a server may keep those of a former account for whoever bears its name. */
function inherited({ pattern, request }: Ready, user: User): string[] {
  const asked = new Set((pattern.userGroups ?? []).map((group) => group.id));
  const groups = (user.userGroups ?? []).filter((group) => !asked.has(group.id));
  if (groups.length === 0) return [];
  const names = groups.map((group) => group.name ?? group.id).join(", ");
  return [
    `The server has ${request.name}@${request.domain} in the groups ${names} from the start, as it had a former account ` +
      "of that name: with their mail and their rights. Take it out of those that it does not belong to, and look at mailing lists.",
  ];
}

/**
 * Whether an account is the one that was asked for: by its id, or where no answer told that, by what it holds. No account
 * bore the name a moment before; one that has been used is somebody else's. A name that has led to somebody until now gets
 * mail at once.
 */
function mayBeMade({ madeId, pattern, request, formerAliases }: Ready, user: User): boolean {
  if (madeId !== undefined) return user.id === madeId;
  const hasMail = (user.consumedItems ?? 0) > 0 && !request.adoptMailbox && formerAliases.length === 0;
  if (hasMail || (user.lastLoginInfo?.dateTime ?? 0) > 0) return false;
  // A server may bring limits and lists into another form.
  const plain = Object.entries(pattern).filter(([, value]) => typeof value === "string" || typeof value === "boolean");
  return plain.every(([key, value]) => value === user[key as keyof User]);
}

/** Whose creation no answer told of may be somebody else's account in all but its password: what is told must be true. */
async function givePassword(server: MailServer, one: Ready, userId: string): Promise<void> {
  const { request } = one;
  if (one.generated) {
    const { id } = await server.inventory.domain(request.domain);
    one.password = await generatePassword(server.client, id);
  }
  const [answer] = await setUsers(server.client, [userId], { password: one.password }, { itemwise: true });
  // A history of passwords refuses the one that the account was made with.
  if (answer?.ok === false && one.generated) throw refused(request, answer.error);
}
