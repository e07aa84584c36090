import { codeOf, messageOf } from "../errors";
import { goOn, readPending } from "./recover";
import { newRenaming, type Answer } from "./renaming";
import { accountsOf, seeDirectories, type RunContext } from "./run-context";
import { bornAs, personOf, resultKey, type Snapshot } from "./snapshot";
import { NameTaken, OtherStore } from "./trust-snapshot";
import type { UserRequest } from "./user-request";
import { living } from "./whereabouts";

type Base = Omit<Parameters<typeof goOn>[0], "snapshot">;

/** What a caller may add to {@link goOnWithAll}. */
export interface GoOnOptions {
  known?: Parameters<typeof goOn>[2];
  noteHeard?: (snapshot: Snapshot) => void;
  /** Where the answers are put, so that those before an error are not lost. Default: a new map. */
  answers?: Map<UserRequest, Answer>;
}

/**
 * Finishes what earlier runs have left, and answers the requests that ask for it. A run that died before it had given
 * anything away, and whose new name somebody else bears by now, cannot be brought to its end: it stays open, and keeps
 * nobody waiting but the people it is about. So does one of another store.
 *
 * @throws KerioError `RENAME_OPEN` where a snapshot does not fit the server, and what it is about may be half-done
 */
export async function goOnWithAll(
  base: Base,
  requests: UserRequest[],
  options: GoOnOptions = {},
): Promise<Map<UserRequest, Answer>> {
  const answers = options.answers ?? new Map<UserRequest, Answer>();
  for (const snapshot of await readPending(base.server, base.host)) {
    options.noteHeard?.(snapshot);
    try {
      for (const [request, answer] of await goOn({ ...base, snapshot }, requests, options.known))
        answers.set(request, answer);
    } catch (error) {
      if (!(await keepsNobodyWaiting(error, base, snapshot, requests, answers))) throw error;
      base.server.log.warn(messageOf(error));
      for (const request of requests)
        if (isAbout(snapshot, request) && !answers.has(request)) answers.set(request, { ok: false, error });
    }
  }
  return answers;
}

/** Whoever has the answer need not wait for the rest; without the lock the host has to be seen to. */
async function keepsNobodyWaiting(
  error: unknown,
  base: Base,
  snapshot: Snapshot,
  requests: UserRequest[],
  answers: Map<UserRequest, Answer>,
): Promise<boolean> {
  if (requests.every((request) => answers.has(request))) return codeOf(error) !== "LOCK_LOST";
  if (error instanceof OtherStore) return true;
  return error instanceof NameTaken && (await isUntouched(base, snapshot));
}

/** Whether a run has ended before it moved a mailbox or made an account: all that it left is the snapshot. */
async function isUntouched({ server, host }: Base, snapshot: Snapshot): Promise<boolean> {
  const look: Pick<RunContext, "server" | "host" | "snapshot" | "seen"> = { server, host, snapshot, seen: new Map() };
  const renamings = living(snapshot).map((record) => newRenaming(record, undefined, false));
  const directories = await seeDirectories(look, renamings);
  for (const renaming of renamings) {
    const { record } = renaming;
    const { madeId, newId, owed = false } = snapshot.results[resultKey(record)] ?? {};
    const { old, fresh } = accountsOf(await server.inventory.users(record.domain), record, snapshot);
    const hasOld = old !== undefined || record.follows !== undefined;
    if (!hasOld || fresh || owed || madeId !== undefined || newId !== undefined) return false;
    // Whoever got a mailbox after the snapshot has one that no inode tells; only after its account was made is it moved.
    const isHome =
      record.mailbox === undefined
        ? snapshot.order === "accountFirst"
        : directories.get(renaming)?.mailboxAt === "from";
    if (!isHome) return false;
  }
  return true;
}

function isAbout({ renames }: Snapshot, { domain, name, renamedFrom }: UserRequest): boolean {
  return renames.some((record) => {
    if (renamedFrom?.userId === personOf(record)) return true;
    const names = [record.from, record.to, bornAs(record), record.transientFor];
    return domain === record.domain && (names.includes(name) || names.includes(renamedFrom?.name.toLowerCase()));
  });
}
