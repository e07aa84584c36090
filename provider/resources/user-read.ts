import { isSame } from "../dynamic/fields";
import type { Context, Properties, ReadResult } from "../dynamic/lifecycle";
import type { Server } from "../dynamic/servers";
import { KerioError } from "../errors";
import { getPersonalContacts, type User } from "../kerio/methods/users";
import { markOf, type Mark } from "../rename/mark";
import { narrowContact } from "./contact";
import { addressOf, fromUser } from "./user-convert";
import { userFields, userSettings } from "./user-fields";
import { noteHeard, noteHeardOf } from "./user-heard";
import { readRecord } from "./user-state";

/**
 * Looks at the account. Managed settings come back as they are on the server, as inputs too, so that a change by hand
 * shows as a difference. Without stored outputs (`User.get`) everything the server tells comes back.
 *
 * @throws KerioError when it cannot be told whether the account is gone or was renamed
 */
export async function readUserState(context: Context, id: string, props: Properties): Promise<ReadResult> {
  const server = context.server(typeof props["server"] === "string" ? props["server"] : undefined);
  const record = readRecord(props);
  if (record.managed === undefined) return lookUp(context, server, id, props);

  const domain = String(props["domain"]);
  const users = () => server.inventory.users(domain);
  const all = await server.coordinator.patiently(users);
  const user = all.find((one) => one.id === id);
  // First, and at once: the question about the old half of a replacement waits for it.
  if (user) context.memory.seeInState(id, record.unfinished);
  // An unfinished one may not have heard a password.
  if (!record.unfinished) await noteHeardOf(context, server, id, props);
  if (user) {
    warnOfOpenRename(context, all, user, domain);
    return stored(server, user, domain, props);
  }

  const fate = await server.coordinator.patiently(() => server.coordinator.fate(id));
  switch (fate.kind) {
    case "gone":
      return {};
    case "renamed": {
      if (await isHeard(context, server, id, fate.user.id)) {
        await noteHeard(context, server, id);
        return {};
      }
      const previousNames = [...record.previousNames.filter((name) => name !== fate.from), fate.from];
      context.log.info(
        `${addressOf(fate.from, domain)} was renamed to ${addressOf(fate.user.loginName, domain)} by a run whose result was ` +
          `never heard. The state now follows.`,
      );
      const mailboxPath = `${await server.inventory.storePath()}/mail/${domain}/${fate.user.loginName.toLowerCase()}`;
      const moved = { ...props, renamedFrom: fate.from, renamedFromId: id, previousNames, mailboxPath };
      // The next update closes the snapshot, and gives another password where nobody has heard the one that was set.
      const isOver = fate.hasProgramsPassword && fate.isClosed;
      const unheard = {
        ...(!isOver && { unfinished: true }),
        ...(!fate.hasProgramsPassword && { initialPassword: undefined }),
      };
      return stored(server, fate.user, domain, { ...moved, ...unheard });
    }
    case "open":
      throw unclear(addressOf(String(props["name"]), domain), "RENAME_OPEN", fate.detail);
    case "unreachable":
      throw unclear(addressOf(String(props["name"]), domain), "SSH_FAILED", fate.detail);
  }
}

/** By the list they stand in, which serves everybody who is read. */
const marksOf = new WeakMap<readonly User[], Mark[]>();

function marksIn(users: readonly User[]): Mark[] {
  const known = marksOf.get(users) ?? users.flatMap(({ description }) => markOf(description) ?? []);
  marksOf.set(users, known);
  return known;
}

/** Whoever takes a changed name back in the program asks for no rename any more: nothing else would tell of an open one. */
function warnOfOpenRename(context: Context, users: readonly User[], { loginName }: User, domain: string): void {
  const name = loginName.toLowerCase();
  const mark = marksIn(users).find((one) => one.from === name);
  if (!mark) return;
  const [from, to] = [addressOf(name, domain), addressOf(mark.to, domain)];
  const warning =
    `A run has begun to rename ${from} to ${to} and has not come to its end: the mail may lie with ${to}, out of sight. ` +
    `Where no run is at work, run \`pulumi up\` with the name ${mark.to}, or \`npx pulumi-kerio recover\`, which finishes it ` +
    `or takes it back.`;
  if (context.memory.once(warning)) context.log.warn(warning);
}

/**
 * Whether the engine's state holds the new account beside the old one, which then is the half of a replacement that an
 * interrupted run has left to be deleted: healed, its deletion would hit the living account. The engine asks about both
 * halves in one refresh, in any order.
 */
async function isHeard(context: Context, server: Server, oldId: string, newId: string): Promise<boolean> {
  const { memory } = context;
  // What was answered once holds: the state may know the new id by that answer alone.
  if (memory.isHealed(oldId)) return false;
  await server.coordinator.untilAllHaveCome(() => memory.isInState(newId));
  if (memory.isInState(newId) && !memory.isHealed(oldId)) return true;
  memory.heal(oldId);
  return false;
}

function unclear(address: string, code: "RENAME_OPEN" | "SSH_FAILED", detail: string): KerioError {
  return new KerioError(code, {
    object: `user ${address}`,
    doing: "looking it up",
    happened: `the account is not on the server under its id, and whether a rename moved it cannot be told: ${detail}`,
    next: "Nothing was forgotten. Run `pulumi up` to finish an open rename, or make the mail host reachable and refresh again.",
  });
}

async function stored(server: Server, user: User, domain: string, props: Properties): Promise<ReadResult> {
  const record = readRecord(props);
  const managed = userSettings.filter((name) => record.managed?.includes(name));
  const contact = managed.includes("contact")
    ? (await getPersonalContacts(server.client, [user.id])).get(user.id)
    : undefined;
  const seen = fromUser(user, domain, contact);
  const name = user.loginName.toLowerCase();
  const outs: Record<string, unknown> = { ...props, name, address: addressOf(name, domain), userId: user.id };
  for (const setting of managed) {
    const before = props[setting];
    const now = setting === "contact" ? narrowContact(seen.contact, before) : seen[setting];
    // What the server does not tell stays as it was declared, and an equal value keeps the program's spelling.
    if (now !== undefined && !isSame(userFields[setting], before, now)) outs[setting] = now;
  }
  const inputs = Object.fromEntries(Object.keys(userFields).map((field) => [field, outs[field]]));
  // An empty list stands in the outputs of every user, but in the inputs of those alone that were renamed.
  if (outs["renamedFrom"] === undefined) delete inputs["previousNames"];
  return { id: user.id, props: outs, inputs };
}

/**
 * `User.get`: by the server's id or by address, in whatever domain it is. In a refresh, one that is gone leaves the state.
 *
 * @throws KerioError `NOT_FOUND`
 */
async function lookUp(context: Context, server: Server, id: string, props: Properties): Promise<ReadResult> {
  for (const { name } of await server.inventory.domains()) {
    const domain = name.toLowerCase();
    const users = await server.inventory.users(name);
    const user = users.find(
      (one) => one.id === id || addressOf(one.loginName.toLowerCase(), domain) === id.toLowerCase(),
    );
    if (!user) continue;
    // What a refresh reads comes with its outputs, and may be in the program no more.
    if (props["userId"] === undefined) context.memory.lookUp(user.id);
    const contact = (await getPersonalContacts(server.client, [user.id])).get(user.id);
    const local = user.loginName.toLowerCase();
    const outs = {
      ...props,
      ...fromUser(user, domain, contact),
      domain,
      name: local,
      userId: user.id,
      address: addressOf(local, domain),
      mailboxPath: `${await server.inventory.storePath()}/mail/${domain}/${local}`,
      previousNames: [],
    };
    return { id: user.id, props: outs };
  }
  if (props["userId"] !== undefined) return {};
  throw new KerioError("NOT_FOUND", {
    object: `user ${id}`,
    doing: "looking it up",
    happened: "no domain of the server has a user of that id or address",
    next: "Give `User.get` the whole address of an account that exists, or the server's id of it.",
  });
}
