import type { Context, Properties } from "../dynamic/lifecycle";
import type { Server } from "../dynamic/servers";
import { KerioError } from "../errors";
import type { RemovalRequest, User } from "../kerio/methods/users";
import { markOf } from "../rename/mark";
import { aliasRemover, userRemover } from "./removers";
import { sameTarget } from "./alias-target";
import { addressOf } from "./user-convert";
import { readUser, type KnownUser } from "./user-create";
import { noteHeard } from "./user-heard";
import { readRecord, type UserRecord } from "./user-state";

/**
 * Removes an account by the server's id, keeping its mail unless `onDelete` says otherwise. An account that is gone
 * is done; the account of somebody whom the program still declares is never removed.
 *
 * @throws KerioError `DELETE_REFUSED` when a person would be left without an account
 */
export async function deleteUser(context: Context, id: string, props: Properties): Promise<void> {
  const declared = readUser(props);
  const record = readRecord(props);
  const server = context.server(declared.server);
  const users = await server.inventory.users(declared.domain);
  const user = users.find((one) => one.id === id);
  if (!user) {
    await noteHeard(context, server, id);
    return removeLeftAliases(context, server, declared, record, users);
  }

  const name = user.loginName.toLowerCase();
  const address = addressOf(name, declared.domain);
  refuseUnfinishedRename(context, server, id, address);
  refuseDeadRename(users, declared.domain, name);
  // The old half of a replacement that has got the new half's id: its outputs still tell of the account that is gone.
  if (record.userId !== undefined && record.userId !== id) {
    context.log.info(`${address} is left alone: it is not the account that this resource was made for.`);
    return;
  }
  if (context.memory.isDeclared({ kind: "user", server: server.name, domain: declared.domain, name })) {
    context.log.info(`${address} is left alone: the program declares it, under this or another resource.`);
    return;
  }
  refuseUnaskedRename(context, declared, record, name);

  const remove = await removalOf(server, declared, user);
  await userRemover(server).add({ domain: declared.domain, address, request: remove.request });
  context.log.info(`${address} was removed. ${remove.whereMailLies(mailboxPath(record, user))}`);
  await removeRenameAliases(context, server, declared, record, name);
}

function mailboxPath(record: UserRecord, user: User): string {
  return record.mailboxPath ?? `the mailbox directory ${user.loginName}`;
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
  users: User[],
): Promise<void> {
  const { domain, name } = declared;
  const isBorne = users.some((user) => user.loginName.toLowerCase() === name);
  if (record.previousNames.length === 0 || isBorne) return;
  if (context.memory.isDeclared({ kind: "user", server: server.name, domain, name })) return;
  await removeRenameAliases(context, server, declared, record, name);
}

/** `deleteBeforeReplace`: the engine asks for the removal before the `create` that would carry out the rename. */
function refuseUnfinishedRename(context: Context, server: Server, id: string, address: string): void {
  const pending = context.memory.pendingRename(id);
  if (!pending && !server.coordinator.isPendingSource(id)) return;
  throw new KerioError("DELETE_REFUSED", {
    object: `user ${address}`,
    doing: "removing it",
    happened: `it is to be renamed${pending ? ` to ${pending.to}` : ""}, and the rename has not been done; a removal now would leave the person without an account`,
    next: "Nothing was touched. If the resource has the option deleteBeforeReplace, take it away: a rename removes the old account by itself.",
    outcome: "not-sent",
  });
}

/** An earlier run died in the middle of a rename, and what it had made waits for the next one. */
function refuseDeadRename(users: User[], domain: string, name: string): void {
  const to = users.map((user) => markOf(user.description)).find((mark) => mark?.from === name)?.to;
  if (to === undefined) return;
  throw new KerioError("DELETE_REFUSED", {
    object: `user ${addressOf(name, domain)}`,
    doing: "removing it",
    happened: `an earlier run stopped half-way while it was being renamed to ${addressOf(to, domain)}; a removal now would leave the mailbox to nobody`,
    next: "Nothing was touched. Finish the rename first: bring the resource back and run `pulumi up`; then remove it.",
    outcome: "not-sent",
  });
}

/**
 * A replacement that the engine did not put to `diff` (`--replace`, `--target-replace`, a tainted state): the same
 * resource has been made anew under another name, and nobody has said that this is a rename.
 */
function refuseUnaskedRename(context: Context, old: KnownUser, record: UserRecord, name: string): void {
  const now = record.logicalName === undefined ? undefined : context.memory.claimOf("user", record.logicalName);
  if (!now) return;
  const [before, after] = [addressOf(name, old.domain), addressOf(now.name, now.domain)];
  throw new KerioError("DELETE_REFUSED", {
    object: `user ${before}`,
    doing: "removing it",
    happened: `the same resource, "${record.logicalName}", is now ${after}, and the engine replaced it without asking whether that is a rename; a removal would leave the mail of ${before} where nobody sees it`,
    next:
      `The account ${before} and its mail are untouched. To make it a rename: remove the new, empty account ${after} in ` +
      `the administration, write renamedFrom: "${name}" next to the resource's name, and run \`pulumi refresh\`, then ` +
      `\`pulumi up\`. If ${after} is another person: give that resource another logical name.`,
  });
}

interface Removal {
  request: RemovalRequest;
  whereMailLies(path: string): string;
}

async function removalOf(server: Server, declared: KnownUser, user: User): Promise<Removal> {
  // References are looked after by their own resources; the server's own tidying would take declared aliases along.
  const common = { userId: user.id, removeReferences: false } as const;
  const { onDelete = "keepMail" } = declared;
  if (onDelete === "keepMail")
    return {
      request: { ...common, method: "UDeleteUser" },
      whereMailLies: (path) =>
        `Its mail stays on the mail host in ${path}; an account of the same name can take it over with adoptMailbox: true.`,
    };
  if (onDelete === "deleteMail")
    return {
      request: { ...common, method: "UDeleteFolder" },
      whereMailLies: () => "Its mail was deleted, as onDelete says.",
    };

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
  return {
    request: { ...common, method: "UMoveFolder", targetUserId: target.id },
    whereMailLies: () =>
      `Its mail was moved into the mailbox of ${targetAddress}; look for a folder "Deleted mailbox" there.`,
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
  const left = (await server.inventory.aliases(domain)).filter((alias) => sameTarget(alias.deliverTo, name, domain));
  if (left.length > 0)
    context.log.warn(
      `These aliases still deliver to ${addressOf(name, domain)}, which is gone: ${left.map((alias) => alias.name).join(", ")}.`,
    );
}
