import type { ControlClient } from "../simulator/host/control-client";
import type { Downtime, MailDirectory, StoredMessage, Truth, TruthLine } from "../simulator/host/control-types";

/** What is true on the server at one moment, asked past its API. */
export interface World {
  truth: Truth;
  /** The mailbox directories of the domain. */
  directories: MailDirectory[];
  /** Every message in the store, by the name of its mailbox directory. */
  messages: Record<string, StoredMessage[]>;
  /** The times the service was away, since the server was set up. */
  downtimes: Downtime[];
  deliveries: TruthLine[];
  bounces: TruthLine[];
}

/** Looks at everything the claims are about. */
export async function observe(control: ControlClient, domain: string): Promise<World> {
  const directories = await control.directories(domain);
  const messages: World["messages"] = {};
  for (const { name } of directories) messages[name] = await control.messages(domain, name);
  return {
    truth: await control.truth(),
    directories,
    messages,
    downtimes: await control.downtimes(),
    deliveries: await control.deliveries(),
    bounces: await control.bounces(),
  };
}

/**
 * Every membership on the server as a sorted list of lines such as `group sales: asmith, jdoe`; accounts stand by
 * their names, and an id that belongs to no account stands as it is.
 */
export function memberships({ accounts, groups, mailingLists }: Truth): string[] {
  const nameOf = (id: unknown) => accounts.find((account) => account.id === id)?.name ?? String(id);
  const lines = [
    ...groups.map((group) => ({ what: `group ${String(group["name"])}`, members: listOf(group["memberIds"]) })),
    ...mailingLists.map((list) => ({
      what: `list ${String(list["name"])}`,
      members: listOf(list["members"]).map(memberId),
    })),
  ];
  return lines
    .map(
      ({ what, members }) =>
        `${what}: ${members
          .map((id) => nameOf(id))
          .sort()
          .join(", ")}`,
    )
    .sort();
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function memberId(member: unknown): unknown {
  const { hasId, userId, emailAddress } = member as { hasId: boolean; userId: string; emailAddress: string };
  return hasId ? userId : emailAddress;
}
