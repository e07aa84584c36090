import { runChecked } from "./frame";
import { lockScript } from "./scripts/lock";
import { processScript } from "./scripts/process";
import type { HostSession } from "./session";

/** Who holds the mail host. */
export interface LockHolder {
  /** Who started the run, as it told: `user@laptop pid 12, stack dev`; and what keeps its supervisor from ending it. */
  owner: string;
  /** Whether its process on the host lives; a dead one is ended by the next run. */
  alive: boolean;
  /** What the service manager said last, where the run's supervisor could not start the service and goes on trying. */
  unstarted?: string;
}

const script = `${processScript}${lockScript}
run=$(lock_holder)
[ -n "$run" ] || exit 0
alive=no; ! run_alive "$STATE/runs/$run" || alive=yes
printf '%s %s\\n' "$alive" "$(owner_of "$STATE/runs/$run")"
[ ! -f "$STATE/runs/$run/unstarted" ] || printf 'unstarted %s\\n' "$(head -n 1 "$STATE/runs/$run/unstarted")"
`;

/** The run that holds the lock of the mail host now, if any. Changes nothing. Throws `SSH_FAILED`, `TIMEOUT`. */
export async function lockHolder(session: HostSession): Promise<LockHolder | undefined> {
  const answer = await runChecked(session, { script, doing: "asking who holds the mail host", timeout: 30 });
  const [, alive, owner] = /^(yes|no) (.*)$/m.exec(answer) ?? [];
  if (alive === undefined || owner === undefined) return undefined;
  const unstarted = /^unstarted (.*)$/m.exec(answer)?.[1];
  return { owner, alive: alive === "yes", ...(unstarted !== undefined && { unstarted }) };
}
