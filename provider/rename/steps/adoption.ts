import { directoryNames } from "../directory-names";
import { listUsers } from "../../kerio/methods/users";
import { Deadline, sleep, waitFor } from "../../retry";
import {
  alive,
  lookAgain,
  newAddress,
  renameError,
  seeAccounts,
  seeDirectories,
  type Renaming,
  type RunContext,
} from "../run-context";
import type { Step } from "./step";
import { startAgain } from "./window";

/** Seconds the server may take to show the sizes of an adopted mailbox; where it tells them late, this is no failure. */
const patience = 10;

/** The same before a restart is worth it. */
const placedPatience = 5;

/** The same where it shows some of the items already, while nobody gets mail. */
const countPatience = 2;

/**
 * Looks whether the new account has the moved mailbox: same inode under the new name, no further directory that the
 * server made beside it. Where the server tells of items, but of fewer than before, that is noted. Changes nothing.
 */
export const seeAdoption: Step = {
  name: "see-adoption",
  unseen: "the new account does not have the moved mailbox",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    const directories = await seeDirectories(run, alive(run));
    const open = alive(run).filter((renaming) => accounts.get(renaming)?.old !== undefined);
    const surprises = await surprisingDirectories(run, open);
    const lacking = open.filter((renaming) => {
      const isThere = renaming.record.mailbox === undefined || directories.get(renaming)?.mailboxAt === "to";
      return !isThere || accounts.get(renaming)?.fresh === undefined || surprises.has(renaming.record.domainPath);
    });
    const adopted = open.filter((renaming) => !lacking.includes(renaming));
    await noteFewerItems(run, adopted);
    return lacking;
  },
  async act(run, pending) {
    const surprises = await surprisingDirectories(run, pending);
    for (const renaming of pending) {
      const names = surprises.get(renaming.record.domainPath) ?? [];
      renaming.failure = renameError("RENAME_ROLLED_BACK", renaming.record, {
        doing: "looking whether the new account has the mailbox",
        happened:
          names.length > 0
            ? `the server made further directories (${names.join(", ")}) instead of using the moved one`
            : "the mailbox is not under the new name",
        next: "The mailbox is given back to the old account. Please report this with the server's version.",
      });
    }
  },
};

/** A server that tells of no item at all tells late, and has its time at the end: {@link noteSizes}. */
async function noteFewerItems(run: RunContext, renamings: Renaming[]): Promise<void> {
  const deadline = Deadline.in(countPatience);
  for (;;) {
    const accounts = await seeAccounts(run, renamings);
    const fewer = renamings.flatMap((renaming) => {
      const shown = accounts.get(renaming)?.fresh?.consumedItems ?? 0;
      const items = renaming.record.before.consumedItems ?? 0;
      return renaming.record.mailbox && shown > 0 && shown < items ? [{ renaming, shown, items }] : [];
    });
    if (fewer.length === 0) return;
    if (!deadline.passed()) {
      await sleep(500);
      lookAgain(run);
      continue;
    }
    for (const { renaming, shown, items } of fewer)
      renaming.notes.push(
        `Before the old account was removed, the server showed ${shown} items in the moved mailbox; it had shown ${items}.`,
      );
    return;
  }
}

/** Waits a moment for the server to show as many items as before; a server that shows them late is not a failure. */
export async function noteSizes(run: RunContext, renamings: Renaming[]): Promise<void> {
  const unseen = await unseenSizes(run, renamings, patience);
  if (unseen.length === 0) return;
  lookAgain(run);
  const directories = await seeDirectories(run, unseen);
  for (const renaming of unseen) {
    const { to, mailboxAt } = directories.get(renaming) ?? {};
    const isWhole = mailboxAt === "to" && (to?.messages ?? 0) >= (renaming.record.mailbox?.messages ?? 0);
    const files = isWhole ? "; its files are all there" : "";
    renaming.notes.push(`The server does not show the size of the moved mailbox yet${files}.`);
  }
}

async function unseenSizes(run: RunContext, renamings: Renaming[], seconds: number): Promise<Renaming[]> {
  const waiting = new Set(renamings.filter((renaming) => renaming.record.mailbox && countsItems(renaming)));
  if (waiting.size === 0) return [];
  const deadline = Deadline.in(seconds);
  await waitFor({ what: "the sizes of the moved mailboxes", object: "mail server", deadline, every: 500 }, async () => {
    for (const domainId of new Set([...waiting].map((r) => r.record.domainId))) {
      const users = await listUsers(run.server.client, { domainId });
      for (const renaming of waiting) {
        const user = users.find((u) => u.loginName === renaming.record.to);
        if ((user?.consumedItems ?? 0) >= (renaming.record.before.consumedItems ?? 0)) waiting.delete(renaming);
      }
    }
    return waiting.size === 0 || deadline.remaining() < 500 ? true : undefined;
  });
  return [...waiting];
}

/**
 * Whether an engine that listed its directories when it started sees a mailbox that was placed beside it running is not
 * documented. Where it shows nothing of one, it is restarted once, before anybody's mail is let in: of an empty one it
 * never shows anything, and who has it might be turned away.
 *
 * @returns whether the engine has been restarted, so that everything is to be looked at again
 */
export async function restartUnseen(run: RunContext, renamings: Renaming[]): Promise<boolean> {
  const placed = renamings.filter(({ record }) => record.after !== undefined && record.mailbox);
  if (placed.length === 0 || run.restarted) return false;
  const empty = placed.filter((renaming) => !countsItems(renaming) && !renaming.placedInStop);
  const unseen = empty.length > 0 ? empty : await unseenSizes(run, placed, placedPatience);
  if (unseen.length === 0) return false;
  run.restarted = true;
  run.server.log.info(
    `The server shows nothing of the mailbox of ${unseen.map(({ record }) => newAddress(record)).join(", ")}, which was put ` +
      "in its place while it ran. The mail service is stopped and started once more, so that it finds it.",
  );
  await run.supervisor.stop();
  await startAgain(run);
  lookAgain(run);
  return true;
}

function countsItems({ record }: Renaming): boolean {
  return (record.before.consumedItems ?? 0) > 0;
}

/**
 * Directories that are new in a domain, bear no account's name and are no mailbox of this run. A run that was not there
 * from the beginning sees none: what others have left in between has nothing to do with the mailbox.
 */
async function surprisingDirectories(run: RunContext, renamings: Renaming[]): Promise<Map<string, string[]>> {
  const surprises = new Map<string, string[]>();
  if (!run.isFirst) return surprises;
  for (const record of new Map(renamings.map((r) => [r.record.domainPath, r.record])).values()) {
    const before = new Set(run.snapshot.directories[record.domain] ?? []);
    const path = `${run.snapshot.storePath}/mail/${record.domain}`;
    // Before the accounts: one that is made in between brings its directory.
    const present = await directoryNames(run.server.client, path);
    const bearers = new Set(
      (await listUsers(run.server.client, { domainId: record.domainId })).map((user) => user.loginName.toLowerCase()),
    );
    const names = present.filter(
      (name) => !before.has(name) && !bearers.has(name.toLowerCase()) && !name.startsWith("#"),
    );
    if (names.length > 0) surprises.set(record.domainPath, names);
  }
  return surprises;
}
