/** What the supervisor, or its guard, does when the run ends without having been told to. POSIX shell functions. */
export const endingScript = `
# The end that nobody asked for. Whatever fails here, the service is started and the lock becomes free.
emergency() {
  mkdir "$RUN/ending" 2>/dev/null
  # A TERM that has brought this about is used up; one that comes from here on has the start given up.
  silent=; did=
  terminated=; trap 'terminated=yes' TERM INT
  # Nothing may run beside us: what was stopping or starting is waited for, within its bound.
  await_jobs
  case $phase in
    idle | started)
      ending_parked=$(parked_moves)
      if [ -e "$RUN/held" ] || [ -n "$ending_parked" ]; then
        [ ! -e "$RUN/held" ] || did="$did the mail services were held, so the engine was restarted:"
        stop_for_start
        if [ -n "$ending_parked" ] && [ -z "$(engine_now)" ]; then did="$did $(return_parked);"; fi
        insist_on_start
      elif [ "$phase" = started ]; then
        running=yes
        service_running || { did="$did the service had ended again:"; insist_on_start; }
      else
        running=untouched
      fi ;;
    starting | start-failed) insist_on_start ;;
    *)
      if [ -z "$(engine_now)" ]; then did="$did $(undo_moves);"; else did="$did a server process is there, so no move was taken back;"; fi
      insist_on_start ;;
  esac
  if [ "$running" = no ]; then
    hindrance=$(last_words)
    tell_end "$1;$did the service could not be started: $hindrance; it is tried again every $heartbeat seconds"
    keep_trying
  fi
  case $running in
    yes) did="$did the service runs" ;;
    no) did="$did the service could not be started: $(last_words)" ;;
    *) did="$did the service was left alone" ;;
  esac
  tell_end "$1;$did"
  unlock "$run"
  # A beat written meanwhile can make the first removal fail.
  rm -rf "$RUN" 2>/dev/null || rm -rf "$RUN"
}
tell_end() { put "$STATE/last-end" "$(printf '%s\\tended\\t%s\\t%s\\t%s' "$run" "$(date +%s)" "$owner" "$1" | tr '\\n' ' ')"; }
insist_on_start() {
  insist=0
  while [ "$insist" -lt 5 ]; do
    start_service
    [ $running = no ] || return 0
    insist=$((insist + 1))
    insist_until=$((seconds + 2)); while [ "$seconds" -lt "$insist_until" ]; do tick; done
  done
}
# What hinders the start may be put right in an hour: nobody else would start it then. The lock is kept, so that whoever
# comes learns why. For a day, or until somebody ends this process with TERM because the service is to stay down.
keep_trying() {
  trying_until=$((seconds + 86400))
  while [ "$running" = no ] && [ -z "$terminated" ] && [ "$seconds" -lt "$trying_until" ]; do
    put "$STATE/runs/$(lock_holder)/unstarted" "$(last_words)"
    trying_next=$((seconds + heartbeat))
    while [ "$seconds" -lt "$trying_next" ] && [ -z "$terminated" ]; do tick; done
    job_lives || jobs=
    [ -n "$terminated" ] || start_service
  done
  rm -f "$STATE/runs/$(lock_holder)/unstarted"
}
`;
