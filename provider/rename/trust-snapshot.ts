import { KerioError, type ErrorFacts } from "../errors";
import type { HostSession } from "../host/session";
import { closeByHand } from "./close-by-hand";
import type { MailServer } from "./mail-server";
import { observeHost } from "./prepare";
import { newRenaming } from "./renaming";
import { accountsOf, homePath, isAstray, oldAddress, seeDirectories, type Directories } from "./run-context";
import type { RenameRecord, Snapshot } from "./snapshot";
import { hasLeft } from "./who-has-left";

/** What a rename can have been asked for; anything else would be a path, an option or another line on the mail host. */
const plainName = /^[a-z0-9_][a-z0-9._-]{0,252}$/;

/** Somebody else bears the new name of a rename; everything else about its snapshot is as it should be. */
export class NameTaken extends KerioError {}

/** The snapshot is of another store: that of another server which has the same domains, or the one before it was moved. */
export class OtherStore extends KerioError {}

/**
 * Holds the records of a snapshot that are about to be acted on against what the server and the mail host say now. A
 * snapshot is a file: whoever edits it, or restores it from another machine, must not have us move or remove anything
 * that the rename has never been about. Reads only.
 *
 * @throws KerioError `RENAME_OPEN` that names the snapshot and what does not fit, {@link NameTaken} where that is nothing
 * but a stranger under the new name, {@link OtherStore} where it is of another store; nothing has been touched
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
  const storePath = await inventory.storePath();
  if (snapshot.storePath !== storePath) throw otherStore(snapshot, storePath);
  const facts = await observeHost(server, host, [...new Set(records.map(({ domain }) => domain))]);
  for (const record of records) {
    const { domain } = record;
    const { id, renameInfo } = await inventory.domain(domain);
    same(`the id of ${domain}`, record.domainId, id);
    // Any start of ours would give its directory the other name.
    if (renameInfo?.isRenamed) throw untrusted(snapshot, `the domain ${domain} is being renamed`);
    same(`the directory of ${domain}`, record.domainPath, facts.domains[domain]?.path ?? "");
    same("the parking directory", record.parking, facts.store.parking);
  }
  const renamings = records.map((record) => newRenaming(record, undefined, false));
  const directories = await seeDirectories({ host, snapshot, server, seen: new Map() }, renamings);
  let taken: string | undefined;
  const sources = new Set(snapshot.renames.map(({ oldId }) => oldId));
  for (const renaming of renamings) {
    const { record } = renaming;
    const { domain, from, to } = record;
    const seen = directories.get(renaming) ?? { mailboxAt: "neither" };
    const accounts = accountsOf(await inventory.users(domain), record, snapshot);
    const { old, stranger } = accounts;
    if (old) same("the account that it renames", from, old.loginName.toLowerCase());
    if (old && isAstray(record, seen)) throw astray(snapshot, record);
    if (stranger && !sources.has(stranger.id) && needsItsName(snapshot, record, accounts, seen.mailboxAt))
      taken ??= `${to}@${domain} is an account that the rename of ${from} has not made`;
  }
  if (taken !== undefined) throw new NameTaken("RENAME_OPEN", misfit(snapshot, taken));
}

/** Not for a mailbox that waits in parking for nobody, which goes home; nor where nobody is left to rename. */
function needsItsName(
  snapshot: Snapshot,
  record: RenameRecord,
  accounts: ReturnType<typeof accountsOf>,
  at: Directories["mailboxAt"],
): boolean {
  return !(at === "parked" && record.after === undefined) && !hasLeft(snapshot, record, accounts, at);
}

/** What lies under the two names may be anybody's: whose mail goes where is for a person to see. */
function astray(snapshot: Snapshot, record: RenameRecord): KerioError {
  const { mailbox, domainPath } = record;
  return new KerioError("RENAME_OPEN", {
    ...misfit(
      snapshot,
      `the mailbox of ${oldAddress(record)} (inode ${mailbox?.inode ?? ""}) lies neither in ${homePath(record)} nor in ` +
        `${domainPath}/${record.to}; the store was restored or copied, or the directory replaced`,
    ),
    next:
      `Nothing has been touched. See on the mail host in which directory the mail lies, and which account the person uses. ` +
      `Remove the other account of the two in the administration, keeping its mail, and let the directory bear the name of ` +
      `the one that stays. Then run \`pulumi up\` again.`,
  });
}

function otherStore(snapshot: Snapshot, storePath: string): KerioError {
  return new OtherStore("RENAME_OPEN", {
    ...misfit(snapshot, `the store is ${JSON.stringify(snapshot.storePath)}, and not ${JSON.stringify(storePath)}`),
    next:
      `Nothing has been touched. Where another mail server on this host has that store (it was reached at ${snapshot.url}), ` +
      `run \`npx pulumi-kerio recover\` with that server's settings. Where the store was moved, bring it back until that has ` +
      `run. Where neither can be, close it by hand: ${closeByHand(snapshot)}.`,
  });
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
      `~root/.pulumi-kerio/snapshots/${snapshot.id}.open.json says, then run \`pulumi up\` again. ` +
      `Where that cannot be, close it by hand: ${closeByHand(snapshot)}.`,
    outcome: "rejected",
  };
}
