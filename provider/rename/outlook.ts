import type { HostSession } from "../host/session";
import type { MailServer } from "./mail-server";
import { noteMayGo } from "./recover";
import { seeStates, type RenameState } from "./rename-state";
import { newRenaming } from "./renaming";
import { newAddress, oldAddress } from "./run-context";
import { lastingRenames, resultKey, type RenameRecord, type Snapshot } from "./snapshot";
import { living, type Whereabouts } from "./whereabouts";

/** What becomes of it. */
export const renameFates = {
  "roll-back": "what was made for the new name is removed again",
  finish: "the rename is finished",
  close: "its snapshot is closed",
  wait: "nothing is done until it has its name again",
  leave: "nothing is done; close it by hand",
  look: "the mail service is brought back first, then it is seen",
} as const;

/** One of {@link renameFates}. */
export type Fate = keyof typeof renameFates;

/** One rename of an open snapshot: who, how far, and what `recover` does about it. */
export interface Outlook {
  snapshot: string;
  /** ISO time. */
  begun: string;
  from: string;
  to: string;
  state: RenameState;
  will: Fate;
}

/**
 * Sees how far each rename of a snapshot has come. Reads only.
 * @throws KerioError the codes of a call and of the host; with an API that is away ask {@link unseen}
 */
export async function lookAhead(server: MailServer, host: HostSession, snapshot: Snapshot): Promise<Outlook[]> {
  const renamings = living(snapshot).map((record) => newRenaming(record, undefined, false));
  const look = { server, host, snapshot, seen: new Map<string, Promise<unknown>>() };
  await noteMayGo(look, renamings);
  const states = await seeStates(look, renamings);
  const byRecord = new Map(renamings.map((renaming) => [renaming.record, states.get(renaming)]));
  const isGone = (record: RenameRecord) => snapshot.results[resultKey(record)]?.domainGone === true;
  return lastingRenames(snapshot).map((record) =>
    outlook(snapshot, record, isGone(record) ? "domain-gone" : (byRecord.get(record) ?? "unknown")),
  );
}

/** The same for a server that does not answer: nothing of it is known. */
export function unseen(snapshot: Snapshot): Outlook[] {
  return lastingRenames(snapshot).map((record) => outlook(snapshot, record, "unknown"));
}

/** The same for one of which there is nothing to see: the domains tell. Another server's is not told of here. */
export function passedBy(snapshot: Snapshot, where: Exclude<Whereabouts, "here">): Outlook[] {
  if (where === "elsewhere") return [];
  const state = ({ lost: "domain-gone", renamed: "domain-renamed", replaced: "domain-replaced" } as const)[where];
  return lastingRenames(snapshot).map((record) => outlook(snapshot, record, state));
}

const fates: Record<RenameState, Fate> = {
  unmoved: "roll-back",
  parked: "finish",
  needed: "finish",
  moved: "finish",
  "old-gone": "finish",
  finished: "close",
  "rolled-back": "close",
  "domain-gone": "close",
  "domain-renamed": "wait",
  "domain-replaced": "leave",
  unknown: "look",
};

function outlook(snapshot: Snapshot, record: RenameRecord, state: RenameState): Outlook {
  const [from, to] = [oldAddress(record), newAddress(record)];
  return { snapshot: snapshot.id, begun: snapshot.createdAt, from, to, state, will: fates[state] };
}
