/** The supervisor's loop: commands with sequence numbers, each obeyed exactly once. POSIX shell functions. */
export const loopScript = `
obey() {
  { IFS= read -r verb; } <"$RUN/command.$next"
  case $verb in
    stop) stop_service ;;
    copy) copy_configuration ;;
    move) move_all ;;
    place) place_all ;;
    keep) keep_parked ;;
    named) named_accounts ;;
    start) report_start ;;
    hold) if put "$RUN/held" yes; then answer done=yes; else answer "refused=the hold could not be recorded on the host: is its disk full?"; fi ;;
    unhold) rm -f "$RUN/held"; answer done=yes ;;
    finish) finish ;;
    *) answer "refused=unknown command" ;;
  esac
}
# answer TEXT...: never fails the run; a client that gets no answer looks for itself.
answer() {
  { for answer_part in "$@"; do [ -z "$answer_part" ] || printf '%s\\n' "$answer_part"; done >"$RUN/result.new"; } 2>/dev/null &&
    mv "$RUN/result.new" "$RUN/result.$next" 2>/dev/null
}
finish() {
  running=yes
  case $phase in
    stopping | stopped | starting | start-failed) start_service ;;
    *)
      if [ -e "$RUN/held" ]; then
        stop_for_start; start_service
      elif [ "$phase" = started ]; then
        # Seen to run once is not seen to run on: the stop before it may have come through since.
        await_jobs stop
        service_running || start_service
      fi ;;
  esac
  # Not ended: the silence that follows has the start tried again.
  [ $running = yes ] || { answer "refused=the service does not run: $start_detail"; return; }
  put "$STATE/last-end" "$(printf '%s\\tfinished\\t%s\\t%s' "$run" "$(date +%s)" "$owner")"
  answer done=yes
  unlock "$run"
  exit 0
}
supervise() {
  load_settings "$1"
  terminated=; trap '' HUP; trap 'terminated=yes' TERM INT
  cd /
  introduce main || exit 1
  phase=idle; next=1
  start_clock
  while :; do
    tick
    if [ -n "$silent" ]; then emergency "$silent"; exit 0; fi
    # A number that is left out was given up by the client before it was written.
    for ahead in "$next" $((next + 1)) $((next + 2)); do
      if [ -f "$RUN/command.$ahead" ]; then next=$ahead; obey; next=$((next + 1)); break; fi
    done
  done
}
`;
