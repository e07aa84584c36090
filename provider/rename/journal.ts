import { messageOf } from "../errors";
import { markHeard } from "../host/heard-marks";
import type { HostSession } from "../host/session";
import { getUserById } from "./accounts";
import { openHost, type MailServer } from "./mail-server";
import { readEach, readOwn } from "./recover";
import { untilFree } from "./take-host";
import { newAddress, oldAddress } from "./run-context";
import {
  bornAs,
  heardMark,
  heardMarks,
  isOpen,
  isSettled,
  lastingRenames,
  personOf,
  recordOf,
  resultKey,
  writeText,
  type RenameRecord,
  type Snapshot,
} from "./snapshot";
import type { AnnouncedRename, Fate } from "./user-request";

/** How long the snapshots that were read serve further questions, in milliseconds. */
const freshFor = 30_000;

/** How long to wait for further results that the engine has heard, in milliseconds, so that one login serves them all. */
const gather = 300;

/** The snapshots on the mail host as the memory of what renames have done. */
export class Journal {
  private known?: { at: number; snapshots: Promise<Snapshot[]> };
  /** What has not been heard, by the id of the new account: looked up once, as long as this process writes nothing. */
  private unheard?: Promise<Map<string, Unheard>>;
  private silence?: { until: number; reason: string };
  private hearing?: { ids: Set<string>; done: Promise<void> };

  constructor(private readonly server: MailServer) {}

  /** To be called when snapshots have been written. */
  forget(): void {
    this.known = undefined;
    this.unheard = undefined;
  }

  /**
   * Every snapshot, closed ones too, for questions that a preview can do without: why there are none is a warning. A host
   * that is silent is not asked by the next one at once.
   */
  async everything(): Promise<{ snapshots: Snapshot[]; warnings: string[] }> {
    if (!this.server.settings.ssh) return { snapshots: [], warnings: [] };
    if (!this.silence || this.silence.until < Date.now()) {
      try {
        return { snapshots: await this.snapshots(), warnings: [] };
      } catch (error) {
        this.silence = { until: Date.now() + freshFor, reason: messageOf(error) };
      }
    }
    const warning =
      `Which renames have been done before could not be looked up on the mail host (${this.silence.reason}); \`pulumi up\` ` +
      `looks again before it touches anything.`;
    return { snapshots: [], warnings: [warning] };
  }

  /** What became of an account that is not found under its id. Reads only; a run that is at work on it is waited for. */
  async fate(userId: string): Promise<Fate> {
    if (!this.server.settings.ssh) return { kind: "gone" };
    let snapshots: Snapshot[];
    try {
      snapshots = await this.atRest(userId);
    } catch (error) {
      return { kind: "unreachable", detail: messageOf(error) };
    }
    for (const snapshot of snapshots) {
      const record = recordOf(snapshot, userId);
      const result = snapshot.results[userId];
      if (!record || result?.rolledBack) continue;
      if (result?.heard) return { kind: "gone" };
      // The old account is gone, so this rename is past its point of no return as soon as the new one is there.
      const newId = result?.newId ?? result?.madeId;
      // A domain takes its accounts with it.
      if (!(await this.server.inventory.domains()).some(({ id }) => id === record.domainId)) continue;
      const user = newId !== undefined ? await getUserById(this.server.client, record.domainId, newId) : undefined;
      if (!user && !isOpen(snapshot, record)) continue;
      if (!user) {
        return {
          kind: "open",
          detail: `the rename of ${bornAs(record)}@${record.domain} to ${record.to} stopped half-way`,
        };
      }
      const hasProgramsPassword = result?.password === "program";
      return {
        kind: "renamed",
        user,
        from: bornAs(record),
        hasProgramsPassword,
        isClosed: snapshot.recovered === true,
        isFinished: !isOpen(snapshot, record),
      };
    }
    return { kind: "gone" };
  }

  /**
   * The rename that an account has begun, or come from, and that has not ended; undefined when there is none. Reads only;
   * a run that is at work on it is waited for.
   *
   * @throws KerioError the codes of an SSH login
   */
  async openRename(userId: string): Promise<{ from: string; to: string } | undefined> {
    if (!this.server.settings.ssh) return undefined;
    for (const snapshot of await this.atRest(userId)) {
      const record = openRecordOf(snapshot, userId);
      if (record) return { from: oldAddress(record), to: newAddress(record) };
    }
    return undefined;
  }

  /** The snapshots when no run is at work on an account any more. */
  private async atRest(userId: string): Promise<Snapshot[]> {
    const snapshots = await this.snapshots();
    if (!snapshots.some((snapshot) => openRecordOf(snapshot, userId))) return snapshots;
    await this.withHost((host) => untilFree(this.server, host));
    this.forget();
    this.server.inventory.invalidate();
    return this.snapshots();
  }

  /**
   * Whether this very rename was begun and the engine has not heard how it ended. Not where it has ended and neither
   * account is there: of that nobody can hear any more. Reads only.
   */
  async isUnheard({ domain, from, to, fromId }: AnnouncedRename): Promise<boolean> {
    if (!this.server.settings.ssh) return false;
    const isIt = (record: RenameRecord) =>
      record.domain === domain &&
      bornAs(record) === from &&
      record.to === to &&
      (fromId ?? resultKey(record)) === resultKey(record);
    const snapshots = await this.snapshots();
    const users = await this.server.inventory.users(domain);
    return snapshots.some(({ renames, results }) =>
      renames.some((record) => {
        const result = results[resultKey(record)];
        if (!isIt(record) || result?.rolledBack || result?.heard) return false;
        return !result?.finished || users.some(({ id }) => [record.oldId, personOf(record), result.newId].includes(id));
      }),
    );
  }

  /**
   * The engine's state holds an account: the rename that has led to it, if one has, is heard. Nothing is written where it
   * is known to be; a password that nobody knows has yet to be heard of.
   *
   * @param isRemoved whether the engine has had the account removed, so that no password matters any more
   */
  async heardOf(newUserId: string, isRemoved = false): Promise<void> {
    if (!this.server.settings.ssh) return;
    const unheard = await (this.unheard ??= this.snapshots().then(whatIsUnheard));
    const one = unheard.get(newUserId);
    if (!one || (one.isPasswordUnknown && !isRemoved)) return;
    await this.heard(one.key);
    unheard.delete(newUserId);
  }

  /** Notes that the engine has heard the result of a rename, and closes its snapshot when all have been heard. */
  heard(oldUserId: string): Promise<void> {
    if (!this.server.settings.ssh) return Promise.resolve();
    if (!this.hearing) {
      const ids = new Set<string>();
      const done = new Promise((resolve) => setTimeout(resolve, gather)).then(() => {
        this.hearing = undefined;
        return this.note(ids);
      });
      this.hearing = { ids, done };
    }
    this.hearing.ids.add(oldUserId);
    return this.hearing.done;
  }

  private async note(ids: Set<string>): Promise<void> {
    await this.withHost(async (host) => {
      for (const { stored, snapshot } of await readEach(host)) {
        const { results } = snapshot;
        const fresh = [...ids].filter((id) => results[id]?.newId !== undefined && !results[id]?.heard);
        for (const id of fresh) results[id] = { ...results[id], heard: true };
        const isSettledNow = isSettled(snapshot);
        // One that a run has kept from being closed, by holding the host, is closed by whoever comes next.
        if (fresh.length === 0 && !(stored.open && isSettledNow)) continue;
        const { configurationCopyDays: copyDays } = this.server.settings;
        const settled = { text: writeText(snapshot), heard: heardMarks(snapshot), copyDays };
        await markHeard(host, stored, fresh.map(heardMark), isSettledNow ? settled : undefined);
      }
    });
    this.known = undefined;
  }

  private snapshots(): Promise<Snapshot[]> {
    if (this.known && Date.now() - this.known.at < freshFor) return this.known.snapshots;
    const snapshots = this.withHost((host) => readOwn(this.server, host));
    this.known = { at: Date.now(), snapshots };
    snapshots.catch(() => (this.known = undefined));
    return snapshots;
  }

  private async withHost<T>(work: (host: HostSession) => Promise<T>): Promise<T> {
    const host = await openHost(this.server);
    try {
      return await work(host);
    } finally {
      await host.close();
    }
  }
}

/** A rename of which the engine has not been noted to have heard. */
interface Unheard {
  /** Under what its result stands. */
  key: string;
  isPasswordUnknown: boolean;
}

function whatIsUnheard(snapshots: readonly Snapshot[]): Map<string, Unheard> {
  const found = new Map<string, Unheard>();
  for (const { results } of snapshots)
    for (const [key, { newId, heard, rolledBack, password }] of Object.entries(results))
      if (newId !== undefined && !heard && !rolledBack)
        found.set(newId, { key, isPasswordUnknown: password === "random" });
  return found;
}

/** The rename in which an account is the old one, the new one or a temporary one, as long as it has something to do. */
function openRecordOf(snapshot: Snapshot, userId: string): RenameRecord | undefined {
  return lastingRenames(snapshot).find((record) => {
    const { madeId, newId } = snapshot.results[resultKey(record)] ?? {};
    return isOpen(snapshot, record) && [resultKey(record), record.oldId, madeId, newId].includes(userId);
  });
}
