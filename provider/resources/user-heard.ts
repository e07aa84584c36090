import type { Context } from "../dynamic/lifecycle";
import type { Server } from "../dynamic/servers";
import { messageOf } from "../errors";

/**
 * Notes on the mail host that the engine has heard how the rename of an account ended. A host that cannot be asked is
 * told and harms nobody: the next run that holds it sees the same by the engine's state.
 */
export async function noteHeard(context: Context, server: Server, oldUserId: string): Promise<void> {
  try {
    await server.coordinator.heard(oldUserId);
  } catch (error) {
    const text = `What renames have left on the mail host could not be looked through: ${messageOf(error)}`;
    if (context.memory.once(text)) context.log.warn(text);
  }
}
