import { moveMessages, removeEmptyMailbox } from "../../host/directories";
import { createAliases, listAliases, removeAliases, type Alias } from "../../kerio/methods/aliases";
import { findEntityByEmail } from "../../kerio/methods/server";
import { checkMailboxIntegrity, listUsers, setUsers, type User } from "../../kerio/methods/users";
import { delivers } from "../delivery-address";
import { alive, newAddress, seeAccounts, seeDirectories, type Renaming, type RunContext } from "../run-context";
import type { Step } from "./step";

/**
 * Leaves an alias under the old name, gives the new account the old one's extra addresses, and removes the alias that
 * bore the new name before, which would lead from the account to itself.
 */
export const addAddresses: Step = {
  name: "add-addresses",
  unseen: "the old address does not lead to the new account",
  onUnseen: "incomplete",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    const aliases = await aliasesByDomain(run, alive(run));
    return alive(run).filter((renaming) => {
      const { fresh } = accounts.get(renaming) ?? {};
      return (
        needsAlias(run, renaming, aliases) ||
        idleAliases(renaming, aliases).length > 0 ||
        (fresh !== undefined && lacksAddresses(renaming, fresh))
      );
    });
  },
  async act(run, pending) {
    const aliases = await aliasesByDomain(run, pending);
    const unnamed = pending.filter((renaming) => needsAlias(run, renaming, aliases));
    if (unnamed.length > 0) {
      await createAliases(
        run.server.client,
        unnamed.map(({ record }) => ({
          domainId: record.domainId,
          name: record.from,
          deliverTo: newAddress(record),
          type: "TypeEmailAddress",
          description: aliasDescription,
        })),
      );
    }
    const idle = pending.flatMap((renaming) => idleAliases(renaming, aliases).map((alias) => alias.id));
    if (idle.length > 0) await removeAliases(run.server.client, idle);
    const accounts = await seeAccounts(run, pending);
    for (const renaming of pending) {
      const { fresh } = accounts.get(renaming) ?? {};
      if (!fresh || !lacksAddresses(renaming, fresh)) continue;
      await setUsers(run.server.client, [fresh.id], { emailAddresses: renaming.record.emailAddresses });
    }
  },
};

/** What the description of an alias says that a rename has made. */
export const aliasDescription = "old address of a renamed user";

/**
 * Looks once more for mail under the old name that no account sees: its messages go into the new mailbox's INBOX;
 * an empty directory is removed.
 */
export const sweepStrays: Step = {
  name: "sweep-strays",
  unseen: "a directory under the old name is left that no account bears",
  onUnseen: "incomplete",
  async pending(run) {
    const directories = await seeDirectories(run, alive(run));
    const planned = new Set(run.snapshot.renames.map((record) => record.mailbox?.inode));
    const suspects = alive(run).filter((renaming) => {
      const from = directories.get(renaming)?.from;
      return from !== undefined && !planned.has(from.inode);
    });
    const bearers = new Set<string>();
    for (const domainId of new Set(suspects.map((r) => r.record.domainId))) {
      for (const user of await listUsers(run.server.client, { domainId })) bearers.add(`${domainId} ${user.loginName}`);
    }
    return suspects.filter(({ record }) => !bearers.has(`${record.domainId} ${record.from}`));
  },
  async act(run, pending) {
    const directories = await seeDirectories(run, pending);
    const accounts = await seeAccounts(run, pending);
    for (const renaming of pending) {
      const { from, to } = directories.get(renaming) ?? {};
      const { record } = renaming;
      if (!from) continue;
      const path = `${record.domainPath}/${record.from}`;
      if (from.messages === 0) {
        await removeEmptyMailbox(run.host, path, from.inode);
        continue;
      }
      if (!to) continue;
      const moved = await moveMessages(run.host, {
        from: { path, inode: from.inode },
        to: { path: `${record.domainPath}/${record.to}`, inode: to.inode },
        parking: record.parking,
      });
      const id = accounts.get(renaming)?.fresh?.id;
      if (id) await checkMailboxIntegrity(run.server.client, [id]);
      renaming.notes.push(`${moved} message(s) that had arrived under the old name were put into INBOX.`);
    }
  },
};

/** Asks the server who takes the old address now; an answer other than the new account is told, not hidden. */
export async function verifyDelivery(run: RunContext, renamings: Renaming[]): Promise<Renaming[]> {
  const wrong: Renaming[] = [];
  for (const renaming of renamings) {
    const { record } = renaming;
    if (!wantsAlias(run, renaming)) continue;
    const entities = await findEntityByEmail(run.server.client, {
      addresses: [record.from],
      domainId: record.domainId,
    });
    if (!entities.some((entity) => entity.kind === "EntityAlias" && !entity.isPattern)) wrong.push(renaming);
  }
  return wrong;
}

/** Whether the old name is to become an alias: not where somebody else is about to bear it. */
export function wantsAlias(run: RunContext, { record }: Renaming): boolean {
  return record.keepOldAddress && !run.hasNewBearer(record.domain, record.from);
}

function needsAlias(run: RunContext, renaming: Renaming, aliases: Map<string, Alias[]>): boolean {
  const { record } = renaming;
  if (!wantsAlias(run, renaming)) return false;
  const rows = aliases.get(record.domainId) ?? [];
  return !rows.some(
    (row) => row.name.toLowerCase() === record.from && delivers(row.deliverTo, record.to, record.domain),
  );
}

/** Aliases to the old account that bore the account's new name. */
function idleAliases({ record }: Renaming, aliases: Map<string, Alias[]>): Alias[] {
  const ids = new Set(record.aliases.map((alias) => alias.id));
  return (aliases.get(record.domainId) ?? []).filter(
    (row) =>
      ids.has(row.id) && row.name.toLowerCase() === record.to && delivers(row.deliverTo, record.to, record.domain),
  );
}

function lacksAddresses(renaming: Renaming, fresh: User): boolean {
  const local = (address: string) => address.toLowerCase().replace(/@.*$/, "");
  const has = new Set((fresh.emailAddresses ?? []).map(local));
  return renaming.record.emailAddresses.some((address) => !has.has(local(address)));
}

async function aliasesByDomain(run: RunContext, renamings: Renaming[]): Promise<Map<string, Alias[]>> {
  const found = new Map<string, Alias[]>();
  for (const domainId of new Set(renamings.map((r) => r.record.domainId))) {
    found.set(domainId, await listAliases(run.server.client, { domainId }));
  }
  return found;
}
