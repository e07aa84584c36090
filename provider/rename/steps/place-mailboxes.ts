import { removeEmptyMailbox } from "../../host/directories";
import { listAliases } from "../../kerio/methods/aliases";
import { delivers } from "../delivery-address";
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

/**
 * Puts parked mailboxes under their new names, which nobody bears any more. A new account binds itself to what lies
 * under its name, and takes the mail of every alias that names it: so all of that must be its own before it is made.
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
    const reports = await run.supervisor.place(
      ready.map(({ record }) => ({
        inode: record.mailbox?.inode ?? "",
        from: `${record.parking}/${parkedName(record)}`,
        to: `${record.domainPath}/${record.to}`,
        directory: record.domainPath,
        parking: record.parking,
      })),
    );
    ready.forEach((renaming, index) => {
      const report = reports[index];
      if (!report?.ok) renaming.failure = unclear(renaming, report?.reason ?? "the mail host gave no answer");
    });
  },
};

/** Fails those whose new name is not theirs alone yet. */
async function refuseUnclear(run: RunContext, renamings: Renaming[]): Promise<void> {
  const accounts = await seeAccounts(run, renamings);
  const directories = await seeDirectories(run, renamings);
  const planned = plannedInodes(run.snapshot);
  for (const renaming of renamings) {
    const { record } = renaming;
    const { fresh, predecessor, stranger } = accounts.get(renaming) ?? {};
    const { to, mailboxAt } = directories.get(renaming) ?? {};
    if (fresh) continue;
    if (predecessor ?? stranger) renaming.failure = unclear(renaming, "the account that bears the name is still there");
    else if (to && mailboxAt !== "to" && (planned.has(to.inode) || to.messages > 0))
      renaming.failure = unclear(renaming, `a directory ${record.to} with somebody's mail lies there`);
    else {
      const alias = await foreignAlias(run, renaming);
      if (alias !== undefined)
        renaming.failure = unclear(renaming, `the alias ${alias} of its former bearer still names it`);
    }
  }
}

/** An alias of the former bearer that would bring their mail to the next one. */
async function foreignAlias(run: RunContext, { record }: Renaming): Promise<string | undefined> {
  const former = run.snapshot.renames.filter((other) => other.oldId === record.after);
  const ids = new Set(former.flatMap((other) => other.aliases.map((alias) => alias.id)));
  if (ids.size === 0) return undefined;
  const rows = await listAliases(run.server.client, { domainId: record.domainId });
  return rows.find((row) => ids.has(row.id) && delivers(row.deliverTo, record.to, record.domain))?.name;
}

function unclear(renaming: Renaming, happened: string): Error {
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: `giving it the name ${newAddress(renaming.record)}`,
    happened,
    next: "The old account has its mail as before. Look at that name on the server, then run `pulumi up` again.",
  });
}
