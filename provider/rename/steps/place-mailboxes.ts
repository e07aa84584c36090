import { codeOf } from "../../errors";
import { removeEmptyMailbox } from "../../host/directories";
import type { Move, MoveReport, StopReport } from "../../host/supervisor";
import { leadsTo } from "../delivery-address";
import { repointedAliases, seeAliases } from "../repointed-aliases";
import {
  alive,
  lookAgain,
  newAddress,
  parkedName,
  plannedInodes,
  renameError,
  seeAccounts,
  seeDirectories,
  type Renaming,
  type RunContext,
} from "../run-context";
import type { Step } from "./step";
import { startAgain } from "./window";

/**
 * Puts parked mailboxes under their new names, which nobody bears any more. A new account binds itself to what lies
 * under its name, and takes the mail of every alias that names it: so all of that must be its own before it is made.
 *
 * A server that writes its configuration only when it stops still has the former bearer on disk: should it crash, that
 * account is back, with whatever lies under its name. There the mailbox is placed in a stop, which writes who is gone.
 */
export const placeMailboxes: Step = {
  name: "place-mailboxes",
  unseen: "the mailbox has not been brought from the parking directory to its new name",
  async pending(run) {
    const waiting = alive(run).filter(({ record }) => record.after !== undefined);
    if (waiting.length === 0) return [];
    await refuseUnclear(run, waiting);
    const directories = await seeDirectories(run, waiting);
    return waiting.filter((renaming) => !renaming.failure && directories.get(renaming)?.mailboxAt === "parked");
  },
  async act(run, pending) {
    lookAgain(run);
    await refuseUnclear(run, pending);
    const ready = pending.filter((renaming) => renaming.failure === undefined);
    const directories = await seeDirectories(run, ready);
    for (const renaming of ready) {
      const to = directories.get(renaming)?.to;
      const path = `${renaming.record.domainPath}/${renaming.record.to}`;
      if (to) await removeEmptyMailbox(run.host, path, to.inode);
    }
    if (ready.length === 0) return;
    const accounts = await seeAccounts(run, ready);
    // Our own account bears the name by right.
    const awaited = ready.filter((renaming) => !accounts.get(renaming)?.fresh);
    const onDisk = await namedOnDisk(run, awaited);
    if (onDisk.length > 0) return placeInStop(run, ready, awaited);
    report(ready, await run.supervisor.place(ready.map(placing)));
  },
};

function placing({ record }: Renaming): Move {
  return {
    inode: record.mailbox?.inode ?? "",
    from: `${record.parking}/${parkedName(record)}`,
    to: `${record.domainPath}/${record.to}`,
    directory: record.domainPath,
    parking: record.parking,
  };
}

function report(placed: Renaming[], reports: MoveReport[]): void {
  placed.forEach((renaming, index) => {
    const told = reports[index];
    if (!told?.ok) renaming.failure = unclear(renaming, told?.reason ?? "the mail host gave no answer");
  });
}

/** Those whose new name an engine would find borne by an account that starts now. */
async function namedOnDisk(run: RunContext, renamings: Renaming[]): Promise<Renaming[]> {
  if (renamings.length === 0) return [];
  const accounts = renamings.map(({ record }) => ({ name: record.to, domain: record.domain }));
  const named = new Set(await run.supervisor.named(accounts));
  return renamings.filter(({ record }) => named.has(`${record.to}@${record.domain}`.toLowerCase()));
}

async function placeInStop(run: RunContext, ready: Renaming[], awaited: Renaming[]): Promise<void> {
  run.server.log.info(
    `The server has not written down yet that ${awaited.map(({ record }) => newAddress(record)).join(", ")} ` +
      "changes hands, and would forget it in a crash. The mail service is stopped for a moment, so that it does.",
  );
  let failure: unknown;
  try {
    const stopped = await run.supervisor.stop();
    const left = new Set(await namedOnDisk(run, awaited));
    for (const renaming of ready) {
      const reason = whyNot(stopped, left.has(renaming));
      if (reason !== undefined) renaming.failure = unclear(renaming, reason);
    }
    const sure = ready.filter((renaming) => renaming.failure === undefined);
    if (sure.length > 0) report(sure, await run.supervisor.move(sure.map(placing)));
    for (const renaming of sure) renaming.placedInStop = renaming.failure === undefined;
  } catch (error) {
    failure = error;
  }
  if (codeOf(failure) === "LOCK_LOST") throw failure;
  await startAgain(run);
  if (failure !== undefined) throw failure;
}

function whyNot({ inactive, processGone, orderly, detail }: StopReport, isNamed: boolean): string | undefined {
  if (!inactive || !processGone) return `the service did not stop (${detail})`;
  if (!orderly) return `the service did not end by itself but was killed, so its configuration may be lost (${detail})`;
  return isNamed ? "users.cfg still names the account that bore the name before" : undefined;
}

/** Fails those whose new name is not theirs alone yet. */
async function refuseUnclear(run: RunContext, renamings: Renaming[]): Promise<void> {
  const accounts = await seeAccounts(run, renamings);
  const directories = await seeDirectories(run, renamings);
  const planned = plannedInodes(run.snapshot);
  const foreignAlias = await formerAliases(run, renamings);
  for (const renaming of renamings) {
    const { record } = renaming;
    const { fresh, predecessor, stranger } = accounts.get(renaming) ?? {};
    const { to, mailboxAt } = directories.get(renaming) ?? {};
    if (fresh) continue;
    if (predecessor ?? stranger) renaming.failure = unclear(renaming, "the account that bears the name is still there");
    else if (to && mailboxAt !== "to" && (planned.has(to.inode) || to.messages > 0))
      renaming.failure = unclear(renaming, `a directory ${record.to} with somebody's mail lies there`);
    else {
      const reason = foreignAlias(renaming);
      if (reason !== undefined) renaming.failure = unclear(renaming, reason);
    }
  }
}

/** Tells of an alias of the former bearer that would bring their mail to the next one, or that nobody can look at. */
async function formerAliases(run: RunContext, renamings: Renaming[]): Promise<(one: Renaming) => string | undefined> {
  const aliasesOf = ({ record }: Renaming) =>
    run.snapshot.renames.filter((other) => other.oldId === record.after).flatMap(repointedAliases);
  const concerned = renamings.filter((one) => aliasesOf(one).length > 0);
  const home = concerned.map(({ record }) => record.domainId);
  const elsewhere = concerned.flatMap(aliasesOf).map((alias) => alias.domainId);
  const { rows, refused } = await seeAliases(run.server.client, home, elsewhere);
  return (renaming) => {
    const { record } = renaming;
    for (const { id, domainId, domain, label } of aliasesOf(renaming)) {
      const reason = refused.get(domainId);
      if (reason !== undefined) return `the ${label} of its former bearer could not be looked at: ${reason}`;
      const row = rows.get(domainId)?.find((one) => one.id === id);
      if (row !== undefined && leadsTo({ deliverTo: row.deliverTo, domain }, record.to, record.domain))
        return `the ${label} of its former bearer still names it`;
    }
    return undefined;
  };
}

function unclear(renaming: Renaming, happened: string): Error {
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: `giving it the name ${newAddress(renaming.record)}`,
    happened,
    next: "The old account has its mail as before. Look at that name on the server, then run `pulumi up` again.",
  });
}
