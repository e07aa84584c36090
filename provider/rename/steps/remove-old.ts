import { removeUsers } from "../../kerio/methods/users";
import { Deadline, waitFor } from "../../retry";
import { explainItemError } from "../item-errors";
import {
  alive,
  lookAgain,
  oldAddress,
  plannedInodes,
  renameError,
  seeAccounts,
  seeDirectories,
  type Renaming,
  type RunContext,
} from "../run-context";
import type { Step } from "./step";

/** Seconds the server may take to carry out a removal it has accepted. */
export const removalPatience = 120;

/**
 * The point of no return: removes the old accounts, by id, without their mail and without touching references. Never
 * before the new account has been seen with the mailbox. Messages that reached the old name since the start go into
 * the new mailbox by the server's own means.
 */
export const removeOld: Step = {
  name: "remove-old",
  unseen: "the old account is still in the server's list",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    return alive(run).filter((renaming) => accounts.get(renaming)?.old !== undefined);
  },
  async act(run, pending) {
    lookAgain(run);
    const accounts = await seeAccounts(run, pending);
    const directories = await seeDirectories(run, pending);
    const ready = pending.filter((renaming) => {
      const { fresh } = accounts.get(renaming) ?? {};
      const seen = directories.get(renaming);
      const safe =
        fresh !== undefined &&
        fresh.isEnabled === renaming.record.enabled &&
        (renaming.record.mailbox === undefined || seen?.mailboxAt === "to");
      if (!safe) renaming.failure = notSafe(renaming);
      return safe;
    });
    const planned = plannedInodes(run.snapshot);
    const strays = ready.filter((renaming) => {
      const from = directories.get(renaming)?.from;
      return from !== undefined && from.messages > 0 && !planned.has(from.inode);
    });
    if (ready.length === 0) return;
    const parked = parkedOf(run, ready);
    if (parked.length > 0) await run.supervisor.keepParked(parked);
    // The last look at the lock: after a long sleep the host has gone on without us, and the session is over.
    await run.supervisor.beat();
    const results = await removeUsers(
      run.server.client,
      ready.map((renaming) => {
        const isStray = strays.includes(renaming);
        return {
          userId: renaming.record.oldId,
          method: isStray ? "UMoveFolder" : "UDeleteUser",
          removeReferences: false,
          targetUserId: isStray ? (accounts.get(renaming)?.fresh?.id ?? "") : "",
        };
      }),
      { relogin: false },
    );
    ready.forEach((renaming, index) => {
      const result = results[index];
      if (result?.ok === false) renaming.failure = refused(renaming, explainItemError(result.error));
      else if (strays.includes(renaming)) renaming.notes.push(strayNote(renaming));
    });
    await waitUntilGone(
      run,
      ready.filter((renaming) => renaming.failure === undefined),
    );
  },
};

/** The mailboxes of those who go on under a temporary name: their old name is about to become somebody else's. */
function parkedOf(run: RunContext, renamings: Renaming[]): string[] {
  const leaving = new Set(renamings.filter((r) => r.record.transientFor !== undefined).map((r) => r.record.oldId));
  return run.snapshot.renames.flatMap(({ follows, mailbox }) =>
    follows !== undefined && leaving.has(follows) && mailbox ? [mailbox.inode] : [],
  );
}

async function waitUntilGone(run: RunContext, renamings: Renaming[]): Promise<void> {
  if (renamings.length === 0) return;
  await waitFor(
    {
      what: "the old account to be gone from the server's list",
      object: renamings.map((renaming) => `user ${oldAddress(renaming.record)}`).join(", "),
      deadline: Deadline.in(removalPatience),
      every: 500,
    },
    async () => {
      lookAgain(run);
      const accounts = await seeAccounts(run, renamings);
      return renamings.some((renaming) => accounts.get(renaming)?.old) ? undefined : true;
    },
  );
}

function notSafe(renaming: Renaming): Error {
  return renameError("RENAME_OPEN", renaming.record, {
    doing: "removing the old account",
    happened: "the new account was not seen enabled and with the mailbox, so the old one was left alone",
    next: "Run `pulumi up` again; it looks at the server and goes on from there.",
  });
}

function refused(renaming: Renaming, reason: string): Error {
  return renameError("RENAME_OPEN", renaming.record, {
    doing: "removing the old account",
    happened: `the server refused it: ${reason}`,
    next: "The new account is in use already. Correct the cause and run `pulumi up` again; it goes on from here.",
  });
}

function strayNote(renaming: Renaming): string {
  return (
    `Mail that arrived for ${oldAddress(renaming.record)} during the rename lies in the new mailbox, in the folder ` +
    `"Deleted mailbox - ${oldAddress(renaming.record)}".`
  );
}
