import { isSame } from "../dynamic/fields";
import type { Server } from "../dynamic/servers";
import { KerioError } from "../errors";
import type { User } from "../kerio/methods/users";
import { addressOf, fromUser } from "./user-convert";
import { userFields, type UserInputs, type UserSetting } from "./user-fields";

/** The declared settings of a user, by which it is found and which are looked for. */
type Declared = UserInputs & { domain: string; name: string };

/** What was not seen on the server was not done. */
export async function observe(server: Server, user: Declared, id: string, written: UserSetting[]): Promise<void> {
  const seen = await seenOtherwise(server, user, id, written);
  if (Object.keys(seen).length > 0) throw otherValues(user, seen);
}

/** What the server holds of those settings, as far as it tells it and it is not what is declared. */
export async function seenOtherwise(
  server: Server,
  user: Declared,
  id: string,
  written: readonly UserSetting[],
): Promise<UserInputs> {
  const after = fromUser(await findUser(server, user.domain, id, addressOf(user.name, user.domain)), user.domain);
  const told = written.filter((name) => name !== "password" && name !== "contact" && after[name] !== undefined);
  const missing = told.filter((name) => !isSame(userFields[name], user[name], after[name]));
  return Object.fromEntries(missing.map((name) => [name, after[name]]));
}

/** What is thrown where the server has said yes and holds those values. */
export function otherValues(user: Declared, seen: UserInputs): KerioError {
  const fields = Object.keys(seen) as UserSetting[];
  const held = fields.map((name) => `${name} is ${JSON.stringify(seen[name])}, not ${JSON.stringify(user[name])}`);
  const happened = `the server answered yes and holds other values: ${held.join("; ")}`;
  return notTaken(`user ${addressOf(user.name, user.domain)}`, fields, happened);
}

/** @throws KerioError `NOT_FOUND` */
export async function findUser(server: Server, domain: string, id: string, address: string): Promise<User> {
  const user = (await server.inventory.users(domain)).find((one) => one.id === id);
  if (user) return user;
  throw new KerioError("NOT_FOUND", {
    object: `user ${address}`,
    doing: "changing it",
    happened: "the account is not on the server any more",
    next: "Run `pulumi refresh` to take that into the state, then `pulumi up`.",
  });
}

/** What is thrown where something was not taken. */
export function notTaken(object: string, fields: string[], happened: string): KerioError {
  return new KerioError("API_REFUSED", {
    object,
    doing: `changing ${fields.join(", ")}`,
    happened,
    next: "Look at the account in the administration; then run `pulumi up` again, or declare what the server holds.",
    outcome: "rejected",
  });
}
