import { existsSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { fullness } from "./fullness.js";
import type { Engine } from "./engine.js";
import { storeMessage } from "./mailbox.js";
import type { User } from "./state.js";
import { makeDirectory } from "./store-modes.js";

const dayMs = 24 * 3600 * 1000;

/** Where a mailbox keeps what was deleted; the name begins like those of everything that is no folder. */
const keptIn = (mailbox: string) => join(mailbox, "#recovery");

/** How long an account's domain keeps what was deleted, in days; 0 for not at all. */
function daysKept(engine: Engine, user: User): number {
  const rule = engine.domain(user.domainId)?.settings["keepForRecovery"] as
    { isEnabled?: boolean; days?: number } | undefined;
  return rule?.isEnabled ? (rule.days ?? 0) : 0;
}

/** What to do with the file of a deleted message: it is kept for recovery where the domain says so. */
export function keeperOf(engine: Engine, user: User): ((file: string) => void) | undefined {
  if (daysKept(engine, user) === 0) return undefined;
  const directory = keptIn(engine.mailboxOf(user));
  return (file) => {
    makeDirectory(directory, engine.modes.directory);
    const number = readdirSync(directory).reduce((most, name) => Math.max(most, Number.parseInt(name, 10)), 0) + 1;
    renameSync(file, join(directory, `${number}-${Date.now()}.eml`));
  };
}

/** The files that can still be recovered, in the order in which they were deleted. */
function recoverable(engine: Engine, user: User): string[] {
  const directory = keptIn(engine.mailboxOf(user));
  if (!existsSync(directory)) return [];
  const oldest = Date.now() - daysKept(engine, user) * dayMs;
  return readdirSync(directory)
    .filter((name) => Number(/-(\d+)/.exec(name)?.[1]) >= oldest)
    .sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10))
    .map((name) => join(directory, name));
}

/** Number and bytes of what can be recovered. */
export function recoverySize(engine: Engine, user: User): { items: number; bytes: number } {
  const sizes = recoverable(engine, user).map((file) => statSync(file).size);
  return { items: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Puts it all into "Deleted Items". Gives how many there are; undefined when the quota has no room for them. */
export function recover(engine: Engine, user: User): number | undefined {
  const { items, bytes } = recoverySize(engine, user);
  if (items > 0 && fullness({ engine, user }, bytes, items)) return undefined;
  for (const file of recoverable(engine, user)) {
    storeMessage(join(engine.openMailbox(user), "Deleted Items"), readFileSync(file), { modes: engine.modes });
    unlinkSync(file);
  }
  return items;
}
