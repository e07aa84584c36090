import { codeOf, messageOf } from "../errors";
import type { HostSession } from "../host/session";
import { listSnapshots, reopenSnapshot, type StoredSnapshot } from "../host/snapshot-store";
import { getUserById } from "./accounts";
import { clearAside } from "./clear-aside";
import { heedAddresses } from "./heed-addresses";
import { isAway } from "./is-away";
import { endGone, whatIsLost, whyPassedBy } from "./lost-domain";
import type { MailServer } from "./mail-server";
import { answerOf, newRenaming, type Answer } from "./renaming";
import { rollBack } from "./roll-back";
import { carryOut } from "./run";
import { renameError, seeAccounts, seeDirectories, type Look, type Renaming, type RunContext } from "./run-context";
import { saveResults } from "./save-results";
import { setPasswords } from "./steps/finish";
import {
  bornAs,
  isOpen,
  isSettled,
  lastingRenames,
  personOf,
  readStored,
  resultKey,
  writeText,
  type RenameRecord,
  type Snapshot,
} from "./snapshot";
import { goesBack, standingsOf } from "./standing";
import { noteStartedSince } from "./started-since";
import { trustSnapshot } from "./trust-snapshot";
import type { UserRequest } from "./user-request";
import { living, whereaboutsOf } from "./whereabouts";
import { whoHasLeft } from "./who-has-left";

/** The snapshots on the host that are not closed. */
export async function readOpen(host: HostSession): Promise<Snapshot[]> {
  return (await listSnapshots(host)).filter((stored) => stored.open).map(readStored);
}

/** Every snapshot on the host, closed ones too, as it is stored and as it reads. */
export async function readEach(host: HostSession): Promise<{ stored: StoredSnapshot; snapshot: Snapshot }[]> {
  return (await listSnapshots(host)).flatMap((stored) => {
    try {
      return [{ stored, snapshot: readStored(stored) }];
    } catch (error) {
      // A closed one of another version concerns nobody any more.
      if (stored.open) throw error;
      return [];
    }
  });
}

/** Every snapshot on the host, closed ones too. */
export async function readAll(host: HostSession): Promise<Snapshot[]> {
  return (await readEach(host)).map(({ snapshot }) => snapshot);
}

/**
 * The same without those of another server on that host, which may have the same names. Where nobody can ask where the
 * store is, because the server is away or does not tell this login, all are given.
 */
export async function readOwn(server: MailServer, host: HostSession): Promise<Snapshot[]> {
  const all = await readAll(host);
  const whereabouts = await whereaboutsOf(server, all).catch((error: unknown) => {
    if (codeOf(error) !== "API_REFUSED" && !isAway(error)) throw error;
    return undefined;
  });
  return all.filter((snapshot) => whereabouts?.get(snapshot) !== "elsewhere");
}

/**
 * The snapshots that a run looks at: the open ones, and those that were closed before the engine heard how their renames
 * ended, as long as the server knows one of the accounts. One whose domains are gone, or that is another server's, keeps nobody
 * waiting; renames of one domain that is gone are over.
 */
export async function readPending(server: MailServer, host: HostSession): Promise<Snapshot[]> {
  const pending = await readOpen(host);
  const open = new Set(pending.map((snapshot) => snapshot.id));
  const closed = (await readAll(host)).filter(({ id, recovered }) => recovered && !open.has(id));
  const whereabouts = await whereaboutsOf(server, [...pending, ...closed]);
  const known: Snapshot[] = [];
  for (const snapshot of [...pending, ...closed]) {
    const where = whereabouts.get(snapshot) ?? "here";
    const isPending = open.has(snapshot.id);
    if (where === "here") {
      const gone = await endGone(server, snapshot);
      if (isPending && gone.length > 0) server.log.warn(`Snapshot ${snapshot.id}: ${whatIsLost(gone)}`);
      if (isPending || (await isOfUse(server, snapshot))) known.push(snapshot);
    } else if (isPending) server.log.warn(await whyPassedBy(server, snapshot, where));
  }
  return known;
}

async function isOfUse({ client }: MailServer, snapshot: Snapshot): Promise<boolean> {
  const { results } = snapshot;
  for (const record of living(snapshot)) {
    const { domainId, oldId } = record;
    const { newId, heard, rolledBack, password } = results[resultKey(record)] ?? {};
    // Who has heard of an account whose password nobody knows has yet to hear that.
    if ((heard && password !== "random") || rolledBack || newId === undefined) continue;
    for (const id of [newId, oldId]) if (await getUserById(client, domainId, id)) return true;
  }
  return false;
}

/**
 * Brings an open snapshot to its end. Where it stopped is seen on the server, not remembered:
 *
 * | seen | done |
 * |---|---|
 * | finished, and the server still shows it | nothing; the request that asks for this rename gets it as its answer |
 * | finished, and neither account is there | nothing; the request is planned anew |
 * | old account, mailbox under the old name | what was made is removed again; the request is planned anew |
 * | old account, mailbox under the new name | forward |
 * | old account gone | forward |
 * | old account, mailbox parked | forward; back, where the one it waits for goes back |
 * | a temporary account | forward, and with it everybody whose name it needs |
 *
 * @param known what the engine has in its state already
 * @throws KerioError `RENAME_OPEN` when the snapshot does not fit the server and the host, with nothing touched
 */
export async function goOn(
  base: Omit<RunContext, "renamings" | "windowDone" | "seen">,
  requests: UserRequest[],
  known: { userId?: string; password?: boolean } = {},
): Promise<Map<UserRequest, Answer>> {
  const answers = new Map<UserRequest, Answer>();
  for (const [record, answer] of await endSnapshot(base, requests, known)) {
    const request = requests.find((one) => asksFor(one, record));
    const result = base.snapshot.results[resultKey(record)];
    if (!request || result?.rolledBack) continue;
    // Nobody is left whom an answer could be about: the request is planned anew, and refused with what has happened.
    if (!answer.ok && result?.finished && (await isGone(base.server, record, result.newId))) continue;
    const isAnother = result?.newId !== undefined && request.name !== record.to;
    answers.set(request, isAnother ? { ok: false, error: otherName(record, request) } : answer);
  }
  return answers;
}

/** Whether neither account of a rename is on the server. */
async function isGone({ inventory }: MailServer, record: RenameRecord, newId: string | undefined): Promise<boolean> {
  const ids = [record.oldId, personOf(record), newId];
  return !(await inventory.users(record.domain)).some((user) => ids.includes(user.id));
}

/** As {@link goOn}, and tells how each rename ended, whether or not a request asks for it. */
export async function endSnapshot(
  base: Omit<RunContext, "renamings" | "windowDone" | "seen">,
  requests: UserRequest[] = [],
  known: { userId?: string; password?: boolean } = {},
): Promise<Map<RenameRecord, Answer>> {
  const { snapshot, server } = base;
  const requestOf = (record: RenameRecord) => requests.find((request) => asksFor(request, record));
  const renamings = living(snapshot)
    .filter((record) => !snapshot.results[resultKey(record)]?.rolledBack)
    .map((record) => {
      const request = requestOf(record);
      if (request?.name === record.to && isOpen(snapshot, record)) heedAddresses(record, request);
      const isKnown = known.password === true && snapshot.results[resultKey(record)]?.password !== "random";
      return newRenaming(record, samePassword(record, request), request?.name === record.to && !isKnown);
    });
  const heldBefore = base.supervisor.isHolding;
  const run: RunContext = { ...base, heldBefore, renamings, windowDone: false, seen: new Map() };
  const unfinished = snapshot.renames.filter((record) => isOpen(snapshot, record));
  if (unfinished.length > 0) await trustSnapshot(server, base.host, snapshot, unfinished);
  const open = await whatIsOpen(run);
  const undone = open.map(({ record }) => record).filter((record) => !unfinished.includes(record));
  if (undone.length > 0) await trustSnapshot(server, base.host, snapshot, undone);
  const failed = new Map<RenameRecord, unknown>();
  if (open.length > 0) {
    const names = open
      .filter(({ record }) => record.transientFor === undefined)
      .map(({ record }) => `${bornAs(record)} → ${record.to}`)
      .join(", ");
    server.log.info(`An earlier run stopped half-way (${names}); it is finished first.`);
    if (snapshot.recovered) {
      delete snapshot.recovered;
      await reopenSnapshot(base.host, snapshot.id, writeText(snapshot));
    }
    const leavers = await whoHasLeft(run, open);
    for (const [{ record }, words] of leavers) {
      snapshot.results[resultKey(record)] = { rolledBack: true };
      server.log.warn(words);
    }
    const forward: RunContext = { ...run, renamings: open.filter((renaming) => !leavers.has(renaming)) };
    await noteStartedSince(forward);
    await noteMayGo(forward, forward.renamings);
    for (const unmoved of await rollBackUnmoved(forward)) failed.set(unmoved.record, unmoved.failure);
    await carryOut(forward);
  }
  server.inventory.invalidate();
  await setPasswords(
    run,
    renamings.filter((renaming) => !failed.has(renaming.record) && renaming.record.transientFor === undefined),
  );
  const ends = new Map<RenameRecord, Answer>();
  for (const renaming of renamings) {
    const { record } = renaming;
    ends.set(record, failed.has(record) ? { ok: false, error: failed.get(record) } : await answerOf(run, renaming));
  }
  noteWhoAsked(run, known.userId);
  await saveResults(run);
  return ends;
}

/**
 * The engine's state holds the account that it asks about. A password that it is only now about to be told may be lost with
 * the answer: that rename is not heard, and a snapshot that waits for nothing else is closed as one to be looked at.
 */
function noteWhoAsked({ snapshot, renamings }: RunContext, userId: string | undefined): void {
  const { results } = snapshot;
  for (const { record, initialPassword, failure } of renamings) {
    const result = results[resultKey(record)];
    if (result?.newId === undefined || result.newId !== userId || failure !== undefined) continue;
    results[resultKey(record)] = {
      ...result,
      ...(initialPassword === undefined ? { heard: true } : { inState: true }),
    };
  }
  const isToldToAll = lastingRenames(snapshot).every((record) => {
    const { heard, inState, rolledBack } = results[resultKey(record)] ?? {};
    return rolledBack || (!isOpen(snapshot, record) && (heard || inState));
  });
  if (userId !== undefined && isToldToAll && !isSettled(snapshot)) snapshot.recovered = true;
}

/**
 * Whose new account is in use with the mailbox: the earlier run may have sent the removal of the old one already. Not before
 * that is written down to have begun to hand over: an account that follows an alias is in use from the beginning.
 */
export async function noteMayGo(look: Look, renamings: Renaming[]): Promise<void> {
  const accounts = await seeAccounts(look, renamings);
  const directories = await seeDirectories(look, renamings);
  for (const renaming of renamings) {
    const { mailbox, enabled } = renaming.record;
    const hasMailbox = mailbox === undefined ? enabled : directories.get(renaming)?.mailboxAt === "to";
    const { old, fresh } = accounts.get(renaming) ?? {};
    const { swapBegun = false } = look.snapshot.results[resultKey(renaming.record)] ?? {};
    if (old && swapBegun && hasMailbox && fresh?.isEnabled === enabled) renaming.removalSent = true;
  }
}

/** A server that lost its configuration after a rename shows the old account again, whatever was written down. */
async function whatIsOpen(run: RunContext): Promise<Renaming[]> {
  const unheard = run.renamings.filter(({ record }) => run.snapshot.results[resultKey(record)]?.heard !== true);
  const accounts = await seeAccounts(run, unheard);
  const isOpenNow = (renaming: Renaming): boolean => {
    const isUndone = accounts.get(renaming)?.old !== undefined;
    return isUndone || (renaming.record.transientFor === undefined && isOpen(run.snapshot, renaming.record));
  };
  const open = new Set(run.renamings.filter(isOpenNow).map(({ record }) => resultKey(record)));
  const isHalfOf = ({ oldId, follows, transientFor }: RenameRecord): boolean =>
    transientFor === undefined ? follows !== undefined && open.has(`${follows} aside`) : open.has(oldId);
  return run.renamings.filter(({ record }) => open.has(resultKey(record)) || isHalfOf(record));
}

/** The id decides; a `renamedFrom` that a person wrote has none, and means the rename that its run has begun. */
function asksFor({ domain, name, renamedFrom }: UserRequest, record: RenameRecord): boolean {
  if (record.transientFor !== undefined) return false;
  if (renamedFrom?.userId !== undefined) return renamedFrom.userId === resultKey(record);
  return domain === record.domain && renamedFrom?.name === bornAs(record) && name === record.to;
}

/** Answers with those that could not be rolled back; takes all unmoved ones out of the run. */
async function rollBackUnmoved(run: RunContext): Promise<Renaming[]> {
  const accounts = await seeAccounts(run, run.renamings);
  const standings = standingsOf(run.renamings, accounts, await seeDirectories(run, run.renamings));
  const back = goesBack([...standings.values()]);
  const unmoved = run.renamings.filter((renaming) => {
    const standing = standings.get(renaming);
    return standing !== undefined && back.has(standing);
  });
  for (const renaming of unmoved) {
    renaming.failure = renameError("RENAME_ROLLED_BACK", renaming.record, {
      doing: "renaming",
      happened: "an earlier run ended before the directory was renamed",
    });
  }
  if (unmoved.length > 0) {
    await rollBack(run, unmoved);
    await clearParking(run);
  }
  run.renamings.splice(0, run.renamings.length, ...run.renamings.filter((renaming) => !unmoved.includes(renaming)));
  const isBack = ({ record }: Renaming): boolean => run.snapshot.results[resultKey(record)]?.rolledBack === true;
  return unmoved.filter((renaming) => !isBack(renaming) && renaming.record.transientFor === undefined);
}

/** A directory that is left over keeps nobody from getting back what is theirs. */
async function clearParking(run: RunContext): Promise<void> {
  try {
    await clearAside(run);
  } catch (error) {
    if (codeOf(error) === "LOCK_LOST") throw error;
    run.server.log.warn(messageOf(error));
  }
}

function samePassword(record: RenameRecord, request: UserRequest | undefined): string | undefined {
  return request?.name === record.to ? request.password : undefined;
}

function otherName(record: RenameRecord, request: UserRequest): Error {
  return renameError("RENAME_REFUSED", record, {
    doing: `renaming to ${request.name}`,
    happened: `an earlier run has renamed this account to ${record.to} already`,
    next: "The account is in use under that name. Run `pulumi up --refresh`: the stack learns its present name first, and renames it from there.",
  });
}
