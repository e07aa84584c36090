import { closeByHand } from "./close-by-hand";
import type { MailServer } from "./mail-server";
import type { RunContext } from "./run-context";
import { saveResults } from "./save-results";
import { resultKey, type RenameRecord, type Snapshot } from "./snapshot";
import { nameNow, whatIsGone, type Whereabouts } from "./whereabouts";

/** What a run says that passes a snapshot by, or leaves it open; nothing where it is here. */
export async function whyPassedBy(server: MailServer, snapshot: Snapshot, where: Whereabouts): Promise<string> {
  const its = `Snapshot ${snapshot.id} on the mail host`;
  const about = domainsOf(snapshot.renames);
  switch (where) {
    case "here":
      return "";
    case "lost":
      return `${its} is about ${about}, which the mail server has no more. It is passed by; \`npx pulumi-kerio recover\` closes it.`;
    case "renamed":
      return (
        `${its} is passed by: ${await namesNow(server, snapshot)}. Rename it back, restart the server, and run ` +
        `\`npx pulumi-kerio recover\` before the domain gets its new name.`
      );
    case "replaced":
      return (
        `${its} is passed by: ${about} was made anew, and the one that it is about is on the server no more. ` +
        `It stays open until you close it by hand: ${closeByHand(snapshot)}.`
      );
    case "elsewhere":
      return (
        `${its} is passed by: it is about ${about} of another mail server, which was reached at ${snapshot.url} and has ` +
        `its store in ${snapshot.storePath}. An update or \`npx pulumi-kerio recover\` with that server's settings ends ` +
        `it. Where there is no such server any more, close it by hand: ${closeByHand(snapshot)}.`
      );
  }
}

/**
 * Ends the renames of a snapshot whose domains are gone, in memory: whoever goes on with the others writes it down.
 *
 * @returns those of which nobody has been told before
 */
export async function endGone(server: MailServer, snapshot: Snapshot): Promise<RenameRecord[]> {
  const gone = await whatIsGone(server, snapshot);
  end(snapshot, gone);
  return gone;
}

/** Closes a snapshot whose domains are all gone: what was begun is over, and nobody will hear of it. */
export async function closeLost(run: Pick<RunContext, "server" | "host" | "snapshot">): Promise<void> {
  end(run.snapshot, run.snapshot.renames);
  await saveResults(run);
}

/** Where mail of renames whose domains are gone may lie, which nobody touches. */
export function whatIsLost(records: readonly RenameRecord[]): string {
  const paths = new Set(records.flatMap(({ domainPath, parking }) => [domainPath, parking]));
  return (
    `${domainsOf(records)} and its accounts are on the server no more. What mail of theirs lies on the mail host stays ` +
    `where it is; look in ${[...paths].join(" and ")}.`
  );
}

function end({ results }: Snapshot, records: readonly RenameRecord[]): void {
  for (const record of records) {
    const result = results[resultKey(record)];
    const ended = result?.finished ? { ...result, heard: true } : { rolledBack: true };
    results[resultKey(record)] = { ...ended, domainGone: true };
  }
}

async function namesNow(server: MailServer, { renames }: Snapshot): Promise<string> {
  const domains = await server.inventory.domains();
  const names = new Map(renames.map((record) => [record.domain, nameNow(domains, record)]));
  const words = [...names].flatMap(([was, is]) => (is === undefined ? [] : `${was} is called ${is} now`));
  return `the domain ${words.join(", ")}`;
}

function domainsOf(records: readonly RenameRecord[]): string {
  return `the domain ${[...new Set(records.map(({ domain }) => domain))].join(", ")}`;
}
