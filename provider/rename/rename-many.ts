import type { HostFacts } from "../host/facts";
import type { HostSession } from "../host/session";
import { writeSnapshot } from "../host/snapshot-store";
import type { Alias } from "../kerio/methods/aliases";
import type { Supervisor } from "../host/supervisor";
import { silentLogger } from "../log";
import { backUp } from "./back-up";
import { openHost, type MailServer } from "./mail-server";
import { beginSnapshot, describeRename, lookAtMailboxes } from "./prepare";
import { goOnWithAll } from "./go-on-with-all";
import { carryOut } from "./run";
import { delivers } from "./delivery-address";
import { answerOf, newRenaming, type Answer } from "./renaming";
import type { Role } from "./plan";
import { readOwn } from "./recover";
import { inTwo, planTogether, type Together } from "./plan-together";
import type { Renaming, RunContext, RunHooks } from "./run-context";
import { writeText, type RenameRecord, type Snapshot } from "./snapshot";
import { whatIsHeld } from "./still-held";
import { lookAnew, underSupervision } from "./take-host";
import type { UserRequest } from "./user-request";
import { abandoned } from "./waiting";

/** What a caller may add to a run. */
export interface RenameOptions {
  hooks?: RunHooks;
  /** Whether somebody else is about to bear a name, so that an alias of it gives way. */
  hasNewBearer?: (domain: string, name: string) => boolean;
  /** Whether an alias gives way to a user of its name, though it leads to somebody else. */
  givesWay?: (domain: string, alias: Alias) => boolean;
  /** Whether the engine is known to have an account in its state. */
  isInState?: (userId: string) => boolean;
  /** Whether whoever asks is gone, so that nothing is begun any more. */
  isAbandoned?: () => Promise<boolean>;
}

const noHooks: RunHooks = { before: () => {}, after: () => {} };

/**
 * Carries out the renames of several requests in one window, after finishing what an earlier run left open. Each
 * request gets its own answer; a failure that concerns them all is everybody's answer.
 */
export async function renameMany(
  server: MailServer,
  requests: UserRequest[],
  options: RenameOptions = {},
): Promise<Map<UserRequest, Answer>> {
  const answers = new Map<UserRequest, Answer>();
  let host: HostSession | undefined;
  try {
    host = await openHost(server);
    server.inventory.invalidate();
    await underSupervision(server, host, domainsOf(requests), (facts, supervisor, held) =>
      answerAll(server, held, facts, supervisor, requests, answers, options),
    );
  } catch (error) {
    for (const request of requests) if (!answers.has(request)) answers.set(request, { ok: false, error });
  } finally {
    server.inventory.invalidate();
    await host?.close();
  }
  return answers;
}

async function answerAll(
  server: MailServer,
  host: HostSession,
  facts: HostFacts,
  supervisor: Supervisor,
  requests: UserRequest[],
  answers: Map<UserRequest, Answer>,
  options: RenameOptions,
): Promise<void> {
  const hooks = options.hooks ?? noHooks;
  const hasNewBearer = options.hasNewBearer ?? (() => false);
  const base = { server, host, supervisor, hooks, hasNewBearer };
  // The lock may have been waited for as long as ten minutes, and a backup can last for hours.
  if (await isLeft(requests, answers, options)) return;
  await goOnWithAll(base, requests, { answers, noteHeard: (snapshot) => noteHeard(snapshot, options) });
  const rest = requests.filter((request) => !answers.has(request));
  if (rest.length === 0) return;
  const held = whatIsHeld(server, supervisor);
  if (held) throw held;
  const isBackedUp = server.settings.backup !== "none";
  const quiet = isBackedUp ? { ...server, log: silentLogger } : server;
  let { snapshot, together } = await lookAtAll({ server: quiet, host, facts }, rest, options);
  if (isBackedUp && together.planned.size > 0) {
    await backUp(server);
    // It may have taken hours, in which people went on with their work.
    const now = await lookAnew(server, host, domainsOf(rest), supervisor);
    ({ snapshot, together } = await lookAtAll({ server, host, facts: now }, rest, options));
  }
  const { planned, refused } = together;
  for (const [request, error] of refused) answers.set(request, { ok: false, error });
  if (planned.size === 0) return;
  const renamings = new Map<UserRequest, Renaming>();
  const firstHalves: Renaming[] = [];
  for (const [request, { record, cut }] of planned) {
    const [first, last] = cut ? inTwo(record) : [undefined, record];
    if (first) firstHalves.push(newRenaming(first, undefined, false));
    renamings.set(request, newRenaming(last, request.password, true));
  }
  const all = [...firstHalves, ...renamings.values()];
  snapshot.renames = all.map((renaming) => renaming.record);
  // A disabled account beside a living address of the same name might bounce its mail: it is made during the hold.
  if (snapshot.renames.some(takesOwnAddress)) snapshot.order = "article";
  if (await isLeft(requests, answers, options)) return;
  await hooks.before("write-snapshot");
  await writeSnapshot(host, snapshot.id, writeText(snapshot));
  await hooks.after("write-snapshot");
  const run: RunContext = { ...base, snapshot, renamings: all, isFirst: true, windowDone: false, seen: new Map() };
  await carryOut(run);
  server.inventory.invalidate();
  for (const [request, renaming] of renamings) answers.set(request, await answerOf(run, renaming));
}

/**
 * What is true of several renames now: everything that a snapshot holds, and who cannot be renamed. Names alone are held
 * against what earlier runs have done. Reads only.
 */
async function lookAtAll(
  { server, host, facts }: { server: MailServer; host: HostSession; facts: HostFacts },
  requests: UserRequest[],
  { givesWay, hasNewBearer }: RenameOptions,
): Promise<{ snapshot: Snapshot; together: Together }> {
  server.inventory.invalidate();
  const snapshot = await beginSnapshot(server, facts, domainsOf(requests));
  const mailboxes = await lookAtMailboxes(host, facts, requests);
  const byNameAlone = requests.some(({ renamedFrom }) => renamedFrom?.userId === undefined);
  const known = { waking: new Map<string, Set<string>>(), snapshots: byNameAlone ? await readOwn(server, host) : [] };
  const describe = async (request: UserRequest, role: Role) => {
    const record = await describeRename(server, facts, snapshot, request, mailboxes, {
      ...role,
      ...known,
      ...(givesWay && { givesWay: (alias) => givesWay(request.domain, alias) }),
    });
    return hasNewBearer?.(record.domain, record.from) ? { ...record, isPromised: true } : record;
  };
  return { snapshot, together: await planTogether(server, requests, describe) };
}

/** Answers all that wait for an engine that is gone: nothing of theirs is begun. */
async function isLeft(
  requests: UserRequest[],
  answers: Map<UserRequest, Answer>,
  { isAbandoned }: RenameOptions,
): Promise<boolean> {
  if (!(await isAbandoned?.())) return false;
  for (const request of requests)
    if (!answers.has(request)) answers.set(request, { ok: false, error: abandoned(request) });
  return true;
}

/** Where no `delete` of the old account tells that the engine has heard (`retainOnDelete`), its state does. */
function noteHeard(snapshot: Snapshot, { isInState }: RenameOptions): void {
  for (const result of Object.values(snapshot.results)) {
    if (result.newId !== undefined && isInState?.(result.newId)) result.heard = true;
  }
}

function takesOwnAddress({ aliases, before, to, domain, inTheWay = [] }: RenameRecord): boolean {
  if (inTheWay.length > 0) return true;
  const own = [...aliases.map((alias) => alias.name), ...(before.emailAddresses ?? [])];
  return own.some((address) => delivers(address, to, domain));
}

function domainsOf(requests: UserRequest[]): string[] {
  return [...new Set(requests.map((request) => request.domain))];
}
