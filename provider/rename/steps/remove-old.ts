import { codeOf, KerioError } from "../../errors";
import { removeUsers, type RemovalRequest } from "../../kerio/methods/users";
import { Deadline, waitFor } from "../../retry";
import { explainItemError, isNoSuch } from "../item-errors";
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

/** The same where the server refuses to remove an account that nobody is known to have removed already. */
export const refusalPatience = 5;

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
    for (const renaming of strays) tellStray(renaming);
    const refusals = await send(
      run,
      ready,
      ready.map((renaming) => {
        const isStray = strays.includes(renaming);
        return {
          userId: renaming.record.oldId,
          method: isStray ? "UMoveFolder" : "UDeleteUser",
          removeReferences: false,
          targetUserId: isStray ? (accounts.get(renaming)?.fresh?.id ?? "") : "",
        };
      }),
    );
    for (const renaming of strays) if (refusals.get(renaming)?.mayGo === false) takeBackStray(renaming);
    await judge(run, refusals);
    await waitUntilGone(
      run,
      ready.filter((renaming) => !refusals.has(renaming)),
    );
  },
};

/** Why the server did not take a removal. */
interface Refusal {
  reason: string;
  /** Whether the account may be going all the same: an earlier removal is being carried out. */
  mayGo: boolean;
}

/** Sends the removals. Until the server has said no to the only one that was sent, an account is held to be going. */
async function send(
  run: RunContext,
  renamings: Renaming[],
  removals: RemovalRequest[],
): Promise<Map<Renaming, Refusal>> {
  const sentBefore = new Set(renamings.filter((renaming) => renaming.removalSent));
  for (const renaming of renamings) renaming.removalSent = true;
  try {
    const results = await removeUsers(run.server.client, removals, { relogin: false, itemwise: true });
    return new Map(
      renamings.flatMap((renaming, index): [Renaming, Refusal][] => {
        const result = results[index];
        if (result?.ok !== false) return [];
        const mayGo = sentBefore.has(renaming) || isNoSuch(result.error);
        return [[renaming, { reason: explainItemError(result.error), mayGo }]];
      }),
    );
  } catch (error) {
    const isUnsent = error instanceof KerioError && error.outcome !== "unknown";
    if (isUnsent) for (const renaming of renamings) renaming.removalSent = sentBefore.has(renaming);
    throw error;
  }
}

/** Judges the refused ones by what becomes of their accounts: "it does not exist" is also said of one that is going. */
async function judge(run: RunContext, refusals: Map<Renaming, Refusal>): Promise<void> {
  const all = [...refusals.keys()];
  const going = all.filter((renaming) => refusals.get(renaming)?.mayGo);
  const left = [
    ...(await leftAfter(run, going, removalPatience)),
    ...(await leftAfter(
      run,
      all.filter((renaming) => !going.includes(renaming)),
      refusalPatience,
    )),
  ];
  for (const renaming of left) {
    const { reason = "", mayGo = true } = refusals.get(renaming) ?? {};
    renaming.removalSent = mayGo;
    renaming.failure = mayGo ? stillThere(renaming, reason) : refused(renaming, reason);
  }
}

/** Those whose old account is still listed when that time is over, or whose account may be any time soon. */
async function leftAfter(run: RunContext, renamings: Renaming[], seconds: number): Promise<Renaming[]> {
  try {
    await waitUntilGone(run, renamings, seconds);
    return [];
  } catch (error) {
    if (codeOf(error) !== "TIMEOUT") throw error;
  }
  lookAgain(run);
  const accounts = await seeAccounts(run, renamings);
  return renamings.filter((renaming) => accounts.get(renaming)?.old !== undefined);
}

/** The mailboxes of those who go on under a temporary name: their old name is about to become somebody else's. */
function parkedOf(run: RunContext, renamings: Renaming[]): string[] {
  const leaving = new Set(renamings.filter((r) => r.record.transientFor !== undefined).map((r) => r.record.oldId));
  return run.snapshot.renames.flatMap(({ follows, mailbox }) =>
    follows !== undefined && leaving.has(follows) && mailbox ? [mailbox.inode] : [],
  );
}

async function waitUntilGone(run: RunContext, renamings: Renaming[], seconds = removalPatience): Promise<void> {
  if (renamings.length === 0) return;
  await waitFor(
    {
      what: "the old account to be gone from the server's list",
      object: renamings.map((renaming) => `user ${oldAddress(renaming.record)}`).join(", "),
      deadline: Deadline.in(seconds),
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

function stillThere(renaming: Renaming, reason: string): Error {
  return renameError("RENAME_OPEN", renaming.record, {
    doing: "removing the old account",
    happened: `its removal was sent, the server answers now: ${reason}, and the account is still in its list`,
    next: "It may go at any moment, so nothing is taken back. Run `pulumi up` again when it is gone; it goes on from here.",
  });
}

/** Told before the removal is sent: an answer that is lost must not keep the person from knowing where to look. */
function tellStray(renaming: Renaming): void {
  takeBackStray(renaming);
  renaming.notes.push(strayNote(renaming));
}

function takeBackStray(renaming: Renaming): void {
  renaming.notes = renaming.notes.filter((note) => note !== strayNote(renaming));
}

function strayNote(renaming: Renaming): string {
  return (
    `Mail that arrived for ${oldAddress(renaming.record)} during the rename lies in the new mailbox, in the folder ` +
    `"Deleted mailbox - ${oldAddress(renaming.record)}".`
  );
}
