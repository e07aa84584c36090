/** The moves of one stop, and how they are taken back. POSIX shell functions. */
export const movesScript = `
# Lines of $RUN/moves: inode, from, to. Written before the move, so that whoever comes after us can take it back.
record_move() { printf '%s\\t%s\\t%s\\n' "$1" "$2" "$3" >>"$RUN/moves" 2>/dev/null && settle "$RUN/moves"; }
# shift_directory INODE FROM TO: one rename, seen to have happened. Both parents are known and TO was seen to be absent.
shift_directory() {
  shift_reason=
  record_move "$1" "$2" "$3" || { shift_reason="the move could not be recorded on the host: is its disk full?"; return 1; }
  shift_said=$(mv "$2" "$3" 2>&1) || { shift_reason="mv failed: $shift_said"; return 1; }
  [ "$(inode_of "$3")" = "$1" ] && ! exists "$2" || { shift_reason="after the move $3 is not the directory it should be"; return 1; }
}
# Sets reason unless FROM and TO are places for a mailbox, and FROM the one that was looked at. Needs inode, from, to,
# directory, parking.
check_places() {
  reason=
  # Whoever hands over the rows: nothing but mailboxes of this store is moved.
  if [ -n "$mail" ]; then
    case $directory in
      "$mail"/*/*) reason="$directory is no directory of a mail domain" ;;
      "$mail"/?*) ;;
      *) reason="$directory lies outside $mail" ;;
    esac
    [ "$parking" = "$mail_parking" ] || reason="$parking is not the store's parking directory"
    [ -z "$reason" ] || return
  fi
  for check_path in "$from" "$to"; do
    check_name=\${check_path##*/}; check_parent=\${check_path%/*}
    case $check_name in '' | . | .. | \\#* | -*) reason="$check_path has no name of a mailbox"; return ;; esac
    case $check_parent in
      "$directory") ;;
      "$parking") if ! exists "$parking"; then mkdir "$parking" || reason="$parking cannot be made"; fi ;;
      *) reason="$check_path lies outside $directory" ;;
    esac
    [ -z "$reason" ] || return
    if [ "$(resolved "$check_parent")" != "$check_parent" ]; then reason="$check_parent is reached through a symbolic link"; return; fi
  done
}
check_identity() {
  plain_directory "$from" || { reason="$from is not a directory"; return; }
  [ "$(inode_of "$from")" = "$inode" ] || { reason="$from is another directory than the one that was looked at"; return; }
  [ "$(place_of "$from")" = "$(place_of "\${to%/*}")" ] || { reason="$from and $to are not on one file system"; return; }
}
# Sets reason unless FROM may be moved to TO.
check_move() {
  check_places
  [ -z "$reason" ] || return
  [ "$phase" = stopped ] || { reason="the service has not been stopped by this run"; return; }
  [ -z "$(engine_pids "$program")" ] || { reason="a server process is there"; return; }
  [ "$move_inactive" = yes ] || { reason="the service is active"; return; }
  check_identity
}
# What stands at TO belongs to our own new account: its messages go to the person's INBOX, the rest is moved away.
clear_target() {
  plain_directory "$to" || { reason="$to is not a directory"; return; }
  clear_inode=$(inode_of "$to")
  [ "$clear_inode" != "$inode" ] || { reason="$to is $from"; return; }
  exists "$parking" || mkdir "$parking" || { reason="$parking cannot be made"; return; }
  [ "$(resolved "$parking")" = "$parking" ] || { reason="$parking is reached through a symbolic link"; return; }
  [ "$(place_of "$to")" = "$(place_of "$parking")" ] || { reason="$parking is not on the file system of $to"; return; }
  salvaged=$(salvage "$to" "$from") || { reason="the messages in $to could not be moved"; return; }
  clear_to=$parking/aside-$run-$clear_inode
  ! exists "$clear_to" || { reason="$clear_to exists"; return; }
  shift_directory "$clear_inode" "$to" "$clear_to" || reason=$shift_reason
}
move_all() {
  tab=$(printf '\\t'); move_inactive=no; moved_to=
  # Asked once: a service manager's answer takes its time, and people wait for their mail. The processes are looked at for each move.
  if engine_gone; then move_inactive=yes; fi
  sed 1d "$RUN/command.$next" | {
    while IFS=$tab read -r inode from to directory parking aside; do
      salvaged=0
      check_move
      if [ -z "$reason" ] && exists "$to"; then
        if [ "$aside" = ours ]; then clear_target; else reason="$to exists"; fi
      fi
      if [ -z "$reason" ]; then shift_directory "$inode" "$from" "$to" || reason=$shift_reason; fi
      ok=no; [ -n "$reason" ] || ok=yes
      [ $ok = no ] || moved_to=\${to%/*}
      printf 'move=%s\\t%s\\t%s\\t%s\\n' $ok "$inode" "\${salvaged:-0}" "$(printf '%s' "$reason" | tr '\\n\\t' '  ')"
    done
    [ -z "$moved_to" ] || settle "$moved_to"
  } >"$RUN/result.moves" 2>/dev/null
  settle "$RUN/result.moves"
  mv "$RUN/result.moves" "$RUN/result.$next"
}
# Takes back the moves of this stop, the last one first. Only where nothing else has come in between.
undo_moves() {
  [ -s "$RUN/moves" ] || return 0
  undo_count=0; tab=$(printf '\\t')
  sed -n '1!G;h;$p' "$RUN/moves" | {
    while IFS=$tab read -r undo_inode undo_from undo_to; do
      plain_directory "$undo_to" && [ "$(inode_of "$undo_to")" = "$undo_inode" ] || continue
      exists "$undo_from" && continue
      mv "$undo_to" "$undo_from" && undo_count=$((undo_count + 1))
    done
    echo "$undo_count moves taken back"
  }
}
`;
