import { KerioError } from "../errors";
import { PartialFailure } from "./partial-failure";
import { newAddress, type Renaming, type RunContext } from "./run-context";
import { resultKey, type Snapshot } from "./snapshot";
import type { UserResult } from "./user-request";

/** What became of one request. */
export type Answer = { ok: true; value: UserResult } | { ok: false; error: unknown };

/** A renaming at its beginning; a password is needed where somebody waits for it. */
export function newRenaming(
  record: Renaming["record"],
  password: string | undefined,
  needsPassword: boolean,
): Renaming {
  return { record, password, needsPassword, passwordSet: false, incomplete: [], notes: [] };
}

/** What to tell the engine about one renaming, from what is seen on the server. */
export async function answerOf(run: Pick<RunContext, "server" | "snapshot">, renaming: Renaming): Promise<Answer> {
  const { record } = renaming;
  const newId = run.snapshot.results[resultKey(record)]?.newId;
  const users = await run.server.inventory.users(record.domain).catch((error: unknown) => {
    // With the service down nobody can look; why it is down is what matters then.
    if (renaming.failure !== undefined) return [];
    throw error;
  });
  const user = users.find((candidate) => candidate.id === newId);
  if (!user) return { ok: false, error: renaming.failure ?? lost(run.snapshot, renaming) };
  const result: UserResult = {
    userId: user.id,
    address: newAddress(record),
    mailboxPath: `${run.snapshot.storePath}/mail/${record.domain}/${record.to}`,
    initialPassword: renaming.initialPassword,
    notes: renaming.notes,
  };
  const cause = renaming.failure ?? (renaming.incomplete.length > 0 ? incomplete(renaming) : undefined);
  return cause === undefined ? { ok: true, value: result } : { ok: false, error: new PartialFailure(result, cause) };
}

function lost(snapshot: Snapshot, renaming: Renaming): KerioError {
  return new KerioError("RENAME_OPEN", {
    object: `user ${newAddress(renaming.record)}`,
    doing: "looking at the renamed account",
    happened: `the account that snapshot ${snapshot.id} names is not on the server`,
    outcome: "unknown",
    next: "Somebody changed it meanwhile. Look at the server's users, then run `pulumi refresh`.",
  });
}

function incomplete(renaming: Renaming): KerioError {
  return new KerioError("RENAME_OPEN", {
    object: `user ${newAddress(renaming.record)}`,
    doing: "looking at the result of the rename",
    happened: renaming.incomplete.join("; "),
    outcome: "rejected",
    next: renaming.mailboxUnseen
      ? "The new account is in use, without that mail. Find the directory on the mail host and, with the mail service stopped, bring it back to that name; then run `pulumi up` again."
      : "The mailbox has its new name and is in use. Correct this by hand, then run `pulumi up` again.",
  });
}
