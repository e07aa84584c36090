import { messageOf } from "../errors";
import { createAliases, removeAliases, type Alias } from "../kerio/methods/aliases";
import { explainItemError } from "./item-errors";
import type { MailServer } from "./mail-server";
import { formerAliasesOf } from "./who-holds";

/** Removes those of the aliases of a newcomer's name that are still there. Throws with the server's reason where one is left. */
export async function removeFormerAliases(
  server: MailServer,
  newcomer: { domain: string },
  aliases: readonly Alias[],
): Promise<void> {
  if (aliases.length === 0) return;
  const present = new Set((await server.inventory.aliases(newcomer.domain)).map((alias) => alias.id));
  const ids = aliases.map((alias) => alias.id).filter((id) => present.has(id));
  try {
    for (const result of await removeAliases(server.client, ids, { itemwise: true }))
      if (!result.ok) throw new Error(`an alias of that name cannot be removed: ${explainItemError(result.error)}`);
  } finally {
    server.inventory.invalidate();
  }
}

/**
 * Removes what a rename has left under the name of a newcomer who has the account already: beside it, such an alias would
 * lead the mail to the former bearer. Throws as {@link removeFormerAliases} does.
 */
export async function removeLeftAliases(server: MailServer, newcomer: { domain: string; name: string }): Promise<void> {
  server.inventory.invalidate();
  await removeFormerAliases(server, newcomer, await formerAliasesOf(server, newcomer, true));
}

/**
 * Makes those of the aliases again that are missing, for a newcomer who did not come into being: mail to the name
 * would bounce otherwise. Never throws: what cannot be put right is told.
 */
export async function restoreFormerAliases(
  server: MailServer,
  newcomer: { domain: string; name: string },
  aliases: readonly Alias[],
): Promise<void> {
  if (aliases.length === 0) return;
  const missing = async (): Promise<Alias[]> => {
    server.inventory.invalidate();
    // An account that is there after all takes its own mail; an alias beside it would lead that away.
    if (await server.inventory.userByName(newcomer.domain, newcomer.name)) return [];
    const present = await server.inventory.aliases(newcomer.domain);
    return aliases.filter(({ name, deliverTo }) => !present.some((a) => a.name === name && a.deliverTo === deliverTo));
  };
  let detail = "the server accepted it, but does not show it";
  try {
    const { id: domainId } = await server.inventory.domain(newcomer.domain);
    const rows = (await missing()).map(({ name, deliverTo, type, description }) => ({
      domainId,
      name,
      deliverTo,
      ...(type !== undefined && { type }),
      ...(description !== undefined && { description }),
    }));
    if (rows.length === 0) return;
    for (const result of await createAliases(server.client, rows, { itemwise: true }))
      if (!result.ok) detail = explainItemError(result.error);
    if ((await missing()).length === 0) return;
  } catch (error) {
    detail = messageOf(error);
  }
  server.log.warn(
    `${newcomer.name}@${newcomer.domain} was not created, and the alias of that name, which delivered to ` +
      `${aliases.map((alias) => alias.deliverTo).join(", ")}, could not be put back (${detail}). Make it by hand in the ` +
      `administration, or mail to that address bounces.`,
  );
}
