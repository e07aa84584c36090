import type { Simulator } from "../helpers/start-simulator";
import { domain, truthOf } from "./stage";

/** What a test compares before and after: by the truth of the server and by the files on its disk. */
export async function picture(simulator: Simulator) {
  const truth = await truthOf(simulator);
  const directories = await simulator.control.directories(domain);
  const stored = new Map<string, string[]>();
  for (const { name } of directories) {
    const messages = await simulator.control.messages(domain, name);
    stored.set(
      name,
      messages.map((message) => `${message.folder}/${message.file} ${message.sha256}`),
    );
  }
  const nameOf = (id: unknown) => truth.accounts.find((account) => account.id === id)?.name ?? `unknown ${String(id)}`;
  return {
    text: JSON.stringify({ ...truth, accounts: truth.accounts }),
    names: truth.accounts.map((account) => account.name).sort(),
    ids: Object.fromEntries(truth.accounts.map((account) => [account.name, account.id])),
    account: (name: string) =>
      truth.accounts.find((account) => account.name === name) ??
      ({ id: "none" } as Record<string, unknown> & { id: string }),
    directories: Object.fromEntries(directories.map(({ name, inode, messages }) => [name, { inode, messages }])),
    messages: (name: string) => stored.get(name),
    groups: Object.fromEntries(truth.groups.map((group) => [group.name, (group.memberIds as string[]).map(nameOf)])),
    lists: Object.fromEntries(
      truth.mailingLists.map((list) => [
        list.name,
        (list.members as { userId: string; kind: string }[]).map((m) => `${nameOf(m.userId)} ${m.kind}`),
      ]),
    ),
    /** Who may read the archive of each mailing list. */
    readers: Object.fromEntries(
      truth.mailingLists.map((list) => [
        list.name,
        (list.archive as { archiveReaderList: { kind: string; readerId: string }[] }).archiveReaderList.map((reader) =>
          reader.kind === "TrusteeUser" ? nameOf(reader.readerId) : reader.kind,
        ),
      ]),
    ),
    managers: Object.fromEntries(truth.resources.map((r) => [r.name, nameOf((r.manager as { id: string }).id)])),
    aliases: truth.aliases.reduce<Record<string, string[]>>((found, alias) => {
      (found[String(alias.name)] ??= []).push(String(alias.deliverTo));
      return found;
    }, {}),
    services: truth.services.map(
      (service) => `${String(service.name)} ${String(service.isRunning)} ${String(service.howToStart)}`,
    ),
  };
}
