import { randomBytes } from "node:crypto";
import { KerioError } from "../errors";
import type { MailServer } from "./mail-server";
import { planRenames, type Bearer, type PlannedRename, type Role } from "./plan";
import { labelOf } from "./questions";
import type { RenameRecord } from "./snapshot";
import type { UserRequest } from "./user-request";

/** The renames that can be done together, described, and the reasons of those that cannot. */
export interface Together {
  planned: Map<UserRequest, { record: RenameRecord; cut: boolean }>;
  refused: Map<UserRequest, unknown>;
}

/**
 * Plans renames until everybody has been described or refused: whoever waits for a name whose bearer turns out to be
 * refused is refused too, with both names. Reads only.
 *
 * @param describe looks at one rename completely; throws where it cannot be done
 */
export async function planTogether(
  server: MailServer,
  requests: readonly UserRequest[],
  describe: (request: UserRequest, role: Role) => Promise<RenameRecord>,
): Promise<Together> {
  const accounts = await bearersOf(server, requests);
  const wanted = new Map(requests.map((request) => [plannedRename(request, accounts), request]));
  const refused = new Map<UserRequest, unknown>();
  const described = new Map<PlannedRename, RenameRecord>();
  const barred = new Set<PlannedRename>();
  for (;;) {
    const { roles, refusals } = planRenames([...wanted.keys()], accounts, barred);
    let isSettled = true;
    for (const [rename, role] of roles) {
      if (described.has(rename)) continue;
      const request = wanted.get(rename) as UserRequest;
      try {
        described.set(rename, await describe(request, role));
      } catch (error) {
        refused.set(request, error);
        barred.add(rename);
        isSettled = false;
      }
    }
    if (!isSettled) continue;
    for (const [rename, reason] of refusals) refused.set(wanted.get(rename) as UserRequest, refusal(rename, reason));
    const planned: Together["planned"] = new Map();
    for (const [rename, { cut }] of roles)
      planned.set(wanted.get(rename) as UserRequest, { record: described.get(rename) as RenameRecord, cut });
    return { planned, refused };
  }
}

async function bearersOf(server: MailServer, requests: readonly UserRequest[]): Promise<Bearer[]> {
  const found: Bearer[] = [];
  for (const domain of new Set(requests.map((request) => request.domain)))
    for (const user of await server.inventory.users(domain))
      found.push({ id: user.id, domain, name: user.loginName.toLowerCase(), label: labelOf(user) });
  return found;
}

function plannedRename({ domain, name, renamedFrom }: UserRequest, accounts: readonly Bearer[]): PlannedRename {
  const from = (renamedFrom?.name ?? "").toLowerCase();
  const found = accounts.find((account) => account.domain === domain && account.name === from);
  // Without an account the description refuses; until then nobody else's id is touched.
  return { domain, from, to: name, oldId: renamedFrom?.userId ?? found?.id ?? `nobody ${from}` };
}

/**
 * The rename of a person in a circle of names, in two halves: to a temporary name, with everything but the mailbox,
 * and from there to the wanted name. So the person has an account, and mail finds it, at every moment.
 */
export function inTwo(record: RenameRecord): [RenameRecord, RenameRecord] {
  // Short enough for a server that takes no more than the twenty characters of a directory service's login names.
  const aside = `renaming-${randomBytes(5).toString("hex")}`;
  const first: RenameRecord = {
    ...record,
    to: aside,
    transientFor: record.to,
    emailAddresses: record.before.emailAddresses ?? [],
    declared: record.declared.filter((member) => member !== "emailAddresses"),
    keepOldAddress: false,
    after: undefined,
    mailbox: undefined,
  };
  const last: RenameRecord = {
    ...record,
    from: aside,
    home: record.from,
    follows: record.oldId,
    oldId: "",
    keepOldAddress: false,
  };
  return [first, last];
}

function refusal({ domain, from, to }: PlannedRename, reason: string): KerioError {
  return new KerioError("RENAME_REFUSED", {
    object: `user ${from}@${domain}, to be renamed to ${to}@${domain}`,
    doing: "preparing the rename",
    happened: reason.replace(/\.$/, ""),
    next: "Nothing has been touched.",
  });
}
