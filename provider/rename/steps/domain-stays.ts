import { renameError, type Renaming, type RunContext } from "../run-context";

/**
 * Fails whose domain is waiting for another name: the server gives it with its next start, and the directory of all its
 * mailboxes moves then. The last look before a stop of ours; the preview and the preflight have looked, too.
 *
 * @throws KerioError `NOT_FOUND` where a domain has its new name already
 */
export async function failInRenamedDomains(run: RunContext, pending: readonly Renaming[]): Promise<void> {
  const { inventory } = run.server;
  inventory.invalidate();
  for (const renaming of pending) {
    const { renameInfo } = await inventory.domain(renaming.record.domain);
    if (renameInfo?.isRenamed) renaming.failure ??= beingRenamed(renaming);
  }
}

function beingRenamed({ record }: Renaming): Error {
  return renameError("RENAME_ROLLED_BACK", record, {
    doing: "stopping the mail service",
    happened: `the domain ${record.domain} is being renamed, which the next start of the server carries out`,
    next: "Nothing was stopped or moved. Wait until the domain has its new name, then run `pulumi up` again.",
  });
}
