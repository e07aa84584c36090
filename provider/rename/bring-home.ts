import { moveMessages, removeEmptyMailbox, type Mailbox } from "../host/directories";
import { checkMailboxIntegrity } from "../kerio/methods/users";
import { clearAside } from "./clear-aside";
import type { Problems } from "./problems";
import {
  homePath,
  lookAgain,
  oldAddress,
  parkedName,
  plannedInodes,
  seeAccounts,
  seeDirectories,
  seeUsers,
  type Accounts,
  type Directories,
  type Renaming,
  type RunContext,
} from "./run-context";
import { personOf, resultKey } from "./snapshot";
import { waitForService } from "./steps/window";

/** A directory that goes to the name which its person bears again. */
interface Homecoming {
  renaming: Renaming;
  inode: string;
  from: string;
}

/** Moves the mailboxes that bear the new name, or wait for it, back to the old names, in a stop of the service. */
export async function moveBack(run: RunContext, back: Renaming[], problems: Problems): Promise<void> {
  const directories = await seeDirectories(run, back);
  const away = back.flatMap((renaming): Homecoming[] => {
    const { record } = renaming;
    const at = directories.get(renaming)?.mailboxAt;
    if (record.mailbox === undefined || (at !== "to" && at !== "parked")) return [];
    const from = at === "parked" ? `${record.parking}/${parkedName(record)}` : `${record.domainPath}/${record.to}`;
    return [{ renaming, inode: record.mailbox.inode, from }];
  });
  await bringHome(run, away, problems);
}

async function bringHome(run: RunContext, coming: Homecoming[], problems: Problems): Promise<void> {
  if (coming.length === 0) return;
  run.server.log.warn("Stopping the mail service once more, to give mailboxes back to their old names.");
  const people = coming.map(({ renaming }) => renaming);
  await problems.among(people, () => moveWhileStopped(run, coming, problems));
  lookAgain(run);
  await run.supervisor.start();
  await waitForService(run);
}

async function moveWhileStopped(run: RunContext, coming: Homecoming[], problems: Problems): Promise<void> {
  const people = coming.map(({ renaming }) => renaming);
  const stopped = await run.supervisor.stop();
  if (!stopped.inactive || !stopped.processGone) {
    for (const one of people) problems.tell(one, notGivenBack(one, `the service did not stop: ${stopped.detail}`));
    return;
  }
  lookAgain(run);
  const directories = await seeDirectories(run, people);
  const planned = plannedInodes(run.snapshot);
  const reports = await run.supervisor.move(
    coming.map(({ renaming, inode, from }) => ({
      inode,
      from,
      to: homePath(renaming.record),
      directory: renaming.record.domainPath,
      parking: renaming.record.parking,
      // A circle's other mailbox may lie there: nobody's is ever put aside.
      ...(planned.has(directories.get(renaming)?.home?.inode ?? "") ? {} : { aside: "ours" as const }),
    })),
  );
  people.forEach((renaming, index) => {
    const report = reports[index];
    if (report?.ok !== true)
      problems.tell(renaming, notGivenBack(renaming, report?.reason ?? "the mail host gave no answer"));
  });
}

function notGivenBack({ record }: Renaming, happened: string): string {
  return `mailbox of ${oldAddress(record)}: giving it back to its old name failed: ${happened}`;
}

/**
 * Clears what accounts of this run have left under the new names, also where the answer to their removal was lost or a run
 * died behind it: the next attempt would take it for a leaver's mail. An empty directory is removed; one with messages is
 * the person's, whose mailbox gets them. Whoever has none gets the directory itself, in a stop of the service.
 */
export async function clearNewNames(run: RunContext, back: Renaming[], problems: Problems): Promise<void> {
  const accounts = await seeAccounts(run, back);
  const directories = await seeDirectories(run, back);
  const coming: Homecoming[] = [];
  for (const renaming of back) {
    const { record } = renaming;
    const left = leftDirectory(run, renaming, directories.get(renaming), accounts.get(renaming));
    if (accounts.get(renaming)?.fresh || !left) continue;
    const path = `${record.domainPath}/${record.to}`;
    const home = directories.get(renaming)?.home;
    await problems.among([renaming], async () => {
      if (left.messages === 0) return removeEmptyMailbox(run.host, path, left.inode);
      const userId = personOf(record);
      if (!(await seeUsers(run, record.domainId)).some((user) => user.id === userId)) return;
      if (!home) return void coming.push({ renaming, inode: left.inode, from: path });
      const { parking } = record;
      const from = { path, inode: left.inode };
      await moveMessages(run.host, { from, to: { path: homePath(record), inode: home.inode }, parking });
      await checkMailboxIntegrity(run.server.client, [userId]);
    });
  }
  await bringHome(run, coming, problems);
  // What stood under the old names when the mailboxes came back has given its mail up.
  await clearAside(run);
}

/**
 * A directory under the new name that an account of this run can have left: it was not there before the run, and is nobody's
 * mailbox. Where the run has made no account, somebody else has put it there, and it is never looked into.
 */
export function leftDirectory(
  run: RunContext,
  { record }: Renaming,
  seen: Directories | undefined,
  { stranger, predecessor, fresh }: Accounts = {},
): Mailbox | undefined {
  const to = seen?.to;
  const wasThere = run.snapshot.directories[record.domain]?.includes(record.to) ?? false;
  const { madeId } = run.snapshot.results[resultKey(record)] ?? {};
  const isMade = fresh !== undefined || madeId !== undefined;
  if (!to || !isMade || wasThere || stranger || predecessor || plannedInodes(run.snapshot).has(to.inode))
    return undefined;
  return to;
}
