import { KerioError, type ErrorFacts } from "../errors";
import type { HostSession } from "../host/session";
import type { MailServer } from "./mail-server";
import { observeHost } from "./prepare";
import { newRenaming } from "./renaming";
import { accountsOf, seeDirectories, type Look } from "./run-context";
import type { RenameRecord, Snapshot } from "./snapshot";
import { hasLeft } from "./who-has-left";

/** What a rename can have been asked for; anything else would be a path, an option or another line on the mail host. */
const plainName = /^[a-z0-9_][a-z0-9._-]{0,252}$/;

/** Somebody else bears the new name of a rename; everything else about its snapshot is as it should be. */
export class NameTaken extends KerioError {}

/**
 * Holds the records of a snapshot that are about to be acted on against what the server and the mail host say now. A
 * snapshot is a file: whoever edits it, or restores it from another machine, must not have us move or remove anything
 * that the rename has never been about. Reads only.
 *
 * @throws KerioError `RENAME_OPEN` that names the snapshot and what does not fit, {@link NameTaken} where that is nothing
 * but a stranger under the new name; nothing has been touched
 */
export async function trustSnapshot(
  server: MailServer,
  host: HostSession,
  snapshot: Snapshot,
  records: RenameRecord[],
): Promise<void> {
  for (const record of records) {
    for (const key of ["domain", "from", "to", "home", "transientFor"] as const) {
      const name = record[key];
      if (name !== undefined && (!plainName.test(name) || name.includes(".."))) {
        throw untrusted(snapshot, `${key} is ${JSON.stringify(name)}, which is no name`);
      }
    }
    if (record.from === record.to) throw untrusted(snapshot, `it renames ${record.from} to itself`);
  }
  const { inventory } = server;
  const same = (what: string, said: string, seen: string) => {
    if (said !== seen) throw untrusted(snapshot, `${what} is ${JSON.stringify(said)}, and not ${JSON.stringify(seen)}`);
  };
  same("the store", snapshot.storePath, await inventory.storePath());
  const facts = await observeHost(server, host, [...new Set(records.map(({ domain }) => domain))]);
  let taken: string | undefined;
  const sources = new Set(snapshot.renames.map(({ oldId }) => oldId));
  for (const record of records) {
    const { domain, from, to } = record;
    same(`the id of ${domain}`, record.domainId, (await inventory.domain(domain)).id);
    same(`the directory of ${domain}`, record.domainPath, facts.domains[domain]?.path ?? "");
    same("the parking directory", record.parking, facts.store.parking);
    const users = await inventory.users(domain);
    const accounts = accountsOf(users, record, snapshot);
    const { old, stranger } = accounts;
    if (old) same("the account that it renames", from, old.loginName.toLowerCase());
    if (stranger && !sources.has(stranger.id) && (await needsItsName({ server, host, snapshot }, record, accounts)))
      taken ??= `${to}@${domain} is an account that the rename of ${from} has not made`;
  }
  if (taken !== undefined) throw new NameTaken("RENAME_OPEN", misfit(snapshot, taken));
}

/** Not for a mailbox that waits in parking for nobody, which goes home; nor where nobody is left to rename. */
async function needsItsName(
  look: Omit<Look, "seen">,
  record: RenameRecord,
  accounts: ReturnType<typeof accountsOf>,
): Promise<boolean> {
  const renaming = newRenaming(record, undefined, false);
  const directories = await seeDirectories({ ...look, seen: new Map() }, [renaming]);
  const at = directories.get(renaming)?.mailboxAt ?? "neither";
  return !(at === "parked" && record.after === undefined) && !hasLeft(look.snapshot, record, accounts, at);
}

function untrusted(snapshot: Snapshot, happened: string): KerioError {
  return new KerioError("RENAME_OPEN", misfit(snapshot, happened));
}

function misfit(snapshot: Snapshot, happened: string): ErrorFacts {
  return {
    object: `snapshot ${snapshot.id} on the mail host`,
    doing: "holding it against the server and the mail host",
    happened,
    next:
      `Nothing has been touched. The server was changed since the earlier run, or the file was. Bring the server back to what ` +
      `~root/.pulumi-kerio/snapshots/${snapshot.id}.open.json says, then run \`pulumi up\` again.`,
    outcome: "rejected",
  };
}
