/** Puts the messages of one mailbox directory into another one's INBOX, as the vendor documents it for restored mail. POSIX shell functions. */
export const salvageScript = `
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
  salvage_n=$((0x$salvage_n + 1)); [ "$salvage_n" -lt 4294967000 ] || salvage_n=1
  find "$1" -type f -name '*.[eE][mM][lL]' | sort | {
    salvage_count=0
    while IFS= read -r salvage_file; do
      while salvage_name=$(printf '%08x.eml' "$salvage_n"); exists "$salvage_to/$salvage_name"; do
        salvage_n=$((salvage_n + 1))
      done
      mv "$salvage_file" "$salvage_to/$salvage_name" || break
      salvage_n=$((salvage_n + 1)); salvage_count=$((salvage_count + 1))
    done
    echo "$salvage_count"
  }
  settle "$salvage_to"
  [ "$(messages_in "$1")" = 0 ]
}
`;
