import { runChecked } from "./frame";
import { plainId } from "./lines";
import { closedSnapshotDays } from "./scripts/forget";
import { lockScript } from "./scripts/lock";
import { processScript } from "./scripts/process";
import type { HostSession } from "./session";
import { marksLine, storeScript, type StoredSnapshot } from "./snapshot-store";

/**
 * The marks come first and stay, whatever becomes of the rest. A run that holds the host may be about to write what it
 * read before: it, or the next one, finds the marks and closes. So does whoever finds another text than the one read.
 */
const script = `${processScript}${lockScript}${storeScript}
IFS= read -r marks
IFS= read -r kind
IFS= read -r size
[ -f "$open" ] || [ -f "$closed" ] || exit 0
for mark in $marks; do : >"$SNAPSHOTS/$id.heard.$mark" || exit 1; done
settle "$SNAPSHOTS"
[ "$bytes" != 0 ] || exit 0
trap 'rm -f "$new" "$new.text"' EXIT
keep || exit 1
holder=$(lock_holder)
[ -z "$holder" ] || ! run_alive "$STATE/runs/$holder" || exit 0
file=$open
[ "$kind" = open ] && [ ! -e "$closed" ] || file=$closed
dd if="$new" bs="$size" count=1 2>/dev/null | cmp -s - "$file" || exit 0
dd if="$new" of="$new.text" bs="$size" skip=1 2>/dev/null && settle "$new.text" && mv "$new.text" "$closed" &&
  settle "$SNAPSHOTS" && rm -f "$open" && settle "$SNAPSHOTS" && forget_what_is_over
`;

/** A snapshot in which nothing is left to do or to be heard. */
export interface Settled {
  text: string;
  /** The marks that the text holds as well. */
  heard: string[];
  /** Days that copies of the server's configuration are kept. */
  copyDays: number;
}

/**
 * Marks beside a snapshot what has been heard, without holding the host. Where nobody holds it, and the text is still
 * the one that was read, a settled one is closed, and its marks go.
 *
 * @param stored the snapshot as it was read
 * @throws KerioError `SSH_FAILED`, `TIMEOUT`
 */
export async function markHeard(
  session: HostSession,
  stored: StoredSnapshot,
  marks: string[],
  settled?: Settled,
): Promise<void> {
  const object = `snapshot ${plainId(stored.id, "snapshot")} on ${session.description}`;
  const text = settled ? stored.text + settled.text : "";
  const head = [
    stored.id,
    settled?.copyDays ?? closedSnapshotDays,
    Buffer.byteLength(text),
    marksLine(settled?.heard ?? []),
  ];
  const rest = [marksLine(marks), stored.open ? "open" : "closed", Buffer.byteLength(stored.text)];
  const input = [...head, ...rest, text].join("\n");
  await runChecked(session, { script, input, doing: "noting what has been heard", object, timeout: 120 });
}
