import { codeOf } from "../errors";
import type { SecurityPolicy } from "../kerio/methods/security-policy";
import type { User } from "../kerio/methods/users";
import { delivers, namesOf } from "./delivery-address";
import type { MailServer } from "./mail-server";
import type { AnnouncedRename } from "./user-request";

const shortUnits: Record<string, string> = {
  Bytes: "bytes",
  KiloBytes: "KB",
  MegaBytes: "MB",
  GigaBytes: "GB",
  TeraBytes: "TB",
  PetaBytes: "PB",
};

/** What an account's mailbox holds, `1204 items, 3 GB`; undefined where the server tells neither. */
export function mailboxSize({ consumedItems, consumedSize }: User): string | undefined {
  const items = consumedItems === undefined ? [] : [consumedItems === 1 ? "1 item" : `${consumedItems} items`];
  const size = consumedSize ? [`${consumedSize.value} ${shortUnits[consumedSize.units] ?? consumedSize.units}`] : [];
  return [...items, ...size].join(", ") || undefined;
}

/** Mailing lists that hold the old address as text instead of the account: the rename does not find them by its id. */
export async function listedAsText(server: MailServer, { domain, from }: AnnouncedRename): Promise<string[]> {
  const names = namesOf(await server.inventory.domain(domain));
  const lists = (await server.inventory.mailingLists())
    .filter(({ members }) =>
      members.some(
        ({ hasId, emailAddress }) =>
          !hasId && (emailAddress ?? "").includes("@") && delivers(emailAddress ?? "", from, names),
      ),
    )
    .map(({ list }) => list.name);
  if (lists.length === 0) return [];
  return [
    `The mailing list(s) ${lists.slice(0, 5).join(", ")} hold ${from}@${domain} as text, not as the account; they reach the new ` +
      `name through the alias only.`,
  ];
}

/** A device that goes on signing in with the old name looks like somebody who guesses passwords. */
export async function guessProtection(server: MailServer, { domain, from }: AnnouncedRename): Promise<string[]> {
  const policy = await server.inventory.securityPolicy().catch((error: unknown): SecurityPolicy => {
    // An account administrator may not be shown it; what cannot be known is no reason to refuse.
    if (codeOf(error) === "API_REFUSED" || codeOf(error) === "PRIVILEGE_MISSING") return {};
    throw error;
  });
  if (!policy.antiHammering?.isEnabled) return [];
  return [
    `The server shuts out network addresses that seem to guess passwords: a device that goes on signing in as ` +
      `${from}@${domain} can get everybody behind its address shut out. Change the login on its devices at once.`,
  ];
}
