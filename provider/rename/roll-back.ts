import { clearNewNames, leftDirectory, moveBack } from "./bring-home";
import { giveBack } from "./give-back";
import { holdForNames, keepNames } from "./keep-names";
import { missingLifted, restoreLifted, type Kept } from "./lifted-aliases";
import { Problems, reasonOf } from "./problems";
import { removeFresh } from "./remove-fresh";
import { renameStates, seeStates, type RenameState } from "./rename-state";
import {
  isHome,
  lookAgain,
  renameError,
  seeAccounts,
  seeDirectories,
  type Renaming,
  type RunContext,
} from "./run-context";
import { writeDown } from "./save-results";
import { personOf, resultKey } from "./snapshot";
import { mustGoOn, standingsOf } from "./standing";
import { whoHasAddresses } from "./steps/addresses";
import { whereItStands } from "./where-it-stands";

/**
 * Gives everything back to the old accounts: seat, memberships, aliases, the directory (with a second stop where it had
 * moved already or waits in parking), and removes the accounts that this run made, by id and mark, where the mailbox no
 * longer lies under their name. Renamings whose old account is gone are past the point of no return and are left alone,
 * and so are those whose names they need. Sets each `failure` to an error that says in what state the server is: rolled
 * back only where it was seen to be.
 */
export async function rollBack(run: RunContext, failed: Renaming[]): Promise<void> {
  const problems = new Problems();
  let given = new Set<Renaming>();
  let settled: Renaming[] = [];
  let refused = new Set<Kept>();
  const reasons = new Map(failed.map((renaming) => [renaming, renaming.failure]));
  let back: Renaming[] = [];
  const attempt = async (concerned: readonly Renaming[], work: () => Promise<void>) => {
    await problems.among(concerned, async () => {
      await run.supervisor.beat();
      await work();
    });
    lookAgain(run);
  };
  lookAgain(run);
  await attempt(failed, async () => {
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
    await attempt(back, async () => {
      given = await whoGaveAway(run, back);
      settled = back.filter((renaming) => !given.has(renaming) && renaming.record.follows === undefined);
      await keepNames(run, back);
      const unseated = await giveBack(run, [...given], problems);
      await noteOwed(run, [...given], unseated);
      settled = back;
    });
    // What could not be given back stays where the next run finds it: a mailbox under the new name means that it goes on.
    await attempt(settled, () => moveBack(run, settled, problems));
    await attempt(settled, () => holdForNames(run, settled));
    await attempt(settled, () => removeFresh(run, settled, problems));
    await attempt(settled, () => keepNames(run, settled));
    await attempt(settled, async () => {
      refused = await restoreLifted(run, settled, problems);
    });
    await attempt(settled, () => clearNewNames(run, settled, problems));
    await run.hooks.after("roll-back");
  }
  for (const renaming of failed) renaming.failure = undefined;
  await attempt(failed, async () => {
    for (const renaming of await whoIsAsBefore(run, settled, given, refused)) {
      renaming.failure = rolledBack(renaming, reasons.get(renaming), problems.of(renaming));
      run.snapshot.results[resultKey(renaming.record)] = { rolledBack: true };
    }
  });
  const open = failed.filter((renaming) => renaming.failure === undefined);
  let states: Awaited<ReturnType<typeof seeStates>> | undefined;
  let where: Awaited<ReturnType<typeof whereItStands>> | undefined;
  await attempt(open, async () => {
    if (open.length === 0) return;
    states = await seeStates(run, [...new Set([...run.renamings, ...failed])]);
    where = await whereItStands(run, open);
  });
  for (const renaming of open) {
    const state = states?.get(renaming) ?? "unknown";
    const told = problems.of(renaming);
    renaming.failure = stillOpen(renaming, reasons.get(renaming), told, state, where?.get(renaming));
  }
}

/**
 * The renamings whose new account may have got something of the old one. Before the mailbox bears the new name, or where
 * there is none, before the swap, nothing is given away: what the old account lacks then, an administrator has taken. The
 * second half of a rename in two has its own account nowhere yet; the first half gets everything back.
 */
async function whoGaveAway(run: RunContext, back: Renaming[]): Promise<Set<Renaming>> {
  const accounts = await seeAccounts(run, back);
  const directories = await seeDirectories(run, back);
  const gaveAway = back.filter((renaming) => {
    const { record } = renaming;
    const { fresh } = accounts.get(renaming) ?? {};
    const { madeId, owed = false, swapBegun = false } = run.snapshot.results[resultKey(record)] ?? {};
    if (record.follows !== undefined || (fresh === undefined && madeId === undefined)) return false;
    if (owed) return true;
    if (record.mailbox === undefined) return swapBegun;
    if (!isHome(record, directories.get(renaming) ?? { mailboxAt: "neither" })) return true;
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
  await writeDown(run);
}

/**
 * The renamings whose old account was seen as it was: with its seat, addresses and mailbox, and the aliases of the new name,
 * without a double or what one left. Both halves of a rename in two, or neither. An alias that the server refuses is told,
 * like a group or list that refuses its member: somebody else may have the name by now, and for good.
 */
async function whoIsAsBefore(
  run: RunContext,
  back: Renaming[],
  given: Set<Renaming>,
  refused: Set<Kept>,
): Promise<Renaming[]> {
  const accounts = await seeAccounts(run, back);
  const directories = await seeDirectories(run, back);
  const reached = new Set(await whoHasAddresses(run, back, accounts));
  const missing = await missingLifted(run, back);
  const isAsBefore = (renaming: Renaming): boolean => {
    const { before, mailbox, follows } = renaming.record;
    const { old, fresh } = accounts.get(renaming) ?? {};
    if (fresh || (old === undefined) !== (follows !== undefined)) return false;
    if (given.has(renaming) && (old?.isEnabled !== before.isEnabled || !reached.has(renaming))) return false;
    const { aliases = [], isTaken = false } = missing.get(renaming) ?? {};
    if (!isTaken && aliases.some((alias) => !refused.has(alias))) return false;
    if (leftDirectory(run, renaming, directories.get(renaming), accounts.get(renaming))) return false;
    return mailbox === undefined || isHome(renaming.record, directories.get(renaming) ?? { mailboxAt: "neither" });
  };
  const lacking = new Set(back.filter((renaming) => !isAsBefore(renaming)).map(({ record }) => personOf(record)));
  return back.filter(({ record }) => !lacking.has(personOf(record)));
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
