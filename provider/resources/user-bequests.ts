import type { Context } from "../dynamic/lifecycle";
import type { Bequest } from "../dynamic/memory";
import { KerioError } from "../errors";
import { addressOf } from "./user-convert";
import type { KnownUser } from "./user-create";

/**
 * Whoever is the heir of others who leave goes after them, when their mail is in the mailbox; the engine removes what does
 * not depend on each other side by side, in any order.
 *
 * @param name the local part that the account bears
 * @throws KerioError `DELETE_REFUSED` where that mail would be deleted, or where people are to inherit from each other
 */
export async function afterBequests({ memory }: Context, declared: KnownUser, name: string): Promise<void> {
  const { server = "", domain, onDelete } = declared;
  // Who names itself is told so where the heir is looked up.
  const bequests = memory.bequestsTo({ server, domain, name }).filter(({ from }) => from !== name);
  const leavers = bequests.map(({ from }) => addressOf(from, domain)).join(", ");
  if (bequests.length > 0 && onDelete === "deleteMail")
    throw new KerioError("DELETE_REFUSED", {
      object: `user ${addressOf(name, domain)}`,
      doing: "removing it with its mail",
      happened: `the mail of ${leavers} goes to it in this update, as their onDelete says, and would be deleted as well`,
      next: "It was not removed. Run `pulumi up` or `pulumi destroy` again to delete it with that mail; to keep it, bring the resource back with another onDelete first.",
      outcome: "not-sent",
    });
  if (inheritsFromItself(memory, { server, domain, name }))
    throw new KerioError("DELETE_REFUSED", {
      object: `user ${addressOf(name, domain)}`,
      doing: "removing it",
      happened: "this update removes it together with the heir of its mail, whose own mail is to go to it again",
      next: 'Nothing of it was touched. Bring the resource back, let onDelete name somebody who stays, or say "keepMail", run `pulumi up`, and remove it again.',
      outcome: "not-sent",
    });
  await Promise.all(bequests.map(({ done }) => done));
}

/** What a leaver is told whose heir is on the way out. */
export function leavingHeir(address: string, heir: string): KerioError {
  return new KerioError("DELETE_REFUSED", {
    object: `user ${address}`,
    doing: "removing it",
    happened: `its mail is to go to ${heir}, whom this update removes as well`,
    next: "Nothing was touched. Bring the resource back, correct onDelete, run `pulumi up`, and remove it again.",
    outcome: "not-sent",
  });
}

function inheritsFromItself(
  memory: Context["memory"],
  of: Pick<Bequest, "server" | "domain"> & { name: string },
): boolean {
  const { server, domain, name } = of;
  const met = new Set<string>();
  const before = (one: string): string[] =>
    memory
      .bequestsTo({ server, domain, name: one })
      .map(({ from }) => from)
      .filter((from) => from !== one);
  for (let next = before(name); next.length > 0; next = next.flatMap(before).filter((one) => !met.has(one))) {
    if (next.includes(name)) return true;
    for (const one of next) met.add(one);
  }
  return false;
}
