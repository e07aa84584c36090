import type { Context } from "../dynamic/lifecycle";
import type { Server } from "../dynamic/servers";
import { KerioError, messageOf } from "../errors";
import type { User } from "../kerio/methods/users";
import { markOf } from "../rename/mark";
import { addressOf } from "./user-convert";
import type { KnownUser } from "./user-create";
import type { UserRecord } from "./user-state";

const recover = "`npx pulumi-kerio recover`";

/**
 * `deleteBeforeReplace`: the engine asks for the removal before the `create` that would carry out the rename. Where the
 * rename is named by hand, under another resource, and has been checked: before it, or after it has failed, with
 * `--continue-on-error`. Of a resource that `--target` leaves out the engine asks nothing.
 */
export function refuseUnfinishedRename(
  context: Context,
  server: Server,
  id: string,
  { domain, name }: { domain: string; name: string },
): void {
  const named = context.memory.namedRename({ server: server.name, domain, name });
  const pending = context.memory.pendingRename(id) ?? named;
  if (!pending && !server.coordinator.isPendingSource(id)) return;
  const next = named
    ? `Nothing was touched. Correct what "${named.logicalName}" says of the rename and run \`pulumi up\` for both resources: a rename removes the old account by itself.`
    : "Nothing was touched. If the resource has the option deleteBeforeReplace, take it away: a rename removes the old account by itself.";
  throw new KerioError("DELETE_REFUSED", {
    object: `user ${addressOf(name, domain)}`,
    doing: "removing it",
    happened: `it is to be renamed${pending ? ` to ${pending.to}` : ""}, and the rename has not been done; a removal now would leave the person without an account`,
    next,
    outcome: "not-sent",
  });
}

/** An earlier run died in the middle of a rename, and what it had made waits for the next one. */
export function refuseDeadRename(users: User[], domain: string, name: string): void {
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
export function refuseUnaskedRename(context: Context, old: KnownUser, record: UserRecord, name: string): void {
  const now = record.logicalName === undefined ? undefined : context.memory.claimOf("user", record.logicalName);
  if (!now) return;
  const [before, after] = [addressOf(name, old.domain), addressOf(now.name, now.domain)];
  const isElsewhere = now.domain !== old.domain || now.server !== (old.server ?? "");
  throw new KerioError("DELETE_REFUSED", {
    object: `user ${before}`,
    doing: "removing it",
    happened: `the same resource, "${record.logicalName}", is now ${after}, and the engine replaced it without asking whether that is a rename; a removal would leave the mail of ${before} where nobody sees it`,
    next: isElsewhere
      ? `The account ${before} and its mail are untouched, and no account moves to another domain or server. To go ` +
        `back: remove the new, empty account ${after} in the administration, write domain and server as they were and ` +
        `adopt: true beside them, and run \`pulumi refresh\`, then \`pulumi up\`. If ${after} is another person: give ` +
        `that resource another logical name.`
      : `The account ${before} and its mail are untouched. To make it a rename: remove the new, empty account ${after} in ` +
        `the administration, write renamedFrom: "${name}" next to the resource's name, and run \`pulumi refresh\`, then ` +
        `\`pulumi up\`. If ${after} is another person: give that resource another logical name.`,
  });
}

/** The mail was left to whoever bore a name that this update gives away: by now a stranger may bear it. */
export function refuseRenamedHeir(server: Server, { domain }: KnownUser, leaver: User, heir: string): void {
  const renamed = server.coordinator.wasSource(domain, heir);
  if (!renamed) return;
  const name = renamed.to === undefined ? "that person's new name" : `"${renamed.to}"`;
  const becomes = renamed.to === undefined ? "another name" : addressOf(renamed.to, domain);
  throw new KerioError("DELETE_REFUSED", {
    object: `user ${addressOf(leaver.loginName, domain)}`,
    doing: "removing it",
    happened: `its mail is to go to ${addressOf(heir, domain)}, who becomes ${becomes} in this update; whoever bears the old name by now may be somebody else`,
    next: `Nothing was touched. Bring the resource back, write onDelete: { moveMailTo: ${name} }, run \`pulumi up\`, and remove it again.`,
    outcome: "not-sent",
  });
}

/** An earlier run died in the middle of a rename of the account, or of the one that made it, and may have left no mark. */
export async function refuseOpenRename(server: Server, id: string, address: string): Promise<void> {
  const about = { object: `user ${address}`, doing: "removing it" };
  let open: { from: string; to: string } | undefined;
  try {
    open = await server.coordinator.openRename(id);
  } catch (error) {
    throw unclear(about, error);
  }
  if (!open) return;
  throw new KerioError("DELETE_REFUSED", {
    ...about,
    happened: `a rename of ${open.from} to ${open.to} was begun by an earlier run and has not come to its end; a removal now would leave the mailbox to nobody`,
    next: `Nothing was touched. Run ${recover}, or bring the resource back and run \`pulumi up\`; then remove it again.`,
    outcome: "not-sent",
  });
}

/**
 * The account is gone because it was renamed, and nobody has told the engine: its removal would let the renamed account
 * live on with nobody to manage it. For the old half of a replacement that the engine has heard of nothing is refused.
 */
export async function refuseUnheardRename(
  context: Context,
  server: Server,
  id: string,
  address: string,
): Promise<void> {
  const { memory } = context;
  if (memory.isAnswered(id)) return;
  const about = { object: `user ${address}`, doing: "removing it" };
  const fate = await server.coordinator.patiently(() => server.coordinator.fate(id));
  switch (fate.kind) {
    case "gone":
      return;
    case "renamed": {
      const isKnown = () => memory.isInState(fate.user.id) || memory.isAnswered(fate.user.id);
      // Both halves of an interrupted replacement may be removed together, in any order.
      await server.coordinator.untilAllHaveCome(isKnown);
      if (isKnown()) return;
      const now = addressOf(fate.user.loginName.toLowerCase(), address.slice(address.indexOf("@") + 1));
      throw new KerioError("DELETE_REFUSED", {
        ...about,
        happened: `it was renamed to ${now} by a run whose result was never heard; a removal would forget ${now}, which lives on`,
        next:
          `Nothing was touched. Run ${fate.isFinished ? "" : `${recover}, then `}\`pulumi refresh\`, so that the stack ` +
          `knows ${now}; then remove it again. Where another stack manages ${now}, use \`pulumi state delete\` instead.`,
        outcome: "not-sent",
      });
    }
    case "open":
      throw new KerioError("DELETE_REFUSED", {
        ...about,
        happened: `the account is not on the server under its id, and ${fate.detail}`,
        next: `Nothing was touched. Run \`pulumi up\` with the resource, or ${recover}; then remove it again.`,
        outcome: "not-sent",
      });
    case "unreachable":
      throw unclear(about, fate.detail);
  }
}

function unclear(about: { object: string; doing: string }, cause: unknown): KerioError {
  return new KerioError("SSH_FAILED", {
    ...about,
    happened: `whether a rename of it has stopped half-way cannot be told: ${typeof cause === "string" ? cause : messageOf(cause)}`,
    next: "Nothing was touched. Make the mail host reachable, and remove it again.",
    outcome: "not-sent",
  });
}
