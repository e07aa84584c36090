/** The guard, the supervisor's parent, and the program's entry. POSIX shell functions. */
export const guardScript = `
# The guard is the supervisor's parent: it takes the lock, waits for the supervisor, and ends the run in its place when
# that has been killed. Killing the guard alone changes nothing.
guard() {
  load_settings "$1"
  guard_wait=$2; guard_program=$RUN/program
  trap '' HUP; trap : TERM INT
  terminated=; empty_since=; phase=idle
  cd /
  introduce guard || exit 1
  start_clock
  until try_lock "$run"; do
    # Whoever launched us has given up. Without these files nothing would prove that we live.
    [ -d "$RUN" ] || exit 0
    guard_owner=$(owner_of "$STATE/runs/$(lock_holder)")
    if [ "$seconds" -ge "$guard_wait" ] && [ -z "$empty_since" ]; then put "$RUN/state" "busy $guard_owner"; exit 0; fi
    if [ -n "$silent" ]; then rm -rf "$RUN"; exit 0; fi
    put "$RUN/state" "waiting $guard_owner"
    tick
  done
  if [ ! -d "$RUN" ]; then
    # A dead run whose lock we took is left for the next to find.
    if [ -n "$predecessor" ]; then mv "$STATE/lock/$run" "$STATE/lock/$predecessor"; else unlock "$run"; fi
    exit 0
  fi
  if [ -n "$predecessor" ]; then put "$RUN/state" "waiting a run that died and is being cleared away"; bury "$predecessor"; fi
  sh "$guard_program" supervise "$RUN" &
  guard_child=$!
  guard_tries=0
  while [ ! -s "$RUN/main" ] && [ "$guard_tries" -lt 50 ] && [ -n "$(start_of "$guard_child")" ]; do tick; guard_tries=$((guard_tries + 1)); done
  put "$RUN/state" locked
  wait "$guard_child"; guard_code=$?
  # wait also ends when a signal reaches the guard.
  while [ -n "$(start_of "$guard_child")" ]; do wait "$guard_child"; guard_code=$?; done
  if [ "$guard_code" = 0 ] || [ ! -d "$RUN" ] || ! [ -e "$STATE/lock/$run" ]; then exit 0; fi
  phase=; { IFS= read -r phase <"$RUN/phase"; } 2>/dev/null
  # Without a record nothing has been stopped: a stop that cannot be recorded is refused.
  phase=\${phase:-idle}
  heard=$seconds
  emergency "the supervisor was killed"
}
# The run whose lock we took over died with its guard. What it stopped in this boot is started, as it would have done.
bury() {
  [ -d "$STATE/runs/$1" ] || return 0
  bury_before=; { IFS= read -r bury_before <"$STATE/runs/$1/predecessor"; } 2>/dev/null
  # It may have died while it was burying another one, and that one is where the service was stopped.
  [ -z "$bury_before" ] || ( bury "$bury_before" )
  (
    load_settings "$STATE/runs/$1"
    bury_boot=$(sed -n '1s/^[^ ]* [^ ]* //p' "$RUN/guard" 2>/dev/null)
    phase=; { IFS= read -r phase <"$RUN/phase"; } 2>/dev/null; phase=\${phase:-idle}
    # Only a supervisor stops anything.
    if [ -e "$RUN/main" ] && [ "$bury_boot" = "$(boot_identity)" ]; then emergency "the supervisor and its guard were killed"; else rm -rf "$RUN"; fi
  )
}
# Buries a run that died and gives the lock back. Nobody waits for a supervisor here, so that it needs no settings of ours.
clear_dead_run() {
  load_settings "$1"
  trap '' HUP; trap : TERM INT
  terminated=; empty_since=; phase=idle
  cd /
  introduce guard || exit 1
  start_clock
  if ! try_lock "$run"; then put "$RUN/state" none; exit 0; fi
  if [ -n "$predecessor" ]; then
    clear_before=$(cat "$STATE/last-end" 2>/dev/null)
    bury "$predecessor"
    clear_after=$(cat "$STATE/last-end" 2>/dev/null); clear_told=
    [ "$clear_after" = "$clear_before" ] || clear_told=$(printf '%s\\n' "$clear_after" | cut -f5)
    unlock "$run"
    put "$RUN/state" "cleared \${clear_told:-nothing was left to do}"
  else
    unlock "$run"
    put "$RUN/state" none
  fi
}
umask 077
case $1 in
  clear) clear_dead_run "$2" ;;
  guard) guard "$2" "$3" ;;
  supervise) supervise "$2" ;;
esac
`;
