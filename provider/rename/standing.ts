import { linkKey, type RenameRecord } from "./snapshot";
import type { Accounts, Directories, Renaming } from "./run-context";

/** What was seen of one rename, as far as it decides whether it can still be undone. */
export interface Standing {
  record: Pick<RenameRecord, "oldId" | "after" | "follows" | "transientFor" | "mailbox">;
  /** Whether the old account is there, and stays. */
  hasOld: boolean;
  mailboxAt: Directories["mailboxAt"];
}

/** Pairs what was seen with its renaming. */
export function standingsOf(
  renamings: readonly Renaming[],
  accounts: Map<Renaming, Accounts>,
  directories: Map<Renaming, Directories>,
): Map<Renaming, Standing> {
  return new Map(
    renamings.map((renaming) => {
      const hasOld = accounts.get(renaming)?.old !== undefined && renaming.removalSent !== true;
      const mailboxAt = directories.get(renaming)?.mailboxAt ?? "neither";
      return [renaming, { record: renaming.record, hasOld, mailboxAt }];
    }),
  );
}

/**
 * Those that can only go forward: the old account is gone, or somebody who is past that point waits for its name. A
 * person who bears a temporary name is past it, too.
 */
export function mustGoOn(all: readonly Standing[]): Set<Standing> {
  const links = linked(all);
  const must = new Set<Standing>();
  const add = (one: Standing | undefined): void => {
    if (!one || must.has(one)) return;
    must.add(one);
    const { waitedFor, first, next } = links.get(one) ?? {};
    add(waitedFor);
    add(first);
    add(next);
  };
  // The second half of a rename in two begins without an old account: its first half tells.
  for (const one of all) if (!one.hasOld && one.record.follows === undefined) add(one);
  return must;
}

/**
 * Those that an interrupted run is to be taken back for: nothing of theirs has moved, or it waits in parking for nobody, or
 * they wait for such a one, and nobody who can only go forward needs them.
 */
export function goesBack(all: readonly Standing[]): Set<Standing> {
  const links = linked(all);
  const must = mustGoOn(all);
  const isUnmoved = ({ record, mailboxAt }: Standing): boolean =>
    record.mailbox === undefined ||
    mailboxAt === "from" ||
    mailboxAt === "neither" ||
    (mailboxAt === "parked" && record.after === undefined);
  const back = new Set(all.filter((one) => !must.has(one) && one.record.transientFor === undefined && isUnmoved(one)));
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    for (const one of all) {
      if (back.has(one) || must.has(one)) continue;
      const { waitedFor, first, next } = links.get(one) ?? {};
      const follows = [waitedFor, first, one.record.transientFor === undefined ? undefined : next];
      if (!follows.some((other) => other && back.has(other))) continue;
      back.add(one);
      isSettled = false;
    }
  }
  return back;
}

/** Whom each waits for: the bearer of its name, its own first half; and its second half. */
interface Neighbours {
  waitedFor?: Standing;
  first?: Standing;
  next?: Standing;
}

function linked(all: readonly Standing[]): Map<Standing, Neighbours> {
  const byKey = new Map(all.map((one) => [linkKey(one.record), one]));
  return new Map(
    all.map((one) => {
      const { after, follows, oldId, transientFor } = one.record;
      const next = transientFor === undefined ? undefined : byKey.get(`${oldId} then`);
      return [one, { waitedFor: byKey.get(after ?? ""), first: byKey.get(follows ?? ""), next }];
    }),
  );
}
