import { isSame } from "../dynamic/fields";
import { Unfinished, type Context, type Properties } from "../dynamic/lifecycle";
import type { Server } from "../dynamic/servers";
import { without } from "../dynamic/without";
import { codeOf, KerioError, messageOf } from "../errors";
import { getPersonalContacts, type PersonalContact, type User, type UserPattern } from "../kerio/methods/users";
import { mergeContact, writeContact } from "../kerio/methods/write-contact";
import { removeLeftAliases } from "../rename/former-aliases";
import { namedIds } from "../rename/lookups";
import { explainPassword } from "../rename/password-history";
import { contactFromApi, contactToApi, narrowContact } from "./contact";
import { userSetter } from "./setters";
import { addressOf, fromUser, toPattern } from "./user-convert";
import { isPartial, outputsOf, readUser, type KnownUser } from "./user-create";
import { compareUser, managedBy } from "./user-diff";
import { userFields, type UserSetting } from "./user-fields";
import { findUser, notTaken, observe } from "./user-observe";
import { toRequest } from "./user-request";
import { writePhoto } from "./user-photo";
import { readRecord } from "./user-state";

/**
 * Writes changed settings to the account, and nothing else: a change of policies, or of the set of managed fields
 * alone, opens no connection. An account whose rename stopped half-way is finished first.
 */
export async function updateUser(
  context: Context,
  id: string,
  olds: Properties,
  news: Properties,
): Promise<{ outs: Properties }> {
  const record = readRecord(olds);
  context.memory.seeInState(id, record.unfinished);
  const { refused, updates, remembered, managedDiffers } = compareUser(olds, news);
  const outs: Record<string, unknown> = {
    ...news,
    userId: id,
    mailboxPath: record.mailboxPath,
    previousNames: news["previousNames"] ?? record.previousNames,
    initialPassword: olds["initialPassword"],
    managed: managedBy(news),
  };
  if (refused.length > 0) throw movedAccount(olds, refused);
  // The engine asks for an update without any difference only where the last one stopped half-way.
  const nothingDiffers = updates.length === 0 && remembered.length === 0 && !managedDiffers;
  const finished = record.unfinished || nothingDiffers ? await finish(context, id, olds, news, record.unfinished) : {};
  Object.assign(outs, finished);
  const taken: { password?: boolean } = {};
  try {
    if (updates.length > 0) await write(context, id, readUser(news), updates as UserSetting[], taken);
    if (updates.includes("photoHash") || photoOf(olds) !== photoOf(news)) await givePhoto(context, id, readUser(news));
  } catch (error) {
    // A plain failure would leave the engine with the outputs of before, and the generated password known to nobody.
    if (finished["initialPassword"] !== undefined) throw unfinished(id, olds, finished["initialPassword"], error);
    if (!taken.password) throw error;
    // Asked for again, a history of passwords would refuse the one that holds by now.
    const known = { ...without(olds, "initialPassword"), password: news["password"] };
    throw new Unfinished(id, known, [messageOf(error)]);
  }
  // A password of the program's own makes the generated one worthless.
  if (updates.includes("password")) delete outs["initialPassword"];
  return { outs };
}

async function finish(
  context: Context,
  id: string,
  olds: Properties,
  news: Properties,
  isUnfinished: boolean,
): Promise<Properties> {
  const user = readUser(news);
  const server = context.server(user.server);
  const { coordinator } = server;
  const knowsPassword = olds["initialPassword"] !== undefined || olds["password"] !== undefined;
  try {
    const result = await coordinator.finishOpen(id, toRequest(user), knowsPassword, isUnfinished);
    if (!result) {
      // No snapshot tells of a new account that was refused the removal of the alias which bore its name.
      if (isUnfinished && user.renamedFrom === undefined)
        await coordinator.patiently(() => removeLeftAliases(server, user));
      return {};
    }
    for (const note of result.notes) context.log.info(note);
    const { initialPassword, ...outs } = outputsOf(news, result);
    return initialPassword === undefined ? outs : { ...outs, initialPassword };
  } catch (error) {
    if (!isPartial(error)) throw error;
    throw unfinished(id, olds, error.result.initialPassword, error);
  }
}

function unfinished(id: string, olds: Properties, initialPassword: unknown, error: unknown): Unfinished {
  const newest = initialPassword === undefined ? {} : { initialPassword };
  return new Unfinished(id, { ...olds, ...newest, unfinished: true }, [messageOf(error)]);
}

async function write(
  context: Context,
  id: string,
  user: KnownUser,
  changed: UserSetting[],
  taken: { password?: boolean },
): Promise<void> {
  const server = context.server(user.server);
  const { coordinator } = server;
  const address = addressOf(user.name, user.domain);
  const present = await coordinator.patiently(() => findUser(server, user.domain, id, address));
  const seen = fromUser(present, user.domain);
  const isSeen = (name: UserSetting) => name !== "password" && name !== "contact";
  const needed = changed.filter((name) => !isSeen(name) || !isSame(userFields[name], seen[name], user[name]));
  const pattern = await coordinator.patiently(() => patternOf(server, user, needed, present));
  const object = `user ${address}`;
  if (Object.keys(pattern).length > 0) {
    // A history of passwords refuses the one that was taken although its answer was lost.
    const mayRepeat = (error: unknown) => pattern.password === undefined || codeOf(error) !== "OUTCOME_UNKNOWN";
    try {
      await coordinator.patiently(() => userSetter(server).add({ id, object, pattern }), mayRepeat);
    } catch (error) {
      if (pattern.password === undefined) throw error;
      const explained = await coordinator.patiently(() => explainPassword(server, user.domain, error));
      // An update whose end nobody heard wrote all of it in one call: what is seen of it speaks for the password.
      const isThere = changed.some(isSeen) && !needed.some(isSeen);
      if (explained === error || !isThere) throw explained;
      context.log.info(`${address} holds the password of this update already; the server takes none twice.`);
    }
    taken.password = pattern.password !== undefined;
    await coordinator.patiently(() => observe(server, user, id, needed));
  }
  if (needed.includes("contact") && user.contact)
    await coordinator.patiently(() => writeCard(server, id, user, object));
}

async function givePhoto(context: Context, id: string, user: KnownUser): Promise<void> {
  const server = context.server(user.server);
  await server.coordinator.patiently(() => writePhoto(server, id, user));
}

/** Only what is needed, in the server's words and with the server's ids. */
async function patternOf(server: Server, user: KnownUser, needed: UserSetting[], present: User): Promise<UserPattern> {
  const declared = Object.fromEntries(needed.map((name) => [name, user[name]]));
  const pattern: UserPattern = toPattern(declared, present);
  if (needed.includes("password") && user.password !== undefined) pattern.password = user.password;
  const { domain, name, groups = [], accessPolicy } = user;
  const { groupIds, policy } = await namedIds(server, {
    domain,
    name,
    ...(needed.includes("groups") && { groups }),
    ...(needed.includes("accessPolicy") && { accessPolicy }),
  });
  if (groupIds) pattern.userGroups = groupIds.map((id) => ({ id }));
  if (policy) pattern.accessPolicy = policy;
  return pattern;
}

function photoOf(properties: Properties): unknown {
  return (properties["contact"] as { photo?: unknown } | undefined)?.photo;
}

async function writeCard(server: Server, id: string, user: KnownUser, object: string): Promise<void> {
  const declared = without(user.contact ?? {}, "photo");
  const before = (await getPersonalContacts(server.client, [id])).get(id);
  const isDeclared = (card: PersonalContact) =>
    isSame(userFields.contact, declared, narrowContact(contactFromApi(card), declared));
  if (before && isDeclared(before)) return;
  const seen = await writeContact(server.client, id, mergeContact(before, contactToApi(declared)), {
    object,
    doing: "changing contact",
  });
  if (!isDeclared(seen)) throw notTaken(object, ["contact"], "the server answered yes and holds other values");
}

function movedAccount(olds: Properties, fields: string[]): KerioError {
  return new KerioError("INPUT_INVALID", {
    object: `user ${String(olds["address"])}`,
    doing: "changing it",
    happened: `${fields.join(" and ")} cannot be changed`,
    next: "Declare a new user, and remove this one.",
  });
}
