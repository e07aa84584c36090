import type { Context, Properties } from "../dynamic/lifecycle";
import type { Server } from "../dynamic/servers";
import { codeOf, KerioError, messageOf } from "../errors";
import type { RemovalRequest, User } from "../kerio/methods/users";
import { aliasesLeadingTo } from "../rename/aliases-leading-to";
import { aliasRemover, userRemover } from "./removers";
import { sameTarget } from "./alias-target";
import { holderIn } from "./holder-in";
import { afterBequests, leavingHeir } from "./user-bequests";
import { addressOf } from "./user-convert";
import { readUser, type KnownUser } from "./user-create";
import {
  refuseDeadRename,
  refuseOpenRename,
  refuseRenamedHeir,
  refuseUnaskedRename,
  refuseUnfinishedRename,
  refuseUnheardRename,
} from "./user-delete-refusals";
import { noteHeard, noteHeardOf } from "./user-heard";
import { readRecord, type UserRecord } from "./user-state";

/**
 * Removes an account by the server's id, keeping its mail unless `onDelete` says otherwise. An account that is gone
 * is done; the account of somebody whom the program still declares is never removed.
 *
 * @throws KerioError `DELETE_REFUSED` when a person would be left without an account
 */
export async function deleteUser(context: Context, id: string, props: Properties): Promise<void> {
  const declared = readStored(props);
  const { onDelete, server = "", domain, name } = declared;
  if (typeof onDelete !== "object") return removeUser(context, id, props, declared);
  let settle = (): void => {};
  const done = new Promise<void>((resolve) => (settle = resolve));
  context.memory.bequeath({ server, domain, from: name, to: onDelete.moveMailTo, done });
  try {
    await removeUser(context, id, props, declared);
  } finally {
    settle();
  }
}

async function removeUser(context: Context, id: string, props: Properties, declared: KnownUser): Promise<void> {
  const record = readRecord(props);
  const server = context.server(declared.server);
  context.memory.seeInState(id);
  context.memory.holders.release(id, holderIn(props));
  const { coordinator, inventory } = server;
  const find = async () => (await inventory.users(declared.domain)).find((one) => one.id === id);
  if (!(await coordinator.patiently(find))) return whenGone(context, server, id, props, declared);

  const seen = await mayBeRemoved(context, server, id, declared, record);
  if (!seen) return;
  await refuseOpenRename(server, id, seen.address);
  // Whoever was at work on the account, and was waited for, may have renamed it.
  const user = await coordinator.patiently(find);
  if (!user) return whenGone(context, server, id, props, declared);

  const { name, address } = seen;
  await afterBequests(context, declared, name);
  // Whose mail comes from here on is told that it comes too late.
  context.memory.leave(id);
  const remove = await coordinator.patiently(() => removalOf(context, server, declared, record, user));
  const removal = { domain: declared.domain, address, request: remove.request };
  await coordinator.patiently(() => userRemover(server).add(removal));
  context.log.info(`${address} was removed. ${remove.whereMailLies}`);
  // It may be the only word of the engine that the snapshot of its rename will ever get.
  await noteHeardOf(context, server, id, props, true);
  await coordinator.patiently(() => removeRenameAliases(context, server, declared, record, name));
}

/** What a removal goes by. What a refresh has taken from the server beside it need not be what a program may declare. */
function readStored({ server, domain, name, onDelete }: Properties): KnownUser {
  return readUser({ server, domain, name, onDelete });
}

/** An account that is gone is done, unless it lives on under another name that the engine does not know. */
async function whenGone(
  context: Context,
  server: Server,
  id: string,
  props: Properties,
  declared: KnownUser,
): Promise<void> {
  await refuseUnheardRename(context, server, id, addressOf(declared.name, declared.domain));
  await noteHeard(context, server, id);
  await noteHeardOf(context, server, id, props, true);
  await server.coordinator.patiently(() => removeLeftAliases(context, server, declared, readRecord(props)));
}

/** The name of an account that nothing speaks for, as far as this process and the server's list tell. */
async function mayBeRemoved(
  context: Context,
  server: Server,
  id: string,
  declared: KnownUser,
  record: UserRecord,
): Promise<{ name: string; address: string } | undefined> {
  const { domain } = declared;
  const users = await server.inventory.users(domain);
  const name = users.find((user) => user.id === id)?.loginName.toLowerCase() ?? declared.name;
  const address = addressOf(name, domain);
  refuseUnfinishedRename(context, server, id, { domain, name });
  refuseDeadRename(users, domain, name);
  // The old half of a replacement that has got the new half's id: its outputs still tell of the account that is gone.
  if (record.userId !== undefined && record.userId !== id) {
    context.log.info(`${address} is left alone: it is not the account that this resource was made for.`);
    return undefined;
  }
  if (context.memory.isDeclared({ kind: "user", server: server.name, domain, name })) {
    context.log.info(`${address} is left alone: the program declares it, under this or another resource.`);
    return undefined;
  }
  if (context.memory.isLookedUp(id)) {
    context.log.info(`${address} is left alone: the program looks it up, and no longer manages it.`);
    return undefined;
  }
  const holder = context.memory.holders.otherThan(holderIn({ ...declared, logicalName: record.logicalName }), id);
  if (holder !== undefined) {
    context.log.warn(
      `${address} is left alone: the resource "${holder}" holds an account of that id, by another name of the server or of ` +
        `the user. Where that is another server, which was restored from this one's backup, remove it in the administration.`,
    );
    return undefined;
  }
  refuseUnaskedRename(context, declared, record, name);
  return { name, address };
}

/** Where the mail of a user lies, as the server sees it; where it does not show that, as it was recorded. */
async function whereMailStays(server: Server, domain: string, record: UserRecord, user: User): Promise<string> {
  const login = user.loginName.toLowerCase();
  let path = record.mailboxPath ?? `the mailbox directory ${user.loginName}`;
  try {
    const found = (await server.inventory.mailboxes(domain)).find((name) => name.toLowerCase() === login);
    if (found === undefined) return "It had no mailbox directory, and so no mail.";
    path = `${await server.inventory.storePath()}/mail/${domain}/${found}`;
  } catch (error) {
    if (codeOf(error) !== "API_REFUSED") throw error;
  }
  return `Its mail stays on the mail host in ${path}; an account of the same name can take it over with adoptMailbox: true.`;
}

/**
 * An earlier removal may have ended between the account and the aliases that lead to it. Nothing is done where somebody
 * bears the name now: what leads there is theirs.
 */
async function removeLeftAliases(
  context: Context,
  server: Server,
  declared: KnownUser,
  record: UserRecord,
): Promise<void> {
  const { domain, name } = declared;
  const isBorne = (await server.inventory.userByName(domain, name)) !== undefined;
  if (record.previousNames.length === 0 || isBorne) return;
  if (context.memory.isDeclared({ kind: "user", server: server.name, domain, name })) return;
  await removeRenameAliases(context, server, declared, record, name);
}

interface Removal {
  request: RemovalRequest;
  whereMailLies: string;
}

async function removalOf(
  context: Context,
  server: Server,
  declared: KnownUser,
  record: UserRecord,
  user: User,
): Promise<Removal> {
  // References are looked after by their own resources; the server's own tidying would take declared aliases along.
  const common = { userId: user.id, removeReferences: false } as const;
  const { onDelete = "keepMail" } = declared;
  if (onDelete === "keepMail")
    return {
      request: { ...common, method: "UDeleteUser" },
      whereMailLies: await whereMailStays(server, declared.domain, record, user),
    };
  if (onDelete === "deleteMail")
    return {
      request: { ...common, method: "UDeleteFolder" },
      whereMailLies: "Its mail was deleted, as onDelete says.",
    };

  refuseRenamedHeir(server, declared, user, onDelete.moveMailTo);
  const target = await server.inventory.userByName(declared.domain, onDelete.moveMailTo);
  const targetAddress = addressOf(onDelete.moveMailTo, declared.domain);
  if (!target || target.id === user.id)
    throw new KerioError("DELETE_REFUSED", {
      object: `user ${addressOf(user.loginName, declared.domain)}`,
      doing: "removing it",
      happened: target
        ? "onDelete.moveMailTo names the user itself"
        : `its mail is to go to ${targetAddress}, which does not exist`,
      next: "Nothing was touched. Bring the resource back, correct onDelete, run `pulumi up`, and remove it again.",
    });
  if (context.memory.isLeaving(target.id)) throw leavingHeir(addressOf(user.loginName, declared.domain), targetAddress);
  return {
    request: { ...common, method: "UMoveFolder", targetUserId: target.id },
    whereMailLies: `Its mail was moved into the mailbox of ${targetAddress}; look for a folder "Deleted mailbox" there.`,
  };
}

/** Removes the aliases that renames of this user have left, but none that the program declares by itself. */
async function removeRenameAliases(
  context: Context,
  server: Server,
  { domain }: KnownUser,
  { previousNames }: UserRecord,
  name: string,
): Promise<void> {
  if (previousNames.length > 0) {
    const isOurs = (alias: string) =>
      previousNames.includes(alias.toLowerCase()) &&
      !context.memory.isDeclared({ kind: "alias", server: server.name, domain, name: alias.toLowerCase() });
    const ours = (await server.inventory.aliases(domain)).filter(
      (alias) => isOurs(alias.name) && sameTarget(alias.deliverTo, name, domain),
    );
    await Promise.all(
      ours.map((alias) => aliasRemover(server).add({ id: alias.id, object: `alias ${addressOf(alias.name, domain)}` })),
    );
  }
  // The account is gone: what is only told is no reason to fail.
  const left = await aliasesLeadingTo(server, domain, name).catch((error: unknown) => {
    context.log.warn(
      `Whether aliases are left that deliver to ${addressOf(name, domain)} was not seen: ${messageOf(error)}`,
    );
    return [];
  });
  if (left.length > 0) {
    const labels = left.map((alias) =>
      alias.domain.toLowerCase() === domain ? alias.name : addressOf(alias.name, alias.domain),
    );
    context.log.warn(`These aliases still deliver to ${addressOf(name, domain)}, which is gone: ${labels.join(", ")}.`);
  }
}
