/** Puts the messages of one mailbox directory into another one's INBOX, as the vendor documents it for restored mail. POSIX shell functions. */
export const salvageScript = `
# salvage_one FILE TO: 1 = the name has just been taken, 2 = it failed. A hard link never replaces, as mv would.
salvage_one() {
  if [ "$salvage_links" != no ]; then
    if ln "$1" "$2" 2>/dev/null; then rm -f "$1" || return 2; return 0; fi
    if [ "$salvage_links" = unknown ]; then
      # A name nobody competes for tells a taken name from a file system without links.
      if ln "$1" "$1.link-$$" 2>/dev/null; then salvage_links=yes; rm -f "$1.link-$$"; else salvage_links=no; fi
    fi
  fi
  ! exists "$2" || return 1
  [ "$salvage_links" = no ] && mv "$1" "$2" || return 2
}
# salvage FROM TO: every message of FROM goes into TO/INBOX under a free name. Prints the count; fails when one is left.
salvage() {
  [ "$(messages_in "$1")" != 0 ] || { echo 0; return 0; }
  salvage_box=$2/INBOX; salvage_to=$2/INBOX/\\#msgs
  [ ! -L "$salvage_box" ] && [ ! -L "$salvage_to" ] && mkdir -p "$salvage_to" || return 1
  # Set aside before the first message arrives, so that a half-done move is indexed too when the server rebuilds it.
  if [ -e "$salvage_box/index.fld" ]; then
    salvage_bad=$salvage_box/index.bad; salvage_n=0
    while exists "$salvage_bad"; do salvage_n=$((salvage_n + 1)); salvage_bad=$salvage_box/index.bad.$salvage_n; done
    mv "$salvage_box/index.fld" "$salvage_bad" || return 1
  fi
  salvage_n=$(ls "$salvage_to" | awk '
    { n = tolower($0); if (sub(/\\.eml$/, "", n) && n ~ /^[0-9a-f]+$/ && length(n) <= 8) {
        while (length(n) < 8) n = "0" n
        if (n > max) max = n } }
    END { print max == "" ? "00000000" : max }')
  # Far above the highest: the one after it is the engine's own next name, should the engine run.
  salvage_n=$((0x$salvage_n + 0x100001)); [ "$salvage_n" -lt 4294000000 ] || salvage_n=1
  # What a run linked and then died has two names: it is there already.
  find "$1" -type f -name '*.[eE][mM][lL]' -links +1 | while IFS= read -r salvage_file; do
    ls -i "$salvage_to" | awk -v inode="$(inode_of "$salvage_file")" '$1 == inode { found = 1 } END { exit !found }' &&
      rm -f "$salvage_file"
  done
  find "$1" -type f -name '*.[eE][mM][lL]' | sort | {
    salvage_count=0; salvage_links=unknown
    while IFS= read -r salvage_file; do
      salvage_code=1
      while [ "$salvage_code" = 1 ]; do
        salvage_name=$(printf '%08x.eml' "$salvage_n"); salvage_n=$((salvage_n + 1))
        [ "$salvage_n" -lt 4294000000 ] || salvage_n=1
        exists "$salvage_to/$salvage_name" || { salvage_one "$salvage_file" "$salvage_to/$salvage_name"; salvage_code=$?; }
      done
      [ "$salvage_code" = 0 ] || break
      salvage_count=$((salvage_count + 1))
    done
    echo "$salvage_count"
  }
  settle "$salvage_to"
  [ "$(messages_in "$1")" = 0 ]
}
`;
