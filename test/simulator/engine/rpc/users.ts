import { z } from "zod";
import { keptAddress, localPart } from "../addresses.js";
import { newUser } from "../defaults.js";
import type { Engine } from "../engine.js";
import { checkMailbox, isDirectory } from "../mailbox.js";
import { storePassword } from "../password-storage.js";
import { search, searchQuery } from "../search-query.js";
import type { Domain, User } from "../state.js";
import { withoutEmpty } from "../without.js";
import {
  checkAddresses,
  checkLoginName,
  checkPassword,
  freeSeats,
  mayJoin,
  mayTouch,
  mayWriteDomain,
  ownAccount,
  rankOf,
} from "./account-rules.js";
import { createEach, forEachRow, removeEachRow } from "./bulk.js";
import { changeContact, contactOf, contactPattern } from "./contacts.js";
import { forGood } from "./in-one-piece.js";
import { method, partly, type Call, type Interface } from "./method.js";
import { takeUpReferences } from "./references.js";
import { removeUser } from "./remove-user.js";
import { RpcError } from "./rpc-error.js";
import { id, nothing, userCreate, userPattern, type UserPattern } from "./schemas.js";
import { userRows } from "./user-row.js";

const userIds = z.object({ userIds: z.array(id) });

/** What a row holds of itself, without a look at anything else. */
const fewFields = ["id", "domainId", "loginName", "fullName", "description", "isEnabled", "itemSource"];

const keptOfUsers =
  "`outMessageLimit`, `cleanOutItems`, `allowPasswordChange`, `authType` and `publishInGal` are kept and shown, without effect";

/** The interface Users. */
export const users: Interface = {
  get: method(z.object({ query: searchQuery, domainId: id }), ({ query, domainId }, call) => {
    const { engine } = call;
    if (!engine.domain(domainId)) throw RpcError.missing(domainId);
    const groups = new Map(engine.state.groups.map((group) => [group.id, new Set(group.memberIds)]));
    return search(userRows(call, domainId, query), query, {
      quick: ["loginName", "fullName", "description"],
      special: { userGroups: (row, value) => groups.get(value)?.has(row.id) ?? false },
      switches: engine.switches,
      ...((query.fields ?? []).length === 0 &&
        engine.switches.of("unasked-fields") === "few" && { unasked: fewFields }),
    });
  }),

  create: partly(
    `\`hasDefaultSpamRule\` and ${keptOfUsers}`,
    method(z.object({ users: z.array(userCreate) }), ({ users: items }, call) => {
      const { switches } = call.engine;
      const isSeated = ({ isEnabled }: { isEnabled?: boolean | undefined }) =>
        isEnabled ?? switches.of("minimal-create") !== "bare";
      refuseTooMany(
        call.engine,
        items.filter(isSeated).map(({ domainId }) => domainId),
      );
      return createEach(call.engine, items, (item) => createUser(call, item));
    }),
  ),

  set: partly(
    keptOfUsers,
    method(z.object({ userIds: z.array(id), pattern: userPattern }), ({ userIds: ids, pattern }, call) => {
      const { engine } = call;
      if (pattern.isEnabled === true)
        refuseTooMany(
          engine,
          engine.state.users.filter((user) => !user.isEnabled && ids.includes(user.id)).map(({ domainId }) => domainId),
        );
      return forEachRow(engine, engine.state.users, ids, (user) => {
        mayTouch(call, user, { self: true });
        change(call, user, withoutEmpty(pattern, "loginName", "domainId", "password"));
        forGood(engine, () => engine.bindings.change(user));
      });
    }),
  ),

  remove: method(
    z.object({
      requests: z.array(
        z.object({
          userId: id,
          method: z.enum(["UDeleteUser", "UDeleteFolder", "UMoveFolder"]),
          removeReferences: z.boolean(),
          targetUserId: z.string().default(""),
          mode: z.enum(["DSModeDeactivate", "DSModeDelete"]).optional(),
        }),
      ),
    }),
    ({ requests }, call) =>
      removeEachRow(
        call.engine,
        call.engine.state.users.filter((user) => !call.engine.removing.has(user.id)),
        requests.map((request) => request.userId),
        (user, index) => {
          const request = requests[index];
          if (request) removeUser(call, user, request);
        },
      ),
  ),

  getPersonalContact: method(userIds, ({ userIds: ids }, { engine }) => {
    const contacts: object[] = [];
    const { errors } = forEachRow(engine, engine.state.users, ids, (user) => {
      contacts.push(contactOf(user));
    });
    return { errors, contacts };
  }),

  setPersonalContact: method(
    z.object({ userIds: z.array(id), contact: contactPattern }),
    ({ userIds: ids, contact }, call) =>
      forEachRow(call.engine, call.engine.state.users, ids, (user) => {
        mayTouch(call, user, { self: true });
        changeContact(call.engine, user, contact);
      }),
  ),

  getEffectiveUserRights: method(userIds, ({ userIds: ids }, { engine }) => {
    const result: object[] = [];
    const { errors } = forEachRow(engine, engine.state.users, ids, (user) => {
      const byGroup = engine.state.groups.some((each) => each.hasDomainRestriction && each.memberIds.includes(user.id));
      result.push({ userId: user.id, hasDomainRestriction: user.hasDomainRestriction || byGroup });
    });
    return { errors, result };
  }),

  checkMailboxIntegrity: method(userIds, ({ userIds: ids }, { engine }) => {
    forEachRow(engine, engine.state.users, ids, (user) => {
      const directory = engine.mailboxOf(user);
      if (isDirectory(directory)) checkMailbox(directory);
    });
    return {};
  }),

  getMailboxCount: method(nothing, (_, { engine }) => ({
    count: { active: engine.seatsTaken(), total: engine.state.users.length },
  })),

  getStatistics: partly(
    "items, bytes and last login; the real one has more",
    method(z.object({ userIds: z.array(id), query: searchQuery }), ({ userIds: ids, query }, { engine }) => {
      const rows = chosenUsers(engine.state.users, ids).map((user) => statisticsOf(engine, user));
      const { list } = search(rows, query, { switches: engine.switches, alwaysId: true });
      return { list };
    }),
  ),
};

function createUser(call: Call, item: z.infer<typeof userCreate>): string {
  const { engine } = call;
  const domain = engine.domain(item.domainId);
  if (!domain) throw RpcError.missing(item.domainId);
  if (!mayWriteDomain(call, domain.id)) throw RpcError.denied();
  checkLoginName(engine, item.loginName);
  refuseTaken(engine, item);
  const policy = engine.state.policies.find((each) => each.isDefault)?.id ?? "";
  const isBare = engine.switches.of("minimal-create") === "bare";
  const user = { ...newUser(domain.id, item.loginName, policy), isEnabled: false };
  if (isBare) Object.assign(user, { isPasswordReversible: false, allowPasswordChange: false });
  const { role, userGroups, isEnabled, hasDefaultSpamRule, ...rest } = item;
  const isInternal = (item.authType ?? user.authType) === "UInternalAuth";
  user.hasDefaultSpamRule = hasDefaultSpamRule ?? false;
  if (userGroups) mayJoin(call, user, userGroups);
  change(call, user, {
    ...rest,
    // What is left out must keep the rules, too.
    ...(isInternal && { password: item.password ?? "" }),
    ...(role ? { role: { publicFolderRight: false, archiveFolderRight: false, ...role } } : {}),
    isEnabled: isEnabled ?? !isBare,
  });
  engine.state.users.push(user);
  if (userGroups) setGroups(engine, user, userGroups);
  forGood(engine, () => {
    takeUpReferences(engine, user);
    engine.bindNew(user);
  });
  return user.id;
}

/** Checks everything first, so that a refused pattern changes nothing of the account. */
function change(call: Call, user: User, pattern: UserPattern): void {
  const { engine } = call;
  const domain = engine.domain(user.domainId) as Domain;
  const renamed = pattern.loginName !== undefined && pattern.loginName !== user.loginName;
  const moved = pattern.domainId !== undefined && pattern.domainId !== user.domainId;
  const renaming = renamed || moved ? engine.switches.of("set-login-name") : undefined;
  const isOther = moved || pattern.loginName?.toLowerCase() !== user.loginName.toLowerCase();
  if (renaming === "refuse" && isOther) throw RpcError.failed("Login name of %1 cannot be changed.", user.loginName);
  if (renaming === "accept") mayBecome(call, user, pattern);
  if (pattern.role?.userRole === "BuiltInAdmin") throw RpcError.failed("Role %1 cannot be assigned.", "BuiltInAdmin");
  if (pattern.role && rankOf(pattern.role.userRole) > rankOf(call.role)) throw RpcError.denied();
  checkDays(pattern);
  if (pattern.isEnabled === false && call.caller?.id === user.id) throw ownAccount(engine);
  if (pattern.isEnabled === true && !user.isEnabled && freeSeats(engine, domain) < 1) throw RpcError.licence();
  if (pattern.userGroups) mayJoin(call, user, pattern.userGroups);
  if (pattern.accessPolicy?.id && !engine.state.policies.some((each) => each.id === pattern.accessPolicy?.id)) {
    throw RpcError.missing(pattern.accessPolicy.id);
  }
  if (pattern.password !== undefined) {
    checkPassword(engine, domain, { ...user, fullName: pattern.fullName ?? user.fullName }, pattern.password);
  }
  if (pattern.emailAddresses) {
    checkAddresses(engine, pattern.emailAddresses, domain);
    refuseTakenAddress(engine, user, pattern.emailAddresses.map(localPart));
  }
  const { loginName, domainId, password, userGroups, accessPolicy, emailAddresses, ...plain } = pattern;
  Object.assign(user, Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)));
  if (renaming === "accept") {
    user.loginName = loginName ?? user.loginName;
    user.domainId = domainId ?? user.domainId;
    forGood(engine, () => engine.bindings.leave(user));
  }
  if (emailAddresses) user.emailAddresses = emailAddresses.flatMap((each) => keptAddress(engine, each) || []);
  // A client that fills in every member of the structure sends an empty one for "as it is".
  if (accessPolicy?.id) user.accessPolicyId = accessPolicy.id;
  if (userGroups) setGroups(engine, user, userGroups);
  if (password !== undefined) {
    user.passwordStored = storePassword(password, user.isPasswordReversible);
    const kept = domain.passwordHistoryCount;
    if (kept > 0) user.passwordHistory = [storePassword(password, false), ...user.passwordHistory].slice(0, kept);
  }
}

/** 24855 days are the most. */
function checkDays({ cleanOutItems }: UserPattern): void {
  if (!cleanOutItems) return;
  const { deletedItems, junkEmail, sentItems, autoDelete } = cleanOutItems;
  const tooMany = [deletedItems, junkEmail, sentItems, autoDelete].find(({ days }) => days > 24_855);
  if (tooMany) throw RpcError.failed("%1 days are too many.", String(tooMany.days));
}

/** Refuses another login name or domain that a new account could not have either. */
function mayBecome(
  call: Call,
  user: User,
  { loginName = user.loginName, domainId = user.domainId }: UserPattern,
): void {
  if (!call.engine.domain(domainId)) throw RpcError.missing(domainId);
  if (!mayWriteDomain(call, domainId)) throw RpcError.denied();
  checkLoginName(call.engine, loginName);
  refuseTaken(call.engine, { id: user.id, loginName, domainId });
}

/** Refuses a name that somebody bears, or that the switches let no user have. */
function refuseTaken({ state, switches }: Engine, wanted: { id?: string; loginName: string; domainId: string }): void {
  const name = wanted.loginName.toLowerCase();
  const isTaken = state.users.some(
    (user) => user.id !== wanted.id && user.domainId === wanted.domainId && user.loginName.toLowerCase() === name,
  );
  const isLed = state.aliases.some((alias) => alias.domainId === wanted.domainId && alias.name.toLowerCase() === name);
  if (isTaken || (isLed && switches.of("user-beside-alias") === "refused"))
    throw RpcError.exists(wanted.loginName, switches.number("user-taken-code"));
}

/** Refuses an extra address that the switches do not let stand beside an alias or another account. */
function refuseTakenAddress({ state, switches }: Engine, user: User, wanted: readonly string[]): void {
  const here = <T extends { domainId: string }>(rows: T[]) => rows.filter((row) => row.domainId === user.domainId);
  const others = here(state.users).filter((each) => each.id !== user.id);
  const taken = {
    "address-beside-alias": here(state.aliases).map((alias) => alias.name.toLowerCase()),
    "address-of-another": others.flatMap((each) =>
      [each.loginName, ...each.emailAddresses].map((name) => name.toLowerCase()),
    ),
  };
  for (const [rule, names] of Object.entries(taken)) {
    const address = wanted.find((each) => names.includes(each));
    if (address !== undefined && switches.of(rule as keyof typeof taken) === "refused")
      throw RpcError.exists(address, switches.number("user-taken-code"));
  }
}

function setGroups(engine: Engine, user: User, wanted: readonly { id: string }[]): void {
  for (const group of engine.state.groups) {
    const isMember = group.memberIds.includes(user.id);
    const belongs = wanted.some((each) => each.id === group.id);
    if (belongs && !isMember) group.memberIds.push(user.id);
    if (!belongs && isMember) group.memberIds = group.memberIds.filter((each) => each !== user.id);
  }
}

/** Refuses a call that asks for more seats than are free, by the domains that they are asked in. */
function refuseTooMany(engine: Engine, domainIds: readonly string[]): void {
  for (const domain of engine.state.domains) {
    const wanted = domainIds.filter((domainId) => domainId === domain.id).length;
    const isTooMuch = wanted > 0 && wanted > freeSeats(engine, domain);
    if (isTooMuch && engine.switches.of("licence-error") === "call") throw RpcError.licence();
  }
}

/** The accounts of these ids, in their own order; all of them for no id. */
export function chosenUsers(users: readonly User[], ids: readonly string[]): readonly User[] {
  const wanted = new Set(ids);
  return ids.length === 0 ? users : users.filter((user) => wanted.has(user.id));
}

/** A mailbox is walked through when its row is looked at: a query may cut it off before. */
function statisticsOf(engine: Engine, user: User) {
  return {
    name: engine.addressOf(user),
    get ownBox() {
      const { items, bytes } = engine.usageOf(user);
      return { currentUsage: { items, storage: { value: bytes, units: "Bytes" } } };
    },
    lastLogin: user.lastLoginInfo,
  };
}
