import { runChecked } from "./frame";
import { lockScript } from "./scripts/lock";
import { processScript } from "./scripts/process";
import type { HostSession } from "./session";

/** Who holds the mail host. */
export interface LockHolder {
  /** Who started the run, as it told: `user@laptop pid 12, stack dev`. */
  owner: string;
  /** Whether its process on the host lives; a dead one is ended by the next run. */
  alive: boolean;
}

const script = `${processScript}${lockScript}
run=$(lock_holder)
[ -n "$run" ] || exit 0
alive=no; ! run_alive "$STATE/runs/$run" || alive=yes
printf '%s %s\\n' "$alive" "$(sed -n 's/^owner=//p' "$STATE/runs/$run/settings" 2>/dev/null)"
`;

/** The run that holds the lock of the mail host now, if any. Changes nothing. Throws `SSH_FAILED`, `TIMEOUT`. */
export async function lockHolder(session: HostSession): Promise<LockHolder | undefined> {
  const answer = await runChecked(session, { script, doing: "asking who holds the mail host", timeout: 30 });
  const [, alive, owner] = /^(yes|no) (.*)$/m.exec(answer) ?? [];
  return alive === undefined ? undefined : { owner: owner || "an unknown run", alive: alive === "yes" };
}
