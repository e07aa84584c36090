import { randomBytes } from "node:crypto";
import { outcomeOf, type ApiClient } from "./api-client";
import { found, kinds, mark, remove, type Made } from "./cleanup";

/** Where to look. */
export interface Place {
  prefix: string;
  domain: { id: string; name: string };
  /** The directory of the domain's mailboxes; undefined when the login may not ask for it. */
  mailboxes: string | undefined;
}

/** What a sweep has done. */
export interface Swept {
  removed: string[];
  /** Under the prefix but without our mark: left alone. */
  foreign: string[];
}

/**
 * Removes whatever an earlier run has left under the prefix: in the domain, domains of our own with all that is in
 * them, and mailboxes without an account. What bears the prefix and not our mark is only named.
 */
export async function sweep(api: ApiClient, place: Place): Promise<Swept> {
  const swept: Swept = { removed: [], foreign: [] };
  const domains = await found(api, "domains", place.prefix);
  const ours = domains.filter((each) => each.ours);
  swept.foreign.push(...domains.filter((each) => !each.ours).map(named));
  for (const domain of ours) await sweepDomain(api, place.prefix, domain.id, swept);
  await sweepDomain(api, place.prefix, place.domain.id, swept);
  await sweepMailboxes(api, place, swept);
  for (const domain of ours) await removeAndTell(api, domain, "", swept);
  return swept;
}

async function sweepDomain(api: ApiClient, prefix: string, domainId: string, swept: Swept): Promise<void> {
  for (const kind of kinds.filter((each) => each !== "domains")) {
    for (const each of await found(api, kind, prefix, domainId)) {
      if (each.ours) await removeAndTell(api, each, domainId, swept);
      else swept.foreign.push(named(each));
    }
  }
}

async function removeAndTell(api: ApiClient, made: Made, domainId: string, swept: Swept): Promise<void> {
  await remove(api, made, domainId);
  swept.removed.push(named(made));
}

// An account that was removed without its mail to see it adopted again: a new one takes it and goes with it.
async function sweepMailboxes(api: ApiClient, { prefix, domain, mailboxes }: Place, swept: Swept): Promise<void> {
  if (mailboxes === undefined) return;
  const { result } = await outcomeOf(
    api.call<{ dirList: { name: string }[] }>("Server.getDirs", { fullPath: mailboxes }),
  );
  const bearers = new Set((await found(api, "users", prefix, domain.id)).map(({ name }) => name.toLowerCase()));
  for (const { name } of result?.dirList ?? []) {
    if (!name.startsWith(prefix) || bearers.has(name)) continue;
    const password = `Aa1-${randomBytes(9).toString("hex")}`;
    api.secrets.add(password);
    const user = { domainId: domain.id, loginName: name, password, description: mark, isEnabled: false };
    const created = await api.call<{ result: { id: string }[] }>("Users.create", { users: [user] });
    const id = created.result[0]?.id;
    if (id === undefined) swept.foreign.push(`mailbox ${name}`);
    else await removeAndTell(api, { kind: "users", id, name }, domain.id, swept);
  }
}

function named({ kind, name }: Made): string {
  return `${name} (${kind})`;
}
