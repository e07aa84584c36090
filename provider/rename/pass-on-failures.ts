import { messageOf } from "../errors";
import { newAddress, oldAddress, renameError, type Renaming } from "./run-context";
import { linkKey, resultKey, type Snapshot } from "./snapshot";

/**
 * Fails whoever waits for a name that does not become free, or for a first half that has failed. In a circle of names
 * that is everybody, as long as nobody has left it: its first half then has nothing to make way for.
 */
export function passOnFailures(renamings: readonly Renaming[], snapshot: Snapshot): void {
  const byKey = new Map(renamings.map((renaming) => [linkKey(renaming.record), renaming]));
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    for (const renaming of renamings) {
      if (renaming.failure !== undefined) continue;
      const { after, follows, transientFor, oldId } = renaming.record;
      const hasLeft = snapshot.results[resultKey(renaming.record)]?.newId !== undefined;
      const next = transientFor !== undefined && !hasLeft ? byKey.get(`${oldId} then`) : undefined;
      const cause = [byKey.get(follows ?? ""), byKey.get(after ?? ""), next].find(
        (other) => other?.failure !== undefined,
      );
      if (!cause) continue;
      const isOneRename = follows !== undefined && follows === cause.record.oldId;
      renaming.failure = cause === next || isOneRename ? cause.failure : waited(renaming, cause);
      isSettled = false;
    }
  }
}

function waited(renaming: Renaming, cause: Renaming): Error {
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "renaming",
    happened:
      `it waits for ${oldAddress(cause.record)} to become ${newAddress(cause.record)}, and that has failed: ` +
      messageOf(cause.failure).replace(/\.$/, ""),
    next: "Correct that cause, then run `pulumi up` again.",
    cause: cause.failure,
  });
}
