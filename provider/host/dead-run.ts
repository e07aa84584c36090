import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { runChecked } from "./frame";
import { forgetScript } from "./scripts/forget";
import { lockScript } from "./scripts/lock";
import { processScript } from "./scripts/process";
import type { HostSession } from "./session";
import { detached, supervisorProgram } from "./supervisor-script";

/** What {@link clearDeadRun} found. */
export interface DeadRun {
  /** Whether the lock was held by a run without a living process. */
  found: boolean;
  /** What was done about it, a phrase for the log; empty when there was none. */
  detail: string;
}

/** Prints nothing, or the seconds that the dead run's service may take. Input: run, then the program. */
const beginScript = `${processScript}${lockScript}${forgetScript}
IFS= read -r run
RUN=$STATE/runs/$run
sweep_old_runs
forget_closed
holder=$(lock_holder)
[ -n "$holder" ] && ! run_alive "$STATE/runs/$holder" || exit 0
mkdir -p "$STATE/runs" && mkdir "$RUN" && printf 'owner=a run that clears away a dead one\\n' >"$RUN/settings" &&
  cat >"$RUN/program" || { rm -rf "$RUN"; exit 1; }
${detached('clear "$RUN"')}
limits=$(awk -F = '$1 == "stop" || $1 == "start" { sum += $2 } END { printf "%d", sum }' "$STATE/runs/$holder/settings" 2>/dev/null)
printf '%s\\n' "\${limits:-0}"
`;

/** Waits up to 5 seconds; prints the state once the clearing has ended. Input: run. */
const stateScript = `${processScript}${lockScript}
IFS= read -r run
RUN=$STATE/runs/$run
turns=0
while [ "$turns" -lt 15 ]; do
  if [ -f "$RUN/unstarted" ]; then printf 'cleared the service could not be started: %s; it is tried again\n' "$(head -n 1 "$RUN/unstarted")"; exit 0; fi
  if ! run_alive "$RUN"; then
    # Its last word is written before its end.
    if [ -s "$RUN/state" ]; then cat "$RUN/state"; rm -rf "$RUN"; exit 0; fi
    if [ "$turns" -gt 5 ]; then tail -n 5 "$RUN/log" >&2; [ -e "$STATE/lock/$run" ] || [ ! -s "$RUN/launched" ] || rm -rf "$RUN"; exit 1; fi
  fi
  sleep 0.3 2>/dev/null || { sleep 1; turns=$((turns + 2)); }
  turns=$((turns + 1))
done
`;

/**
 * Brings a run to its end whose supervisor and guard have both died: the service that it stopped in this boot is
 * started, its moves are taken back, its lock is freed. It needs SSH alone, none of the server's answers: with its
 * service stopped the server has none to give.
 *
 * The work is done by a process on the host that outlives this connection. Waits for it at most twice as long as the
 * dead run's service might take to stop and start, and two minutes; then it goes on unheard, and `detail` says so. A
 * living run is left alone, also one that is clearing this one away: `found` is false. Throws `SSH_FAILED`, `TIMEOUT`.
 */
export async function clearDeadRun(session: HostSession): Promise<DeadRun> {
  const run = `clear${randomBytes(8).toString("hex")}`;
  const doing = "clearing away a run that died";
  const began = await runChecked(session, {
    script: beginScript,
    input: `${run}\n${supervisorProgram}`,
    doing,
    timeout: 60,
  });
  if (began.trim() === "") return { found: false, detail: "" };
  const until = performance.now() + (2 * Number(began) + 120) * 1000;
  while (performance.now() < until) {
    const state = await runChecked(session, { script: stateScript, input: `${run}\n`, doing, timeout: 30 });
    const [what = "", ...detail] = state.trim().split(" ");
    if (what !== "") return { found: what === "cleared", detail: detail.join(" ") };
    await sleep(200);
  }
  return { found: true, detail: "it is still being brought to its end" };
}
