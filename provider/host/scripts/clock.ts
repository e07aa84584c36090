/** What the supervisor is told, and how it counts the time since it last heard of us. POSIX shell functions. */
export const clockScript = `
load_settings() {
  RUN=$1; run=$(basename "$RUN")
  owner=; service_kind=; service_a=; service_b=; service_c=; program=; mail=; mail_parking=; heartbeat=60; stop_limit=300; start_limit=300
  caller_umask=022; caller_locale=; jobs=; jobs_until=
  while IFS= read -r setting; do
    case $setting in
      owner=*) owner=\${setting#*=} ;;
      kind=*) service_kind=\${setting#*=} ;;
      a=*) service_a=\${setting#*=} ;;
      b=*) service_b=\${setting#*=} ;;
      c=*) service_c=\${setting#*=} ;;
      mail=*) mail=\${setting#*=} ;;
      parking=*) mail_parking=\${setting#*=} ;;
      program=*) program=\${setting#*=} ;;
      heartbeat=*) heartbeat=\${setting#*=} ;;
      stop=*) stop_limit=\${setting#*=} ;;
      start=*) start_limit=\${setting#*=} ;;
      umask=*) caller_umask=\${setting#*=} ;;
      locale=*) caller_locale=\${setting#*=} ;;
    esac
  done <"$RUN/settings"
}
# put FILE TEXT: the file is the old one or the new one, never half of it.
put() {
  { printf '%s\\n' "$2" >"$1.new.$$"; } 2>/dev/null && mv "$1.new.$$" "$1" 2>/dev/null && return 0
  rm -f "$1.new.$$" 2>/dev/null
  return 1
}
introduce() { printf '%s %s %s\\n' "$$" "$(start_of $$)" "$(boot_identity)" >"$RUN/$1.new" && mv "$RUN/$1.new" "$RUN/$1"; }

# Whole seconds. The shell reads them itself where the kernel tells them: every turn of every loop asks.
now() {
  now=
  { IFS=' .' read -r now now_rest </proc/uptime; } 2>/dev/null
  [ -n "$now" ] || now=$(date +%s)
}

# One turn of every loop: a pause, the clock, the heartbeat. Silence is counted in steps of at most 5 seconds, so that
# neither a clock set forward nor a host that slept makes us act at once, and in turns, so that a clock that stands
# still does not keep us waiting.
start_clock() {
  if sleep 0.2 2>/dev/null; then pause=0.2; turns_a_second=5; else pause=1; turns_a_second=1; fi
  now; clock=$now; seconds=0; turns=0; heard=0; beat=; silent=
}
tick() {
  sleep "$pause"
  now && tick_step=$((now - clock)) && clock=$now || tick_step=0
  [ "$tick_step" -ge 0 ] || tick_step=0
  [ "$tick_step" -le 5 ] || tick_step=5
  seconds=$((seconds + tick_step)); turns=$((turns + 1))
  [ "$seconds" -ge $((turns / turns_a_second)) ] || seconds=$((turns / turns_a_second))
  tick_beat=
  { IFS= read -r tick_beat <"$RUN/beat"; } 2>/dev/null
  if [ -n "$tick_beat" ] && [ "$tick_beat" != "$beat" ]; then beat=$tick_beat; heard=$seconds; fi
  if [ $((seconds - heard)) -ge "$heartbeat" ]; then silent="no sign of life from $owner for $heartbeat seconds"; fi
  [ -z "$terminated" ] || silent="the supervisor was told to end"
}
`;
