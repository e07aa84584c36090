import type { MailServer } from "./mail-server";
import type { RunContext } from "./run-context";
import { saveResults } from "./save-results";
import { resultKey, type Snapshot } from "./snapshot";

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
