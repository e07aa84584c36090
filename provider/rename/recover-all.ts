import { codeOf, KerioError, messageOf } from "../errors";
import { clearDeadRun } from "../host/dead-run";
import { lockHolder } from "../host/lock-holder";
import type { HostSession } from "../host/session";
import { isAway } from "./is-away";
import { openHost, type MailServer } from "./mail-server";
import { closeLost, endGone, whatIsLost, whyPassedBy } from "./lost-domain";
import { lookAhead, passedBy, unseen, type Outlook } from "./outlook";
import { Patience } from "./patience";
import { endSnapshot, readOpen } from "./recover";
import { newAddress, oldAddress } from "./run-context";
import { saveResults } from "./save-results";
import { isOpen, lastingRenames, resultKey, type RenameRecord, type Snapshot } from "./snapshot";
import { underSupervision, waitForOthers } from "./take-host";
import { living, whereaboutsOf, type Whereabouts } from "./whereabouts";

/** How one rename ended. */
export interface Recovered {
  snapshot: string;
  from: string;
  to: string;
  /** `open`: the next run goes on; `domain-gone`: nobody is left to rename. */
  result: "finished" | "rolled-back" | "open" | "domain-gone";
  /** Whether nobody knows the new account's password: the next `pulumi up` sets one. */
  passwordUnknown: boolean;
  /** Why it is not finished, in what state the server is, and what to do. */
  error?: string;
}

/** What to do, and whom to tell before it is done. */
export interface RecoverOptions {
  /** Only look. */
  dryRun?: boolean;
  /** Seconds to wait for another run that holds the host. Default 600. */
  wait?: number;
  /** Called once with what is open, before anything is done about it: the host is held by then, except with `dryRun`. */
  onSeen?: (open: Outlook[]) => void;
}

/**
 * Finishes or rolls back what earlier runs have left open on one mail host, from its snapshots alone, and closes them.
 * A run that died with the service stopped is ended first, over SSH.
 *
 * @returns how each rename ended; empty with `dryRun`
 * @throws KerioError `RENAME_BUSY` when another run holds the host; the codes of a call and of the host
 */
export async function recoverAll(server: MailServer, options: RecoverOptions = {}): Promise<Recovered[]> {
  const { dryRun = false, wait = waitForOthers } = options;
  const host = await openHost(server);
  try {
    if (!dryRun) await endDead(server, host);
    const open = await readOpen(host);
    if (dryRun || open.length === 0) {
      options.onSeen?.(await forecast(server, host, open));
      return [];
    }
    const recovered: Recovered[] = [];
    server.inventory.invalidate();
    const whereabouts = await new Patience(server).ask(() => whereaboutsOf(server, open));
    // Another server's keep nobody of this one waiting for the host.
    if ([...whereabouts.values()].every((where) => where === "elsewhere")) {
      options.onSeen?.(await lookAtAll(server, host, whereabouts));
      return [];
    }
    const present = open.filter((snapshot) => whereabouts.get(snapshot) === "here");
    for (const snapshot of present) await endGone(server, snapshot);
    await underSupervision(
      server,
      host,
      [...new Set(present.flatMap((snapshot) => living(snapshot).map((record) => record.domain)))],
      async (_facts, supervisor, held) => {
        const hooks = { before: () => {}, after: () => {} };
        const base = { server, host: held, supervisor, hooks, hasNewBearer: () => false };
        // The run that we may have waited for has ended some of them, or given mailboxes back.
        const left = await readOpen(held);
        const seen = await whereaboutsOf(server, left);
        options.onSeen?.(await lookAtAll(server, held, seen));
        for (const [snapshot, where] of seen) {
          const end = where === "here" ? recover : where === "lost" ? giveUp : leave;
          recovered.push(...(await end({ ...base, snapshot }, where)));
        }
      },
      wait,
    );
    return recovered;
  } finally {
    await host.close();
  }
}

async function endDead(server: MailServer, host: HostSession): Promise<void> {
  const dead = await clearDeadRun(host);
  if (dead.found) server.log.info(`A run that died on the mail host was brought to its end: ${dead.detail}.`);
}

async function lookAtAll(
  server: MailServer,
  host: HostSession,
  whereabouts: Map<Snapshot, Whereabouts>,
): Promise<Outlook[]> {
  const look = async ([snapshot, where]: [Snapshot, Whereabouts]) => {
    if (where === "elsewhere") server.log.warn(await whyPassedBy(server, snapshot, where));
    if (where !== "here") return passedBy(snapshot, where);
    await endGone(server, snapshot);
    return lookAhead(server, host, snapshot);
  };
  return (await Promise.all([...whereabouts].map(look))).flat();
}

/** What is open as far as it can be seen without waiting for anybody. */
async function forecast(server: MailServer, host: HostSession, open: Snapshot[]): Promise<Outlook[]> {
  const holder = open.length > 0 ? await lockHolder(host) : undefined;
  if (holder)
    server.log.info(`The mail host is held by ${holder.owner}; \`recover\` looks again when that run has ended.`);
  try {
    return await lookAtAll(server, host, await whereaboutsOf(server, open));
  } catch (error) {
    if (!isAway(error)) throw error;
    return open.flatMap(unseen);
  }
}

async function recover(base: Parameters<typeof endSnapshot>[0]): Promise<Recovered[]> {
  const { server, snapshot } = base;
  await endGone(server, snapshot);
  const isKnown = ({ rolledBack, domainGone }: Snapshot["results"][string] = {}) => rolledBack && !domainGone;
  const before = new Set(snapshot.renames.filter((record) => isKnown(snapshot.results[resultKey(record)])));
  let failure: unknown;
  const ends = await endSnapshot(base).catch((error: unknown) => {
    // Whose lock is gone may have left the service stopped: whoever holds the host has to hear of it.
    if (codeOf(error) === "LOCK_LOST") throw error;
    failure = error;
    return undefined;
  });
  if (lastingRenames(snapshot).every((record) => !isOpen(snapshot, record))) {
    snapshot.recovered = true;
    await saveResults(base);
  }
  const told = lastingRenames(snapshot).filter((record) => !before.has(record));
  return told.map((record) => {
    const answer = ends?.get(record);
    return outcome(snapshot, record, answer?.ok === false ? answer.error : failure);
  });
}

/** Nobody is left whose rename could be finished or taken back. */
async function giveUp(run: Parameters<typeof closeLost>[0]): Promise<Recovered[]> {
  await closeLost(run);
  return lastingRenames(run.snapshot).map((record) => outcome(run.snapshot, record, undefined));
}

/** What is another server's is not told of as open here. */
async function leave(
  { server, snapshot }: Parameters<typeof endSnapshot>[0],
  where: Whereabouts,
): Promise<Recovered[]> {
  if (where === "elsewhere") return [];
  const why = new Error(await whyPassedBy(server, snapshot, where));
  return lastingRenames(snapshot).map((record) => outcome(snapshot, record, why));
}

function outcome(snapshot: Snapshot, record: RenameRecord, error: unknown): Recovered {
  const result = snapshot.results[resultKey(record)];
  const whose = { snapshot: snapshot.id, from: oldAddress(record), to: newAddress(record) };
  if (result?.domainGone) {
    return { ...whose, result: "domain-gone", passwordUnknown: false, error: whatIsLost([record]) };
  }
  const ended = result?.rolledBack ? "rolled-back" : result?.finished ? "finished" : "open";
  return {
    ...whose,
    result: ended,
    passwordUnknown: ended === "finished" && result?.password === "random",
    ...(ended !== "finished" && error !== undefined && { error: messageOf(error) }),
    ...(ended === "open" && error === undefined && { error: messageOf(unclear(record)) }),
  };
}

function unclear(record: RenameRecord): KerioError {
  return new KerioError("RENAME_OPEN", {
    object: `user ${oldAddress(record)}, being renamed to ${newAddress(record)}`,
    doing: "recovering",
    happened: "it has not come to its end",
    outcome: "unknown",
    next: "Run `npx pulumi-kerio recover` again.",
  });
}
