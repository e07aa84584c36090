import { clockScript } from "./scripts/clock";
import { endingScript } from "./scripts/ending";
import { forgetScript } from "./scripts/forget";
import { guardScript } from "./scripts/guard";
import { lockScript } from "./scripts/lock";
import { loopScript } from "./scripts/loop";
import { movesScript } from "./scripts/moves";
import { parkingScript } from "./scripts/parking";
import { processScript } from "./scripts/process";
import { salvageScript } from "./scripts/salvage";
import { serviceScript } from "./scripts/service";
import { windowScript } from "./scripts/window";

/**
 * The program that runs on the mail host for the whole of a rename: POSIX shell, no setsid, nohup or flock needed.
 *
 * Its files in `STATE/runs/<run>`: `settings`, `accounts`, `program`, `launched` (written by us); `guard`, `main` (who
 * they are); `state` (waiting, locked, busy); `beat` (we write, it reads); `command.N` and `result.N`; `phase`,
 * `moves`, `held`, `job`, `stop-began` (what the guard needs when the supervisor has been killed); `stop-mark` (a file of
 * the time of the stop); `ending` (it no longer obeys).
 */
export const supervisorProgram = [
  processScript,
  salvageScript,
  serviceScript,
  lockScript,
  clockScript,
  windowScript,
  movesScript,
  parkingScript,
  loopScript,
  endingScript,
  guardScript,
].join("");

/**
 * Starts the program of $RUN detached from this login. The file `launched` tells who it will be: a busy host may take
 * seconds until it says so itself. Needs {@link processScript}.
 */
export const detached = (verb: string): string => `
export STATE
(
  trap '' HUP; cd /
  exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  exec sh "$RUN/program" ${verb} </dev/null >"$RUN/log" 2>&1
) </dev/null >/dev/null 2>&1 &
launched=$!
{ printf '%s %s %s\\n' "$launched" "$(start_of "$launched")" "$(boot_identity)" >"$RUN/launched"; } 2>/dev/null || :
`;

/** Makes the run's directory from standard input and starts the program detached from this login. */
export const launchScript = `${processScript}
IFS= read -r run; IFS= read -r wait; IFS= read -r lines
RUN=$STATE/runs/$run
mkdir -p "$STATE/runs" && mkdir "$RUN" || exit 1
while [ "$lines" -gt 0 ]; do IFS= read -r line; printf '%s\\n' "$line"; lines=$((lines - 1)); done >"$RUN/settings" || exit 1
printf 'umask=%s\\nlocale=%s\\n' "$caller_umask" "$caller_locale" >>"$RUN/settings" || exit 1
IFS= read -r lines
while [ "$lines" -gt 0 ]; do IFS= read -r line; printf '%s\\n' "$line"; lines=$((lines - 1)); done >"$RUN/accounts" || exit 1
cat >"$RUN/program" && echo begun >"$RUN/beat" || exit 1
${detached('guard "$RUN" "$wait"')}`;

const ours = `
${processScript}
${lockScript}
lost() { cat "$STATE/last-end" 2>/dev/null; exit 3; }
ours() { [ -e "$STATE/lock/$run" ] && [ ! -d "$RUN/ending" ] && run_alive "$RUN"; }
beat() { { printf '%s\\n' "$1" >"$RUN/beat.$$" && mv "$RUN/beat.$$" "$RUN/beat"; } 2>/dev/null; }
`;

/** Waits up to 5 seconds for the lock; prints the state. Input: run, beat. */
export const stateScript = `${ours}
IFS= read -r run; IFS= read -r value
RUN=$STATE/runs/$run
[ -d "$RUN" ] || lost
beat "$value"
turns=0
while [ "$turns" -lt 5 ]; do
  state=; { IFS= read -r state <"$RUN/state"; } 2>/dev/null
  case $state in locked* | busy*) break ;; esac
  if [ "$turns" -gt 1 ] && ! run_alive "$RUN"; then tail -n 5 "$RUN/log"; exit 5; fi
  sleep 0.3 2>/dev/null || sleep 1
  turns=$((turns + 1))
done
printf '%s\\n' "$state"
`;

/** A sign of life; ends with 3 when the run is over. Input: run, beat. */
export const beatScript = `${ours}
IFS= read -r run; IFS= read -r value
RUN=$STATE/runs/$run
ours || lost
beat "$value" || lost
`;

/** Replaces the accounts of a run; ends with 3 when it is over. Input: run, beat, accounts. */
export const accountsScript = `${ours}
IFS= read -r run; IFS= read -r value
RUN=$STATE/runs/$run
ours || lost
beat "$value"
cat >"$RUN/accounts.new" && mv "$RUN/accounts.new" "$RUN/accounts"
`;

/**
 * Hands over a command once and waits up to about 6 seconds for its result. Ends with 3 when the run is over, with 4
 * when there is no result yet. Input: run, sequence number, beat, then the command.
 */
export const commandScript = `${ours}
IFS= read -r run; IFS= read -r number; IFS= read -r value
RUN=$STATE/runs/$run
show() { [ ! -f "$RUN/result.$number" ] || { cat "$RUN/result.$number"; exit 0; }; }
show
ours || { show; lost; }
beat "$value"
if [ ! -f "$RUN/command.$number" ]; then
  { cat >"$RUN/command.new.$$" && mv "$RUN/command.new.$$" "$RUN/command.$number"; } 2>/dev/null ||
    { ours || lost; echo "the command could not be written on the host: is its disk full?" >&2; exit 6; }
fi
until=$(($(date +%s) + 6)); turns=0
while [ "$turns" -lt 60 ]; do
  show
  sleep 0.1 2>/dev/null || { sleep 1; turns=$((turns + 9)); }
  turns=$((turns + 1))
  if [ $((turns % 10)) = 0 ]; then
    ours || { show; lost; }
    [ "$(date +%s)" -lt "$until" ] || break
  fi
done
exit 4
`;

/** Removes the run's directory once its processes are gone, those of runs long dead, and what is long over. Input: run. */
export const sweepScript = `${ours}
${forgetScript}
IFS= read -r run
RUN=$STATE/runs/$run
turns=0
while run_alive "$RUN" && [ "$turns" -lt 50 ]; do sleep 0.1 2>/dev/null || sleep 1; turns=$((turns + 1)); done
run_alive "$RUN" || [ -e "$STATE/lock/$run" ] || rm -rf "$RUN"
case $(cat "$STATE/last-end" 2>/dev/null) in "$run"*finished*) rm -f "$STATE/last-end" ;; esac
sweep_old_runs
forget_closed
exit 0
`;
