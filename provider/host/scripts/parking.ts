/**
 * Mailboxes that wait in the parking directory, as `mailbox-INODE`, until the account that bears their new name is gone:
 * how they are placed, and how they go home when nobody comes to place them. POSIX shell functions.
 */
export const parkingScript = `
# Puts parked mailboxes under names that no account bears, beside the running engine. mv would put a directory into one
# that appears in this moment: then it is taken out again.
place_all() {
  tab=$(printf '\\t')
  sed 1d "$RUN/command.$next" | {
    while IFS=$tab read -r inode from to directory parking aside; do
      check_places
      case $phase in idle | started) ;; *) [ -n "$reason" ] || reason="the service is being stopped or started" ;; esac
      [ -n "$reason" ] || [ "\${from%/*}" = "$parking" ] || reason="$from is not parked"
      [ -n "$reason" ] || check_identity
      [ -n "$reason" ] || ! exists "$to" || reason="$to exists"
      if [ -z "$reason" ]; then
        place_said=$(mv "$from" "$to" 2>&1) || reason="mv failed: $place_said"
        place_inside=$to/\${from##*/}
        if [ "$(inode_of "$place_inside")" = "$inode" ]; then mv "$place_inside" "$from"; reason="$to appeared meanwhile"; fi
        [ -n "$reason" ] || [ "$(inode_of "$to")" = "$inode" ] || reason="$to is not the directory it should be"
      fi
      ok=no; [ -n "$reason" ] || ok=yes
      [ $ok = no ] || settle "\${to%/*}"
      printf 'move=%s\\t%s\\t0\\t%s\\n' $ok "$inode" "$(printf '%s' "$reason" | tr '\\n\\t' '  ')"
    done
  } >"$RUN/result.moves" 2>/dev/null
  mv "$RUN/result.moves" "$RUN/result.$next"
}
# Which of these accounts an engine would find that starts now. A file that cannot be read may name each of them.
named_accounts() {
  sed 1d "$RUN/command.$next" >"$RUN/asked"
  named_known=$(wc -l <"$RUN/accounts"); named_lost=$(missing_accounts | wc -l)
  if [ -s "$RUN/asked" ] && [ -r "$program/users.cfg" ] && [ "$named_lost" -lt "$named_known" ]; then
    missing_of "$RUN/asked" | sed 's/^missing=//' >"$RUN/unnamed"
    answer done=yes "$(awk 'phase == 1 { gone[$0] = 1; next } !($0 in gone) { print "named=" $0 }' phase=1 "$RUN/unnamed" phase=2 "$RUN/asked")"
  else
    answer done=yes "$(sed 's/^/named=/' "$RUN/asked")"
  fi
}
# Lines of $RUN/moves whose directory is still parked.
parked_moves() {
  [ -s "$RUN/moves" ] || return 0
  while IFS=$(printf '\\t') read -r parked_inode parked_from parked_to; do
    case $parked_to in */mailbox-"$parked_inode") ;; *) continue ;; esac
    plain_directory "$parked_to" && [ "$(inode_of "$parked_to")" = "$parked_inode" ] &&
      printf '%s\\t%s\\t%s\\n' "$parked_inode" "$parked_from" "$parked_to"
  done <"$RUN/moves"
}
# The account of these parked mailboxes is about to go: whoever bears its name later is somebody else.
keep_parked() {
  sed 1d "$RUN/command.$next" >"$RUN/keep"
  if [ -s "$RUN/moves" ]; then
    awk -F '\\t' 'phase == 1 { keep[$1] = 1; next } !(($1 in keep) && $3 ~ /\\/mailbox-[0-9]+$/)' phase=1 "$RUN/keep" phase=2 "$RUN/moves" >"$RUN/moves.new" &&
      settle "$RUN/moves.new" && mv "$RUN/moves.new" "$RUN/moves" || { answer "refused=what stays parked could not be recorded on the host: is its disk full?"; return; }
  fi
  answer done=yes
}
# With the engine gone: a parked mailbox goes home where the engine will find the account of that name when it starts.
return_parked() {
  return_count=0; tab=$(printf '\\t')
  parked_moves >"$RUN/parked" 2>/dev/null
  while IFS=$tab read -r return_inode return_from return_to; do
    return_domain=\${return_from%/*}
    printf '%s\\t%s\\n' "\${return_from##*/}" "\${return_domain##*/}" >"$RUN/bearer" || continue
    [ -z "$(missing_of "$RUN/bearer")" ] || continue
    exists "$return_from" && continue
    mv "$return_to" "$return_from" && return_count=$((return_count + 1))
  done <"$RUN/parked"
  echo "$return_count parked mailboxes given back"
}
`;
