/** Stopping, looking, copying and starting, each with a bound. POSIX shell functions. */
export const windowScript = `
# service_job VERB LIMIT: runs it beside the loop. 124 = not ended within LIMIT seconds; it is left running then.
service_job() {
  ( service_command "$1" ) </dev/null >>"$RUN/service.log" 2>&1 &
  job=$!
  jobs="$jobs $1:$job:$(start_of "$job")"; put "$RUN/job" "$jobs"
  jobs_until=$((seconds + $2 + stop_limit))
  job_end=$((seconds + $2))
  while [ -n "$(start_of "$job")" ]; do
    [ "$seconds" -lt "$job_end" ] || return 124
    tick
  done
  wait "$job"
}
# job_lives [VERB]: whether one that was left running, or one of that verb, is still at it.
job_lives() {
  for lives_job in $jobs; do
    lives_rest=\${lives_job#*:}
    case $lives_job in "$1"*) alive "\${lives_rest%%:*}" "\${lives_rest#*:}" && return 0 ;; esac
  done
  return 1
}
# Waits for what was left running, and for an engine that was told to end: one on its way out looks like one that runs,
# and a start beside it does nothing. Bounded for all waits together, so that a command that hangs delays the start once.
await_jobs() {
  [ -n "$jobs" ] || { IFS= read -r jobs <"$RUN/job"; } 2>/dev/null
  [ -n "$jobs_until" ] || jobs_until=$((seconds + stop_limit))
  while job_lives "$1" || { [ "$phase" = stopping ] && engine_leaving; }; do
    [ "$seconds" -lt "$jobs_until" ] || return 0
    tick
  done
}
last_words() { tail -n 3 "$RUN/service.log" 2>/dev/null | tr '\\n\\t' '  ' | cut -c1-400; }

phase_is() { phase=$1; put "$RUN/phase" "$1"; }

# Only systemd tells how the engine has ended. Elsewhere its configuration tells: one that ends by itself writes it.
# mark_stop: the second in which the engine is told to end, as the time of a file. One that was told by an earlier stop,
# and is gone, has written since that one.
mark_stop() {
  [ "$service_kind" != systemd ] || return 0
  case $phase in
    idle | started) ;;
    *) [ ! -e "$RUN/stop-mark" ] || service_running || return 0 ;;
  esac
  TZ=UTC0 touch -t "$(date -u +%Y%m%d%H%M.%S)" "$RUN/stop-mark" 2>/dev/null
}
# What was written in that second counts: some file systems know no less.
written_since_stop() {
  for written_file in "$program/users.cfg" "$program/mailserver.cfg"; do
    written_before=$(find -L "$RUN/stop-mark" -newer "$written_file" 2>/dev/null) && [ -z "$written_before" ] && return 0
  done
  return 1
}

stop_service() {
  case $phase in
    idle | started | start-failed)
      # Of an earlier stop only those count that wait in parking.
      parked_moves >"$RUN/moves.parked"
      if [ -s "$RUN/moves.parked" ]; then mv "$RUN/moves.parked" "$RUN/moves"; else rm -f "$RUN/moves" "$RUN/moves.parked"; fi ;;
  esac
  stop_began=$(date +%s); main_before=
  for stop_pid in $(engine_now); do main_before="$main_before $stop_pid:$(start_of "$stop_pid")"; done
  stop_phase=$phase
  mark_stop || { answer "refused=the stop could not be recorded on the host: is its disk full?"; return; }
  if [ "$phase" != stopped ]; then
    phase_is stopping || { phase=$stop_phase; answer "refused=the stop could not be recorded on the host: is its disk full?"; return; }
    put "$RUN/stop-began" "$stop_began"
  fi
  stop_until=$((seconds + stop_limit)); stop_detail=
  service_job stop "$stop_limit"; stop_code=$?
  case $stop_code in
    0) ;;
    124) stop_detail="the stop command has not ended within $stop_limit seconds" ;;
    *) stop_detail="the stop command ended with code $stop_code: $(last_words)" ;;
  esac
  while :; do
    gone=yes
    [ -z "$(engine_now)" ] || gone=no
    for stop_pid in $main_before; do alive "\${stop_pid%%:*}" "\${stop_pid#*:}" && gone=no; done
    inactive=no; service_inactive && inactive=yes
    if [ $gone$inactive = yesyes ] || [ "$seconds" -ge "$stop_until" ]; then break; fi
    tick
  done
  [ $gone = yes ] || stop_detail="$stop_detail a server process is still there: $(engine_now | tr '\\n' ' ')"
  orderly=no; [ "$stop_code" != 0 ] || orderly=yes
  if [ "$service_kind" = systemd ]; then
    stop_result=$(service_property Result)
    case $stop_result in success) ;; *) orderly=no; stop_detail="$stop_detail systemd says: $stop_result" ;; esac
  elif [ $orderly$gone$inactive = yesyesyes ] && ! written_since_stop; then
    orderly=no; stop_detail="neither users.cfg nor mailserver.cfg was written since the stop began, as the server does when it ends by itself"
  fi
  if [ $gone$inactive = yesyes ]; then phase_is stopped; fi
  answer "$(printf 'stoppedAt=%s\\norderly=%s\\ninactive=%s\\ngone=%s\\ndetail=%s' "$(date +%s)" $orderly $inactive $gone "$stop_detail")" "$(missing_accounts)"
}
# Lines "missing=name<TAB>domain" for each account that users.cfg does not name.
missing_accounts() { missing_of "$RUN/accounts"; }
missing_of() {
  [ -s "$1" ] || return 0
  awk '
    phase == 1 { split(tolower($0), want, "\\t"); wanted[want[1] "\\t" want[2]] = $0; next }
    /^list[ \\t\\r\\n]/ && !/\\/>/ { depth++; if (depth == 1) user = $0 ~ /name=["\\047]User["\\047]/ }
    /^\\/list>/ { depth--; if (depth == 0) user = 0 }
    /^listitem/ { if (depth == 1) { name = ""; domain = "" } }
    /^\\/listitem/ { if (user && depth == 1) delete wanted[tolower(name) "\\t" tolower(domain)] }
    /^variable[ \\t\\r\\n]/ && depth == 1 {
      text = $0; sub(/^[^>]*>/, "", text); gsub(/^[ \\t\\r\\n]+|[ \\t\\r\\n]+$/, "", text)
      gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\\"", text); gsub(/&apos;/, "\\047", text); gsub(/&amp;/, "\\\\&", text)
      if ($0 ~ /^variable[^>]*name=["\\047]Name["\\047]/) name = text
      if ($0 ~ /^variable[^>]*name=["\\047]Domain["\\047]/) domain = text
    }
    END { for (key in wanted) print "missing=" wanted[key] }
  ' phase=1 RS='\\n' "$1" phase=2 RS='<' "$program/users.cfg" 2>/dev/null ||
    sed 's/^/missing=/' "$1"
}

# A stop for the start behind it: beside an engine that is on its way out a start does nothing, and is taken for one that
# has succeeded.
stop_for_start() {
  service_job stop "$stop_limit" || return 0
  leave_until=$((seconds + stop_limit))
  while ! engine_gone && [ "$seconds" -lt "$leave_until" ]; do tick; done
}
start_service() {
  await_jobs
  phase_is starting; start_detail=
  start_until=$((seconds + start_limit))
  [ "$service_kind" != systemd ] || systemctl reset-failed "$service_a" 2>/dev/null
  service_job start "$start_limit"; start_code=$?
  case $start_code in
    0) ;;
    124) start_detail="the start command has not ended within $start_limit seconds" ;;
    *) start_detail="the start command ended with code $start_code: $(last_words)" ;;
  esac
  running=no; start_grace=$((seconds + 10))
  while :; do
    if service_running; then running=yes; break; fi
    [ "$seconds" -lt "$start_until" ] || break
    # A start that was refused gets a moment for the service manager's own restart, and no more.
    if [ "$start_code" != 0 ] && [ "$seconds" -ge "$start_grace" ]; then break; fi
    tick
  done
  if [ $running = yes ]; then phase_is started; rm -f "$RUN/held"; else phase_is start-failed; fi
}
report_start() {
  start_service
  start_at=$(date +%s); stop_began=
  { IFS= read -r stop_began <"$RUN/stop-began"; } 2>/dev/null
  answer "$(printf 'startedAt=%s\\ndown=%s\\nrunning=%s\\ndetail=%s' "$start_at" "$((start_at - \${stop_began:-$start_at}))" $running "$start_detail")"
}

copy_configuration() {
  [ "$phase" = stopped ] || { answer "refused=the service is not stopped"; return; }
  copies=$STATE/copies/$run
  mkdir -p "$copies"
  for copy_of in mailserver.cfg users.cfg; do
    rm -f "$copies/$copy_of"
    cat "$program/$copy_of" >"$copies/$copy_of" && settle "$copies/$copy_of" && cmp -s "$program/$copy_of" "$copies/$copy_of" ||
      { answer "refused=$copy_of could not be copied to $copies"; return; }
  done
  answer "directory=$copies"
}
`;
