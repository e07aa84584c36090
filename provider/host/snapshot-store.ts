import { KerioError } from "../errors";
import { runChecked } from "./frame";
import { plainId } from "./lines";
import { closedSnapshotDays, forgetScript } from "./scripts/forget";
import type { HostSession } from "./session";

/** A snapshot as it lies on the host, readable by root alone. */
export interface StoredSnapshot {
  id: string;
  open: boolean;
  text: string;
  /** Marks that stand beside it: what has been heard since the text was written. */
  heard?: string[];
}

/**
 * What every script that writes here begins with: the first lines of its input, and `keep` for the text that ends it.
 * Marks of what has been heard are files of their own, because whoever hears does not hold the host.
 */
export const storeScript = `${forgetScript}
settle() { sync "$1" 2>/dev/null || sync; }
IFS= read -r id
IFS= read -r copyDays
IFS= read -r bytes
IFS= read -r heard
SNAPSHOTS=$STATE/snapshots
mkdir -p "$SNAPSHOTS" && chmod 700 "$STATE" "$SNAPSHOTS" || exit 1
open=$SNAPSHOTS/$id.open.json; closed=$SNAPSHOTS/$id.closed.json; new=$SNAPSHOTS/.$id.$$
trap 'rm -f "$new"' EXIT
# A connection that is cut in the middle ends the input as its end does: half a text must never take the whole one's place.
keep() {
  cat >"$new" && [ "$(wc -c <"$new" | tr -d ' ')" = "$bytes" ] || { echo "the text did not arrive whole" >&2; return 1; }
  settle "$new"
}
forget_what_is_over() {
  for mark in $heard; do rm -f "$SNAPSHOTS/$id.heard.$mark"; done
  forget_closed
  for mark in "$SNAPSHOTS"/*.heard.*; do
    of=\${mark%.heard.*}
    [ -e "$of.open.json" ] || [ -e "$of.closed.json" ] || rm -f "$mark"
  done
  [ ! -d "$STATE/copies" ] || find "$STATE/copies" -mindepth 1 -maxdepth 1 -type d -mtime +"$copyDays" -exec rm -rf {} + 2>/dev/null
  return 0
}
`;

const writeScript = `${storeScript}
[ ! -e "$open" ] && [ ! -e "$closed" ] || { echo "a snapshot of this id exists" >&2; exit 1; }
keep && mv "$new" "$open" && settle "$SNAPSHOTS" && cat "$open"
`;

const updateScript = `${storeScript}
[ -e "$open" ] || [ ! -f "$closed" ] || { cat >/dev/null; exit 0; }
[ -f "$open" ] && [ ! -e "$closed" ] || { echo "there is no open snapshot of this id" >&2; exit 1; }
keep && mv "$new" "$open" && settle "$SNAPSHOTS" && cat "$open"
`;

/** A crash between the two steps leaves both files: the closed one counts then, see the list below. */
const closeScript = `${storeScript}
keep && mv "$new" "$closed" && settle "$SNAPSHOTS" && rm -f "$open" && settle "$SNAPSHOTS" && cat "$closed" || exit 1
forget_what_is_over
`;

const reopenScript = `${storeScript}
[ -f "$closed" ] || { echo "there is no closed snapshot of this id" >&2; exit 1; }
keep && mv "$new" "$open" && settle "$SNAPSHOTS" && rm -f "$closed" && settle "$SNAPSHOTS" && cat "$open"
`;

/**
 * Whoever reads does not hold the host: a snapshot may be replaced or closed meanwhile. So each text is read once, after
 * its marks, which a closed text holds; and the closed ones are looked for when the open ones have been read.
 */
const listScript = `
cd "$STATE/snapshots" 2>/dev/null || exit 0
told=' '
tell() {
  [ -f "$1" ] && [ ! -L "$1" ] || return 0
  case $2 in -* | *[!a-z0-9-]*) return 0 ;; esac
  case $told in *" $2 "*) return 0 ;; esac
  heard=
  for mark in "$2".heard.*; do [ ! -f "$mark" ] || heard=$heard,\${mark##*.}; done
  text=$(cat "$1" 2>/dev/null && echo .) || return 0
  text=\${text%.}; told="$told$2 "
  printf '%s %s %s %s\\n' "$2" "$3" "$(printf '%s' "$text" | wc -c | tr -d ' ')" "$heard"
  printf '%s\\n' "$text"
}
for file in *.open.json; do [ -e "\${file%.open.json}.closed.json" ] || tell "$file" "\${file%.open.json}" open; done
for file in *.closed.json; do tell "$file" "\${file%.closed.json}" closed; done
`;

/**
 * Writes an open snapshot: to a file beside, synced, renamed, read back and compared.
 *
 * Throws `SSH_FAILED` when it could not be written, and `HOST_UNSUITABLE` when another text was read back.
 */
export async function writeSnapshot(session: HostSession, id: string, text: string): Promise<void> {
  await put(session, writeScript, id, text, "writing the snapshot");
}

/**
 * Replaces the text of an open snapshot as a whole, synced: the old text or the new one survives a crash, never a mix.
 * What was found before the first effect is never changed by a caller; only results are added.
 *
 * Throws as {@link writeSnapshot} does.
 *
 * @returns `closed`, with nothing written, where somebody has closed it
 */
export function updateSnapshot(session: HostSession, id: string, text: string): Promise<"written" | "closed"> {
  return put(session, updateScript, id, text, "adding results to the snapshot");
}

/**
 * Replaces an open snapshot by a closed one with its final text. The closed file appears whole before the open one
 * goes, so no crash leaves neither. Closed snapshots older than {@link closedSnapshotDays} are removed, and copies of the
 * server's configuration older than `copyDays`.
 *
 * @param heard marks that the text holds as well, so that they go
 */
export async function closeSnapshot(
  session: HostSession,
  id: string,
  text: string,
  copyDays = closedSnapshotDays,
  heard: string[] = [],
): Promise<void> {
  await put(session, closeScript, id, text, "closing the snapshot", copyDays, heard);
}

/**
 * Makes an open snapshot of a closed one, for work that turned out not to be done. A crash in the middle leaves both,
 * and the closed one counts.
 *
 * Throws as {@link writeSnapshot} does.
 */
export async function reopenSnapshot(session: HostSession, id: string, text: string): Promise<void> {
  await put(session, reopenScript, id, text, "opening the snapshot again");
}

/** All snapshots with their texts, open and closed. A host that never saw a rename has none. */
export async function listSnapshots(session: HostSession): Promise<StoredSnapshot[]> {
  const doing = "reading the snapshots";
  const output = Buffer.from(await runChecked(session, { script: listScript, doing, timeout: 120 }));
  const found: StoredSnapshot[] = [];
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(10, at);
    const head = end < 0 ? "" : output.toString("utf8", at, end);
    const [id, kind, bytes, marks = ""] = head.split(" ");
    const heard = marks.split(",").filter((mark) => mark !== "");
    const size = Number(bytes);
    if (id === undefined || (kind !== "open" && kind !== "closed") || !Number.isInteger(size)) {
      throw new KerioError("UNEXPECTED_REPLY", {
        object: `snapshots on ${session.description}`,
        doing,
        happened: "the host's answer has another form",
        outcome: "rejected",
      });
    }
    const text = output.toString("utf8", end + 1, end + 1 + size);
    found.push({ id, open: kind === "open", text, ...(heard.length > 0 && { heard }) });
    at = end + 1 + size + 1;
  }
  return found;
}

async function put(
  session: HostSession,
  script: string,
  id: string,
  text: string,
  doing: string,
  copyDays = closedSnapshotDays,
  heard: string[] = [],
): Promise<"written" | "closed"> {
  const object = `snapshot ${plainId(id, "snapshot")} on ${session.description}`;
  const input = [id, copyDays, Buffer.byteLength(text), marksLine(heard), text].join("\n");
  const back = await runChecked(session, { script, input, doing, object, timeout: 120 });
  if (back === text) return "written";
  if (back === "" && script === updateScript) return "closed";
  throw new KerioError("HOST_UNSUITABLE", {
    object,
    doing,
    happened: "what was read back is not what was written",
    next: "Look at the disk and the file system of root's home directory on the host.",
    outcome: "unknown",
  });
}

/** Marks as one line that the shell may split into words. */
export function marksLine(marks: readonly string[]): string {
  return marks.map((mark) => plainId(mark, "mark")).join(" ");
}
