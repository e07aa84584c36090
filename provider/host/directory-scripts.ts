import { processScript } from "./scripts/process";
import { salvageScript } from "./scripts/salvage";

/**
 * Input: directory, `all`, `some` or `placed`, names. Prints `e INODE TYPE NAME` for each entry (type d, l, f, or, when
 * `placed`, m for a mount point), then `m MESSAGES BYTES NAME` for each with messages.
 */
export const listScript = `${processScript}
IFS= read -r directory; IFS= read -r which
[ -e "$directory" ] || exit 0
cd "$directory" || exit 1
# entries PATH...: the types from the shell itself, the inodes from one process for all of them.
entries() {
  mounts=
  # One letter for each path; where df leaves one out, they cannot be told apart.
  [ "$which" != placed ] || mounts=$(df -P . "$@" 2>/dev/null | awk '
    NR > 1 { place = $1 ":" $6; for (i = 7; i <= NF; i++) place = place " " $i
      if (NR == 2) here = place; else printf "%s", place == here ? "-" : "m" }')
  [ \${#mounts} = $# ] || mounts=
  { for entry do
      mount=\${mounts%"\${mounts#?}"}; mounts=\${mounts#?}
      type=f; [ ! -d "$entry" ] || type=d
      [ "$type$mount" != dm ] || type=m
      [ ! -L "$entry" ] || type=l
      printf '%s %s\\n' "$type" "\${entry#./}"
    done
    echo '--'; ls -1di "$@" 2>/dev/null; } | awk '
    $0 == "--" { listed = 1; next }
    !listed { type[substr($0, 3)] = substr($0, 1, 1); next }
    { name = $0; sub(/^ *[0-9]+ \\.\\//, "", name); if (name in type) print "e", $1, type[name], name }'
}
sizes() {
  find "$@" -type f -name '*.[eE][mM][lL]' -exec ls -ln {} + 2>/dev/null | awk '
    { at = index($0, " ./"); if (!at) next
      name = substr($0, at + 3); sub(/\\/.*/, "", name); count[name]++; size[name] += $5 }
    END { for (name in count) printf "m %d %.0f %s\\n", count[name], size[name], name }'
}
if [ "$which" = all ]; then
  # Three processes for a directory of any size, instead of some for each entry.
  { find . -mindepth 1 -maxdepth 1 -type d | sed 's,^\\./,d ,'; find . -mindepth 1 -maxdepth 1 -type l | sed 's,^\\./,l ,'
    echo '--'; ls -1Ai; } | awk '
    $0 == "--" { listed = 1; next }
    !listed { type[substr($0, 3)] = substr($0, 1, 1); next }
    { name = $0; sub(/^ *[0-9]+ /, "", name); print "e", $1, (name in type ? type[name] : "f"), name }'
  sizes .
else
  some() {
    entries "$@"
    for entry do shift; [ -L "$entry" ] || set -- "$@" "$entry"; done
    [ $# -eq 0 ] || sizes "$@"
  }
  set --
  while IFS= read -r name; do
    [ -e "./$name" ] || [ -L "./$name" ] || continue
    set -- "$@" "./$name"
    # As many as fit into one command line by a wide margin.
    [ $# -lt 200 ] || { some "$@"; set --; }
  done
  [ $# -eq 0 ] || some "$@"
fi
`;

/** What the names of probes begin with. */
export const probePrefix = "pulumi-kerio-probe-";

/** Input: make or remove, directory, name. */
export const probeScript = `
IFS= read -r verb; IFS= read -r directory; IFS= read -r name
case $verb in
  make)
    # What a run has left that died between the two; a probe lives for a moment.
    find "$directory" -mindepth 1 -maxdepth 1 -type d -name '${probePrefix}*' -mmin +10 -exec rmdir {} \\; 2>/dev/null
    mkdir "$directory/$name" ;;
  remove) [ ! -e "$directory/$name" ] || rmdir "$directory/$name" ;;
esac
`;

/** discard DIRECTORY: removes everything but messages, then the directories; fails, and loses nothing, when one is there. */
const discard = `
discard() {
  find "$1" -xdev ! -type d ! -name '*.[eE][mM][lL]' -exec rm -f {} +
  find "$1" -xdev -depth -type d -exec rmdir {} + 2>/dev/null
  ! exists "$1"
}
`;

/** Input: path, inode. */
export const removeScript = `${processScript}${discard}
IFS= read -r path; IFS= read -r inode
no() { echo "$1" >&2; exit 1; }
exists "$path" || exit 0
plain_directory "$path" || no "it is not a directory"
[ "$(inode_of "$path")" = "$inode" ] || no "it is another directory than the one that was looked at"
[ "$(messages_in "$path")" = 0 ] || no "it holds messages"
gone=\${path%/*}/.pulumi-kerio-$inode
! exists "$gone" || no "$gone exists"
mv "$path" "$gone" || no "it could not be moved away"
if [ "$(messages_in "$gone")" != 0 ]; then
  exists "$path" || mv "$gone" "$path"
  no "a message has just arrived in it"
fi
discard "$gone" || no "it could not be removed; what is left lies in $gone"
`;

/** Input: from, its inode, to, its inode, parking. Prints the count. */
export const messagesScript = `${processScript}${salvageScript}
IFS= read -r from; IFS= read -r from_inode; IFS= read -r to; IFS= read -r to_inode; IFS= read -r parking
no() { echo "$1" >&2; exit 1; }
plain_directory "$from" && plain_directory "$to" || no "$from or $to is not a directory"
[ "$(inode_of "$from")" = "$from_inode" ] || no "$from is another directory than the one that was looked at"
[ "$(inode_of "$to")" = "$to_inode" ] || no "$to is another directory than the one that was looked at"
[ "$from_inode" != "$to_inode" ] || no "both are one directory"
exists "$parking" || mkdir "$parking" || no "$parking cannot be made"
plain_directory "$parking" || no "$parking is not a directory"
[ "$(place_of "$from")" = "$(place_of "$to")" ] && [ "$(place_of "$from")" = "$(place_of "$parking")" ] || no "they are not on one file system"
count=$(salvage "$from" "$to") || no "not every message could be moved"
aside=$parking/aside-$from_inode; n=0
while exists "$aside"; do n=$((n + 1)); aside=$parking/aside-$from_inode-$n; done
mv "$from" "$aside" || no "$from could not be moved away"
# A message that came between: in parking nobody would see it.
late=$(salvage "$aside" "$to") || no "not every message could be moved; the rest lies in $aside"
echo $((count + late))
`;

/** Input: parking. Prints the names of what was left. A mailbox that waits for its name is never touched. */
export const sweepParkingScript = `${processScript}${discard}
IFS= read -r parking
plain_directory "$parking" || exit 0
for entry in "$parking"/* "$parking"/.[!.]*; do
  exists "$entry" || continue
  case $entry in */mailbox-*) printf '%s\\n' "\${entry##*/}"; continue ;; esac
  if ! plain_directory "$entry" || [ "$(messages_in "$entry")" != 0 ] || ! discard "$entry"; then printf '%s\\n' "\${entry##*/}"; fi
done
rmdir "$parking" 2>/dev/null
exit 0
`;
