import type { MailServer } from "./mail-server";
import type { RunContext } from "./run-context";
import { saveResults } from "./save-results";
import { resultKey, type RenameRecord, type Snapshot } from "./snapshot";

/**
 * The snapshots whose domains are on the server no more, not one of them: their accounts went with them, and nobody is left
 * to rename. Reads only.
 */
export async function ofLostDomains(server: MailServer, snapshots: readonly Snapshot[]): Promise<Set<Snapshot>> {
  if (snapshots.length === 0) return new Set();
  const present = new Set((await server.inventory.domains()).map(({ id }) => id));
  const lost = snapshots.filter(
    ({ renames }) => renames.length > 0 && renames.every(({ domainId }) => !present.has(domainId)),
  );
  // The administrator of one domain may be shown no other.
  const isBlind = async () => (await server.inventory.me()).effectiveRole?.userRole === "BuiltInDomainAdmin";
  return new Set(lost.length === 0 || (await isBlind()) ? [] : lost);
}

/**
 * The snapshots of which a domain has another name now: nothing in them can be found under the old one. Reads only.
 */
export async function ofRenamedDomains(server: MailServer, snapshots: readonly Snapshot[]): Promise<Set<Snapshot>> {
  if (snapshots.length === 0) return new Set();
  const present = await presentNames(server);
  return new Set(snapshots.filter(({ renames }) => renames.some((record) => nameNow(present, record) !== undefined)));
}

/** What a run says that passes such a snapshot by, or leaves it open. */
export async function whatIsRenamed(server: MailServer, snapshot: Snapshot): Promise<string> {
  const present = await presentNames(server);
  const renamed = new Map(snapshot.renames.map((record) => [record.domain, nameNow(present, record)]));
  const words = [...renamed].flatMap(([was, is]) => (is === undefined ? [] : `${was} is called ${is} now`));
  return (
    `Snapshot ${snapshot.id} on the mail host is passed by: the domain ${words.join(", ")}. Rename it back, restart the server, ` +
    `and run \`npx pulumi-kerio recover\` before the domain gets its new name.`
  );
}

async function presentNames(server: MailServer): Promise<Map<string, string>> {
  return new Map((await server.inventory.domains()).map(({ id, name }) => [id, name]));
}

/** What the domain of a rename is called now, where that is another name. */
function nameNow(present: Map<string, string>, { domain, domainId }: RenameRecord): string | undefined {
  const name = present.get(domainId);
  return name?.toLowerCase() === domain.toLowerCase() ? undefined : name;
}

/** What a run says that passes such a snapshot by. */
export function passedBy(snapshot: Snapshot): string {
  return (
    `Snapshot ${snapshot.id} on the mail host is about ${domainsOf(snapshot)}, which the mail server has no more. It is passed ` +
    `by; \`npx pulumi-kerio recover\` closes it.`
  );
}

/** Closes such a snapshot: what was begun is over, and nobody will hear of it. */
export async function closeLost(run: Pick<RunContext, "server" | "host" | "snapshot">): Promise<void> {
  const { renames, results } = run.snapshot;
  for (const record of renames) {
    const result = results[resultKey(record)];
    const end = result?.finished ? { ...result, heard: true } : { rolledBack: true };
    results[resultKey(record)] = { ...end, domainGone: true };
  }
  await saveResults(run);
}

/** Where mail of such a snapshot may lie, which nobody touches. */
export function whatIsLost(snapshot: Snapshot): string {
  const paths = new Set(snapshot.renames.flatMap(({ domainPath, parking }) => [domainPath, parking]));
  return (
    `${domainsOf(snapshot)} and its accounts are on the server no more. What mail of theirs lies on the mail host stays ` +
    `where it is; look in ${[...paths].join(" and ")}.`
  );
}

function domainsOf({ renames }: Snapshot): string {
  return `the domain ${[...new Set(renames.map(({ domain }) => domain))].join(", ")}`;
}
