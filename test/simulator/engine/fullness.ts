import { blocksMore } from "./domain-quota.js";
import type { Engine } from "./engine.js";
import { mailboxUsage } from "./mailbox.js";
import type { User } from "./state.js";
import { bytesOf } from "./units.js";

/** What has no room for so many more bytes and items: the domain, the mailbox, or nothing. */
export function fullness(
  { engine, user }: { engine: Engine; user: User },
  length: number,
  amount = 1,
): "domain" | "mailbox" | undefined {
  const domain = engine.domain(user.domainId);
  if (domain && blocksMore(engine, domain, length)) return "domain";
  if (!user.itemLimit.isActive && !user.diskSizeLimit.isActive) return undefined;
  const { items, bytes } = mailboxUsage(engine.mailboxOf(user));
  const full =
    (user.itemLimit.isActive && items + amount > user.itemLimit.limit) ||
    (user.diskSizeLimit.isActive && bytes + length > bytesOf(user.diskSizeLimit.limit));
  return full ? "mailbox" : undefined;
}
