import { readFields } from "../dynamic/fields";
import { Unfinished, type Context, type Properties } from "../dynamic/lifecycle";
import { without } from "../dynamic/without";
import { KerioError, messageOf } from "../errors";
import type { PartialFailure } from "../rename/partial-failure";
import type { UserResult } from "../rename/user-request";
import { holderIn } from "./holder-in";
import { addressOf } from "./user-convert";
import { managedBy } from "./user-diff";
import { userFields, userSettings, type UserInputs } from "./user-fields";
import { otherValues, seenOtherwise } from "./user-observe";
import { writePhoto } from "./user-photo";
import { toRequest } from "./user-request";

/** Inputs that `check` has accepted: domain and name are known. */
export type KnownUser = UserInputs & { domain: string; name: string };

/** @throws KerioError `INPUT_INVALID` */
export function readUser(properties: Properties): KnownUser {
  const object = `user ${String(properties["name"])}@${String(properties["domain"])}`;
  const { domain, name, ...rest } = readFields(userFields, properties, object);
  if (domain === undefined || name === undefined)
    throw new KerioError("INPUT_INVALID", {
      object,
      doing: "reading its properties",
      happened: "domain or name is missing",
      next: "A user that is to be looked up is found by `User.get`.",
    });
  return { ...rest, domain, name };
}

/** Creates, adopts or renames, whatever the inputs ask for. */
export async function createUser(context: Context, inputs: Properties): Promise<{ id: string; outs: Properties }> {
  const user = readUser(inputs);
  const { coordinator } = context.server(user.server);
  const oldId = user.renamedFromId;
  const rename = user.renamedFrom === undefined ? undefined : sourceOf(user, user.renamedFrom);
  if (rename) context.memory.start(rename);
  let done = false;
  try {
    const result = await coordinator.create(toRequest(user));
    done = true;
    context.memory.holders.make(result.userId, holderIn(inputs));
    context.memory.answer(result.userId, ...(oldId === undefined ? [] : [oldId]));
    for (const note of result.notes) context.log.info(note);
    const outs = outputsOf(inputs, result);
    const seen = user.renamedFrom === undefined ? await lookAtIt(context, user, result.userId) : {};
    await finishWithPhoto(context, user, result.userId, { ...outs, ...seen });
    if (Object.keys(seen).length === 0) return { id: result.userId, outs };
    // What the server holds, in the state, makes the next update write.
    throw new Unfinished(result.userId, { ...outs, ...seen }, [messageOf(otherValues(user, seen))]);
  } catch (error) {
    if (!isPartial(error)) throw error;
    context.memory.holders.make(error.result.userId, holderIn(inputs));
    context.memory.answer(error.result.userId, ...(oldId === undefined ? [] : [oldId]));
    // What the run may have left undone of a new account is no output: the next update sees the difference. A rename's own
    // snapshot tells what is left of it.
    const undone = user.renamedFrom === undefined ? ["photoHash", "contact"] : ["photoHash"];
    const outs = { ...without(outputsOf(inputs, error.result), ...undone), unfinished: true };
    throw new Unfinished(error.result.userId, outs, [messageOf(error)]);
  } finally {
    if (rename) context.memory.settle(rename, done);
  }
}

function sourceOf({ server = "", domain, renamedFromId }: KnownUser, from: string) {
  return { server, domain, from, ...(renamedFromId !== undefined && { oldId: renamedFromId }) };
}

/** What the new account holds otherwise than declared. Where that cannot be seen, it is made all the same. */
async function lookAtIt(context: Context, user: KnownUser, id: string): Promise<UserInputs> {
  const server = context.server(user.server);
  const declared = userSettings.filter((name) => user[name] !== undefined);
  try {
    return await server.coordinator.patiently(() => seenOtherwise(server, user, id, declared));
  } catch (error) {
    context.log.warn(`${addressOf(user.name, user.domain)} was made, and could not be looked at: ${messageOf(error)}`);
    return {};
  }
}

/** An account without its photo is made all the same; without the photo's hash the next update sees a difference. */
async function finishWithPhoto(context: Context, user: KnownUser, id: string, outs: Properties): Promise<void> {
  try {
    await writePhoto(context.server(user.server), id, user);
  } catch (error) {
    throw new Unfinished(id, without(outs, "photoHash"), [messageOf(error)]);
  }
}

/** Everything that is stored: the engine's next `diff`, `read` and `delete` get this and nothing else. */
export function outputsOf(inputs: Properties, result: UserResult): Properties {
  return {
    ...inputs,
    previousNames: inputs["previousNames"] ?? [],
    userId: result.userId,
    address: result.address || addressOf(String(inputs["name"]), String(inputs["domain"])),
    mailboxPath: result.mailboxPath,
    initialPassword: result.initialPassword,
    managed: managedBy(inputs),
  };
}

/** By name, because class identity does not survive a second copy of the package. */
export function isPartial(error: unknown): error is PartialFailure {
  return error instanceof Error && error.name === "PartialFailure" && "result" in error;
}
