import { diffFields } from "../dynamic/fields";
import type { Context, Difference, Properties } from "../dynamic/lifecycle";
import { hasUnknown } from "../dynamic/unknowns";
import { without } from "../dynamic/without";
import { holderIn } from "./holder-in";
import { isPartOfContact } from "./contact";
import { userFields, userSettings, type UserSetting } from "./user-fields";
import { readRecord } from "./user-state";

/** The inputs that the program manages: those it declares, known or not. */
export function managedBy(inputs: Properties): UserSetting[] {
  return userSettings.filter((name) => inputs[name] !== undefined);
}

/** What differs between stored outputs and checked inputs. */
export function compareUser(olds: Properties, news: Properties) {
  const record = readRecord(olds);
  // The outputs of every user hold the list; the inputs only after a rename.
  const before = record.previousNames.length === 0 ? without(olds, "previousNames") : olds;
  const { updates, remembered, ...others } = diffFields(userFields, before, news);
  // Of fewer fields nothing is to be written.
  const isFewer = updates.includes("contact") && isPartOfContact(news["contact"], olds["contact"]);
  const differing = {
    ...others,
    updates: isFewer ? updates.filter((name) => name !== "contact") : updates,
    remembered: isFewer ? [...remembered, "contact"] : remembered,
  };
  const managed = JSON.stringify([...(record.managed ?? [])].sort());
  const managedDiffers = managed !== JSON.stringify([...managedBy(news)].sort());
  return { ...differing, managedDiffers };
}

/**
 * The answer of `diff`. Another name replaces, which is how a rename reaches `create`; the rename is marked when a
 * `check` of this process has announced it, so that the `diff` of a refresh marks nothing.
 */
export async function diffUser(context: Context, id: string, olds: Properties, news: Properties): Promise<Difference> {
  context.memory.seeInState(id, readRecord(olds).unfinished);
  const { holders } = context.memory;
  if (olds["logicalName"] !== news["logicalName"]) holders.release(id, holderIn(olds));
  holders.hold(id, { ...holderIn(news), server: holderIn(olds).server });
  const { replaces, refused, updates, remembered, managedDiffers } = compareUser(olds, news);
  const differs = [replaces, refused, updates, remembered].some((names) => names.length > 0) || managedDiffers;
  const changes = differs || readRecord(olds).unfinished;
  // Whether an unknown name is another one shows only during the update.
  if (!replaces.includes("name") || hasUnknown(news["name"])) return { changes, replaces: [] };
  markRename(context, id, olds, news);
  return { changes: true, replaces: ["name"] };
}

function markRename(context: Context, oldId: string, olds: Properties, news: Properties): void {
  const [from, to, domain] = [String(olds["name"]), String(news["name"]), String(news["domain"])];
  const server = typeof news["server"] === "string" ? news["server"] : "";
  const record = readRecord(olds);
  const previousNames = [...record.previousNames.filter((name) => name !== from && name !== to), from];
  const logicalName = String(news["logicalName"] ?? "");
  const leavesAlias = news["keepOldAddress"] !== false && !hasUnknown(news["keepOldAddress"]);
  const marked = context.memory.mark({ server, domain, from, to, logicalName, oldId, previousNames, leavesAlias });
  if (marked) context.server(server).coordinator.announce({ domain, from, to, fromId: oldId });
}
