import type { Engine } from "./engine.js";
import { mailboxUsage } from "./mailbox.js";
import type { Domain, SizeLimit } from "./state.js";
import { bytesOf } from "./units.js";

/** What a domain says about the space of all its mailboxes together. */
interface Quota {
  diskSizeLimit?: SizeLimit;
  blocks?: boolean;
}

/** The bytes in all mailboxes of a domain. Walks through every one of them. */
export function domainUsage(engine: Engine, domain: Domain): number {
  return engine.state.users
    .filter((user) => user.domainId === domain.id)
    .reduce((sum, user) => sum + mailboxUsage(engine.mailboxOf(user)).bytes, 0);
}

/** Whether a domain has a limit of space in force. */
export function isLimited(domain: Domain): boolean {
  return (domain.settings["domainQuota"] as Quota | undefined)?.diskSizeLimit?.isActive === true;
}

/** Whether a message of this size is one too many for the domain, and the domain blocks what is. */
export function blocksMore(engine: Engine, domain: Domain, bytes: number): boolean {
  const quota = domain.settings["domainQuota"] as Quota | undefined;
  if (!quota?.blocks || !quota.diskSizeLimit?.isActive) return false;
  return domainUsage(engine, domain) + bytes > bytesOf(quota.diskSizeLimit.limit);
}
