/** The texts a person reads before and after a rename. */

const article =
  "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/accounts/renaming-user-account-243.html";

/** What a rename means for the person, after the vendor's article. */
export function consequences(from: string, to: string): string {
  return (
    `Afterwards ${to} signs in with the new name: mail programs need the changed login; Outlook with the Kerio ` +
    `connector and phones with ActiveSync need a new profile; folders that ${from} shared must be shared and subscribed ` +
    `again; meetings from before the rename can no longer be edited by their organizer; instant-messaging history is lost. ` +
    `See ${article}`
  );
}

/** What the paragraph depends on. */
export interface ExplainOptions {
  /** What becomes of the old address. */
  alias: "for-good" | "until-next-bearer" | "none" | "own-address";
  /** The setting `kerio:renameOrder`. */
  order: string;
  /** Whether the program declares a password. */
  hasPassword: boolean;
  /** What the mailbox holds, as a person would say it; left out where the server does not tell. */
  mailbox?: string;
}

/** The paragraph that `pulumi preview` shows for a rename. */
export function explainRename(from: string, to: string, options: ExplainOptions): string {
  const order =
    options.order === "article"
      ? "stop the mail service, rename the directory in the store, start the service, create the new account"
      : "create the new account (disabled), stop the mail service, rename the directory in the store, start the service";
  const alias = {
    "for-good": `leave an alias from ${from} to ${to}`,
    "until-next-bearer": `leave an alias from ${from} to ${to} until the next bearer of that name is there`,
    none: `leave no alias, so mail to ${from} will be returned to its senders`,
    "own-address": `leave no alias: ${from} is one of the addresses that the program gives ${to}`,
  }[options.alias];
  // No password can be read from the server, so none is handed over.
  const password = options.hasPassword
    ? "The program's password is set anew."
    : "The password cannot be carried over: the server makes a new one, in the secret output `initialPassword`; hand it to the person.";
  return (
    `${from} becomes ${to}. This update will: ${order}, hand memberships and settings over, remove the old account ` +
    `without its mail, and ${alias}. The mail service of the WHOLE server is away while the directory is renamed` +
    `${options.mailbox === undefined ? "" : `; the mailbox (${options.mailbox}) stays where it is on the disk, nothing is copied`}. ` +
    `${password} ` +
    consequences(from, to)
  );
}

/**
 * What the preview says of all renames it has seen, said again with each: how many, whether the engine lets them share
 * one stop, and which names pass from one person to the next. Empty for a single one.
 *
 * @param slots how many resources the engine begins at once
 */
export function explainTogether(
  renames: readonly { domain: string; from: string; to: string }[],
  slots: number,
): string {
  if (renames.length < 2) return "";
  const parts = [
    `This update has shown ${renames.length} renames so far; they share one stop of the mail service, unless --parallel lets fewer begin at once.`,
  ];
  if (renames.length > slots) {
    parts[0] = `This update has shown ${renames.length} renames so far.`;
    parts.push(
      `The engine begins ${slots} resources at once, unless --parallel says otherwise, so the mail service will be stopped ` +
        "several times: set PULUMI_PARALLEL to at least the number of resources that change, and one stop is enough.",
    );
  }
  const takers = new Map(renames.map((rename) => [`${rename.to}@${rename.domain}`, rename]));
  const passed = renames.flatMap(({ domain, from, to }) => {
    const taker = takers.get(`${from}@${domain}`);
    return taker ? [`${from}@${domain} (${taker.from} takes it, its bearer becomes ${to})`] : [];
  });
  if (passed.length > 0) {
    parts.push(
      `These names pass from one person to another, so no alias is left under them, and mail to them goes to the new ` +
        `bearer: ${passed.join(", ")}. A server that writes its configuration only when it stops takes a further short ` +
        "stop for each of them. Rights to folders that are given by name stay with the name, in the renamed mailboxes " +
        "too: look at who shares what with it.",
    );
  }
  return parts.join(" ");
}
