/** The lock of the mail host: one supervisor at a time, also after a death or a reboot. POSIX shell functions. */
export const lockScript = `
# The lock is the directory STATE/lock with one entry named after the run that holds it. A run's own files prove that
# it lives, and they exist before its entry does, so an entry without a living process is stale at once.
run_alive() {
  for alive_file in "$1/guard" "$1/main" "$1/launched"; do
    alive_pid=; alive_start=; alive_boot=
    { IFS=' ' read -r alive_pid alive_start alive_boot <"$alive_file"; } 2>/dev/null
    [ "$alive_boot" = "$(boot_identity)" ] && alive "$alive_pid" "$alive_start" && return 0
  done
  return 1
}
lock_holder() {
  for holder_file in "$STATE"/lock/*; do [ ! -e "$holder_file" ] || { echo "\${holder_file##*/}"; return 0; }; done
}
# Who started a run, and what keeps it from its end. Read from a run's directory.
owner_of() {
  owner_is=$(sed -n 's/^owner=//p' "$1/settings" 2>/dev/null)
  [ ! -e "$1/unstarted" ] || owner_is="\${owner_is:-an unknown run}, whose supervisor still tries to start the mail service"
  printf '%s\\n' "\${owner_is:-an unknown run}"
}
# Alone in the lock after entering it: a latecomer that was put to sleep between mkdir and entry leaves again.
alone_in_lock() { [ "$(ls -A "$STATE/lock" 2>/dev/null)" = "$1" ]; }
try_lock() {
  predecessor=
  if mkdir "$STATE/lock" 2>/dev/null; then
    { : >"$STATE/lock/$1"; } 2>/dev/null && alone_in_lock "$1" && return 0
    rm -f "$STATE/lock/$1"; rmdir "$STATE/lock" 2>/dev/null
    return 1
  fi
  lock_of=$(lock_holder)
  if [ -z "$lock_of" ]; then
    # Somebody between mkdir and entry, or dead there. rmdir cannot take away a lock that has been entered.
    [ -n "$empty_since" ] || empty_since=$seconds
    [ $((seconds - empty_since)) -lt 5 ] || { rmdir "$STATE/lock" 2>/dev/null; empty_since=; }
    return 1
  fi
  empty_since=
  run_alive "$STATE/runs/$lock_of" && return 1
  # Cleared away already: nothing would prove that we live, and what we found could not be written down.
  [ -d "$RUN" ] || return 1
  # Before we hold it: should we die with the lock, whoever takes it from us still learns what we were to clear away.
  put "$RUN/predecessor" "$lock_of"
  # The entry bears the dead run's own name, so of several takers one rename succeeds.
  mv "$STATE/lock/$lock_of" "$STATE/lock/$1" 2>/dev/null || return 1
  if alone_in_lock "$1"; then predecessor=$lock_of; return 0; fi
  rm -f "$STATE/lock/$1"
  return 1
}
# Runs that have ended and were never cleared away, because whoever was to do it died. The time is for those who still
# read what came of a run. One that another run has yet to bury is no longer in the lock, and tells what it has stopped.
sweep_old_runs() {
  find "$STATE/runs" -mindepth 1 -maxdepth 1 -type d -mmin +15 2>/dev/null | while IFS= read -r old; do
    run_alive "$old" || [ -e "$STATE/lock/\${old##*/}" ] ||
      grep -qxF "\${old##*/}" "$STATE"/runs/*/predecessor 2>/dev/null || rm -rf "$old"
  done
}
unlock() { rm -f "$STATE/lock/$1"; rmdir "$STATE/lock" 2>/dev/null; }
`;
