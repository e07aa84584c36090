import { codeOf, KerioError, messageOf } from "../errors";
import { removeEmptyMailbox, type Mailbox } from "../host/directories";
import { updateSnapshot } from "../host/snapshot-store";
import { removeUsers } from "../kerio/methods/users";
import { Deadline, waitFor } from "../retry";
import { giveBack } from "./give-back";
import { renameStates, seeStates, type RenameState } from "./rename-state";
import {
  homePath,
  lookAgain,
  newAddress,
  oldAddress,
  parkedName,
  plannedInodes,
  renameError,
  seeAccounts,
  seeDirectories,
  type Directories,
  type Renaming,
  type RunContext,
} from "./run-context";
import { resultKey, writeText } from "./snapshot";
import { mustGoOn, standingsOf } from "./standing";
import { whoHasAddresses } from "./steps/addresses";
import { removalPatience } from "./steps/remove-old";
import { waitForService } from "./steps/window";
import { whereItStands } from "./where-it-stands";

/**
 * Gives everything back to the old accounts: seat, memberships, aliases, the directory (with a second stop where it had
 * moved already or waits in parking), and removes the accounts that this run made, by id and mark, where the mailbox no
 * longer lies under their name. Renamings whose old account is gone are past the point of no return and are left alone,
 * and so are those whose names they need. Sets each `failure` to an error that says in what state the server is: rolled
 * back only where it was seen to be.
 */
export async function rollBack(run: RunContext, failed: Renaming[]): Promise<void> {
  const problems: string[] = [];
  let given = new Set<Renaming>();
  let settled: Renaming[] = [];
  const reasons = new Map(failed.map((renaming) => [renaming, renaming.failure]));
  let back: Renaming[] = [];
  const attempt = async (work: () => Promise<void>) => {
    try {
      await run.supervisor.beat();
      await work();
    } catch (error) {
      if (codeOf(error) === "LOCK_LOST") throw error;
      problems.push(reasonOf(error));
    }
    lookAgain(run);
  };
  lookAgain(run);
  await attempt(async () => {
    const all = [...new Set([...run.renamings, ...failed])];
    const standings = standingsOf(all, await seeAccounts(run, all), await seeDirectories(run, all));
    const must = mustGoOn([...standings.values()]);
    back = failed.filter((renaming) => {
      const standing = standings.get(renaming);
      return standing !== undefined && !must.has(standing);
    });
  });
  if (back.length > 0) {
    await run.hooks.before("roll-back");
    // The second half of a rename in two has its own account nowhere yet; the first half gets everything back.
    await attempt(async () => {
      given = await whoGaveAway(run, back);
      settled = back.filter((renaming) => !given.has(renaming) && renaming.record.follows === undefined);
      const unseated = await giveBack(run, [...given], problems);
      await noteOwed(run, [...given], unseated);
      settled = back;
    });
    // What could not be given back stays where the next run finds it: a mailbox under the new name means that it goes on.
    await attempt(() => moveBack(run, settled));
    await attempt(() => removeFresh(run, settled, problems));
    await attempt(() => clearNewNames(run, settled));
    await run.hooks.after("roll-back");
  }
  for (const renaming of failed) renaming.failure = undefined;
  await attempt(async () => {
    for (const renaming of await whoIsAsBefore(run, settled, given)) {
      renaming.failure = rolledBack(renaming, reasons.get(renaming), problems);
      run.snapshot.results[resultKey(renaming.record)] = { rolledBack: true };
    }
  });
  const open = failed.filter((renaming) => renaming.failure === undefined);
  let states: Awaited<ReturnType<typeof seeStates>> | undefined;
  let where: Awaited<ReturnType<typeof whereItStands>> | undefined;
  await attempt(async () => {
    if (open.length === 0) return;
    states = await seeStates(run, [...new Set([...run.renamings, ...failed])]);
    where = await whereItStands(run, open);
  });
  for (const renaming of open) {
    const state = states?.get(renaming) ?? "unknown";
    renaming.failure = stillOpen(renaming, reasons.get(renaming), problems, state, where?.get(renaming));
  }
}

/**
 * The renamings whose new account may have got something of the old one. Before the mailbox bears the new name nothing is
 * given away: what the old account lacks then, an administrator has taken. The second half of a rename in two has its own
 * account nowhere yet; the first half gets everything back.
 */
async function whoGaveAway(run: RunContext, back: Renaming[]): Promise<Set<Renaming>> {
  const accounts = await seeAccounts(run, back);
  const directories = await seeDirectories(run, back);
  const gaveAway = back.filter((renaming) => {
    const { record } = renaming;
    const { fresh } = accounts.get(renaming) ?? {};
    const { madeId, owed = false } = run.snapshot.results[resultKey(record)] ?? {};
    if (record.follows !== undefined || (fresh === undefined && madeId === undefined)) return false;
    if (owed) return true;
    if (record.mailbox === undefined || directories.get(renaming)?.mailboxAt !== "from") return true;
    return fresh?.isEnabled === true || (fresh?.userGroups ?? []).length > 0;
  });
  return new Set(gaveAway);
}

/** Written down before the mailbox goes home: from then on it looks as if an administrator had taken what is missing. */
async function noteOwed(run: RunContext, given: Renaming[], unseated: Renaming[]): Promise<void> {
  lookAgain(run);
  const reached = new Set(await whoHasAddresses(run, given, await seeAccounts(run, given)));
  const owed = given.filter((renaming) => unseated.includes(renaming) || !reached.has(renaming));
  if (owed.length === 0) return;
  for (const { record } of owed) {
    const key = resultKey(record);
    run.snapshot.results[key] = { ...run.snapshot.results[key], owed: true };
  }
  await updateSnapshot(run.host, run.snapshot.id, writeText(run.snapshot));
}

/** The renamings whose old account was seen as it was: with its seat, addresses and mailbox, without a double or what one left. */
async function whoIsAsBefore(run: RunContext, back: Renaming[], given: Set<Renaming>): Promise<Renaming[]> {
  const accounts = await seeAccounts(run, back);
  const directories = await seeDirectories(run, back);
  const reached = new Set(await whoHasAddresses(run, back, accounts));
  return back.filter((renaming) => {
    const { before, mailbox, follows } = renaming.record;
    const { old, fresh } = accounts.get(renaming) ?? {};
    if (fresh || (old === undefined) !== (follows !== undefined)) return false;
    if (given.has(renaming) && (old?.isEnabled !== before.isEnabled || !reached.has(renaming))) return false;
    if (leftDirectory(run, renaming, directories.get(renaming))) return false;
    return mailbox === undefined || directories.get(renaming)?.mailboxAt === "from";
  });
}

async function moveBack(run: RunContext, back: Renaming[]): Promise<void> {
  const directories = await seeDirectories(run, back);
  const isAway = (place?: string): place is "to" | "parked" => place === "to" || place === "parked";
  const moved = back.filter((r) => r.record.mailbox !== undefined && isAway(directories.get(r)?.mailboxAt));
  if (moved.length === 0) return;
  run.server.log.warn("Stopping the mail service once more, to give mailboxes back to their old names.");
  let failure: unknown;
  try {
    await moveWhileStopped(run, moved);
  } catch (error) {
    failure = error;
  }
  if (codeOf(failure) === "LOCK_LOST") throw failure;
  await run.supervisor.start();
  await waitForService(run);
  if (failure !== undefined) throw failure;
}

async function moveWhileStopped(run: RunContext, moved: Renaming[]): Promise<void> {
  const stopped = await run.supervisor.stop();
  if (!stopped.inactive || !stopped.processGone)
    throw notGivenBack(moved, `the service did not stop: ${stopped.detail}`);
  lookAgain(run);
  const directories = await seeDirectories(run, moved);
  const planned = plannedInodes(run.snapshot);
  const reports = await run.supervisor.move(
    moved.map((renaming) => {
      const { record } = renaming;
      const { home, mailboxAt } = directories.get(renaming) ?? {};
      return {
        inode: record.mailbox?.inode ?? "",
        from: mailboxAt === "parked" ? `${record.parking}/${parkedName(record)}` : `${record.domainPath}/${record.to}`,
        to: homePath(record),
        directory: record.domainPath,
        parking: record.parking,
        // A circle's other mailbox may lie there: nobody's is ever put aside.
        ...(planned.has(home?.inode ?? "") ? {} : { aside: "ours" as const }),
      };
    }),
  );
  const refused = reports.find((report) => !report.ok);
  if (refused) throw notGivenBack(moved, refused.reason ?? "the mail host gave no reason");
}

function notGivenBack(moved: Renaming[], happened: string): KerioError {
  return new KerioError("RENAME_OPEN", {
    object: moved.map(({ record }) => `mailbox of ${oldAddress(record)}`).join(", "),
    doing: "giving it back to its old name",
    happened,
    outcome: "rejected",
  });
}

async function removeFresh(run: RunContext, back: Renaming[], problems: string[]): Promise<void> {
  const accounts = await seeAccounts(run, back);
  const before = await seeDirectories(run, back);
  const made = back.flatMap((renaming) => {
    const fresh = accounts.get(renaming)?.fresh;
    // A mailbox that could not be given back keeps its account: whoever took the name meanwhile would get it.
    if (renaming.record.mailbox !== undefined && before.get(renaming)?.mailboxAt === "to") return [];
    if (!fresh) return [];
    if ((fresh.description ?? "").includes(run.snapshot.mark)) return [{ renaming, id: fresh.id }];
    problems.push(
      `user ${newAddress(renaming.record)}: somebody has changed its description, so it is left alone; remove it, without its mail`,
    );
    return [];
  });
  if (made.length === 0) return;
  await removeUsers(
    run.server.client,
    made.map(({ id, renaming }) => {
      const to = before.get(renaming)?.to;
      const hasMail = to !== undefined && to.messages > 0 && to.inode !== renaming.record.mailbox?.inode;
      return hasMail
        ? { userId: id, method: "UMoveFolder", removeReferences: false, targetUserId: renaming.record.oldId }
        : { userId: id, method: "UDeleteUser", removeReferences: false, targetUserId: "" };
    }),
    { relogin: false },
  );
  await waitFor(
    {
      what: "the unfinished account to be gone from the server's list",
      object: made.map(({ renaming }) => `user ${newAddress(renaming.record)}`).join(", "),
      deadline: Deadline.in(removalPatience),
      every: 500,
    },
    async () => {
      lookAgain(run);
      const left = await seeAccounts(run, back);
      return made.some(({ renaming }) => left.get(renaming)?.fresh !== undefined) ? undefined : true;
    },
  );
}

/**
 * Removes the empty directories that accounts of this run have left under the new names, also where the answer to their
 * removal was lost or a run died behind it: the next attempt would take them for a leaver's mail.
 */
async function clearNewNames(run: RunContext, back: Renaming[]): Promise<void> {
  const accounts = await seeAccounts(run, back);
  const directories = await seeDirectories(run, back);
  for (const renaming of back) {
    const { fresh, stranger } = accounts.get(renaming) ?? {};
    const left = leftDirectory(run, renaming, directories.get(renaming));
    if (fresh || stranger || !left || left.messages > 0) continue;
    await removeEmptyMailbox(run.host, `${renaming.record.domainPath}/${renaming.record.to}`, left.inode);
  }
}

/** A directory under the new name that was not there before the run, and is not the mailbox. */
function leftDirectory(run: RunContext, { record }: Renaming, seen: Directories | undefined): Mailbox | undefined {
  const wasThere = run.snapshot.directories[record.domain]?.includes(record.to) ?? false;
  return wasThere || seen?.to?.inode === record.mailbox?.inode ? undefined : seen?.to;
}

function rolledBack(renaming: Renaming, reason: unknown, problems: string[]): Error {
  const state =
    problems.length === 0
      ? "The server is as it was before: the old account has its mail, memberships and addresses."
      : "The old account has its mailbox; look at what is told above, it could not be given back.";
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "renaming",
    happened: `${reasonOf(reason)}${met(problems)}`,
    next: `${state} Correct the cause and run \`pulumi up\` again.`,
    cause: reason,
  });
}

function met(problems: string[]): string {
  return problems.length > 0 ? `; rolling back met: ${problems.join("; ")}` : "";
}

function stillOpen(renaming: Renaming, reason: unknown, problems: string[], state: RenameState, where = ""): Error {
  return renameError("RENAME_OPEN", renaming.record, {
    doing: "renaming",
    happened: `${reasonOf(reason)}${met(problems)}`,
    next:
      `It stopped half-way: ${renameStates[state]}. ${where && `${where} `}What was done so far is written down on the mail host. Run \`pulumi up\` ` +
      "again; it looks at the server and goes on from there.",
    cause: reason,
  });
}

/** What happened, without the advice that belongs to it alone: the paragraph has one of its own. */
function reasonOf(reason: unknown): string {
  if (!(reason instanceof KerioError)) return messageOf(reason).replace(/\.$/, "");
  const { object, doing, happened } = reason.facts;
  return `${object}: ${doing} failed: ${happened} [${reason.code}]`;
}
