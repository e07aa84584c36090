import { getWebSessions } from "../kerio/methods/server";
import { explainRename } from "./explain";
import type { MailServer } from "./mail-server";
import { markOf } from "./mark";
import { foreignMailbox, halfMade, nameTaken } from "./newcomer-refusals";
import { delivers } from "./delivery-address";
import { guessProtection, listedAsText, mailboxSize } from "./preview-facts";
import { askAboutRename, describeEntity, type RenameQuestion } from "./questions";
import { tooFewSeats, type Newcomers, type Waking } from "./seats";
import { unknownHost } from "./unknown-host";
import type { Findings } from "./user-request";
import { whoHolds } from "./who-holds";

/** What the preview says about a rename: refusals, warnings, and the paragraph that explains it. Reads only. */
export async function previewRename(
  server: MailServer,
  rename: RenameQuestion,
  willHaveNewBearer: boolean,
  newcomers: Newcomers = new Map(),
): Promise<Findings & { explanation: string }> {
  const { refusals, warnings, account } = await askAboutRename(server, rename);
  const { settings } = server;
  if (!settings.ssh?.hostKey) refusals.push((await unknownHost(settings)).message);
  if (account) {
    warnings.push(...(await openSessions(server, account.loginName, rename.domain)));
    warnings.push(...(await listedAsText(server, rename)));
    warnings.push(...(await guessProtection(server, rename)));
    if (rename.enables && account.isEnabled === false && refusals.length === 0)
      warnings.push(...(await tooFewSeats(server, rename.domain, newcomers, rename.waking)));
  }
  if (willHaveNewBearer) {
    warnings.push(
      `${rename.from}@${rename.domain} gets a new bearer in this program: no alias stays under that name once that one is there.`,
    );
  }
  const keeps = rename.keepOldAddress ?? true;
  const address = (name: string) => `${name}@${rename.domain}`;
  const isOwn = rename.emailAddresses?.some((own) => delivers(own, rename.from, rename.domain)) ?? false;
  const explanation = explainRename(address(rename.from), address(rename.to), {
    alias: !keeps ? (isOwn ? "own-address" : "none") : willHaveNewBearer ? "until-next-bearer" : "for-good",
    order: settings.renameOrder,
    hasPassword: rename.hasPassword ?? rename.password !== undefined,
    mailbox: account && mailboxSize(account),
  });
  return { refusals, warnings, explanation };
}

async function openSessions(server: MailServer, name: string, domain: string): Promise<string[]> {
  const sessions = await getWebSessions(server.client);
  const theirs = sessions.filter((session) => delivers(session.userName, name, domain));
  if (theirs.length === 0) return [];
  return [
    `${name}@${domain} is signed in to the web client right now (${theirs.length} session(s)) and will be thrown out.`,
  ];
}

/** A new user as the preview asks about it. */
export interface NewcomerPreview {
  domain: string;
  name: string;
  adopt: boolean;
  adoptMailbox: boolean;
  /** Whether the program wants it enabled, so that it takes a seat. Default true. */
  enabled?: boolean;
}

/** What the preview says about a new user. A name that a rename of this update frees is no obstacle. Reads only. */
export async function previewNewcomer(
  server: MailServer,
  newcomer: NewcomerPreview,
  becomesFree: boolean,
  newcomers: Newcomers,
  waking: Waking = new Map(),
): Promise<Findings> {
  const refusals: string[] = [];
  const warnings: string[] = [];
  const { domain, name } = newcomer;
  if (becomesFree) return { refusals, warnings: await tooFewSeats(server, domain, newcomers, waking) };
  const existing = await server.inventory.userByName(domain, name);
  if (existing) {
    const mark = markOf(existing.description);
    // Checks come in no order one could rely on: the rename that frees the name may be looked at later.
    if (mark) (newcomer.adopt ? refusals : warnings).push(halfMade(newcomer, mark).message);
    else if (!newcomer.adopt) {
      warnings.push(
        `An account ${name}@${domain} exists already. Unless this update renames it, creating will be refused; ` +
          `to manage the existing account, say adopt: true.`,
      );
    }
    return { refusals, warnings };
  }
  const directories = await server.inventory.mailboxes(domain);
  if (!newcomer.adoptMailbox && directories.some((directory) => directory.toLowerCase() === name)) {
    refusals.push(foreignMailbox(newcomer).message);
  }
  const { former, taken } = await whoHolds(server, newcomer, false);
  for (const { deliverTo } of former)
    warnings.push(
      `${name}@${domain} leads to ${deliverTo} today, as the old address of a renamed user until the name has its next bearer. With this user that ends.`,
    );
  if (taken.length > 0) refusals.push(nameTaken(newcomer, taken.map(describeEntity).join(", ")).message);
  warnings.push(...(await tooFewSeats(server, domain, newcomers, waking)));
  return { refusals, warnings };
}
