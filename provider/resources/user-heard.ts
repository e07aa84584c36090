import type { Context, Properties } from "../dynamic/lifecycle";
import type { Server } from "../dynamic/servers";
import { messageOf } from "../errors";

/**
 * Notes on the mail host that the engine has heard how the rename of an account ended. A host that cannot be asked is
 * told and harms nobody: the next run that holds it sees the same by the engine's state.
 */
export function noteHeard(context: Context, server: Server, oldUserId: string): Promise<void> {
  return note(context, () => server.coordinator.heard(oldUserId));
}

/**
 * As {@link noteHeard}, for a user whose state says that a rename has led to it: no other opens a connection to the host.
 * Where `renamedFrom` was written by hand there is no removal of an old half that would tell.
 *
 * @param isRemoved whether the account was removed because the engine asked for it
 */
export async function noteHeardOf(
  context: Context,
  server: Server,
  id: string,
  props: Properties,
  isRemoved = false,
): Promise<void> {
  if (typeof props["renamedFrom"] !== "string") return;
  await note(context, () => server.coordinator.heardOf(id, isRemoved));
}

async function note(context: Context, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const text = `What renames have left on the mail host could not be looked through: ${messageOf(error)}`;
    if (context.memory.once(text)) context.log.warn(text);
  }
}
