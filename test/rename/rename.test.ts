import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let plugin: Provider;

afterEach(async () => {
  await plugin?.close().catch(() => undefined);
  await simulator?.stop();
});

describe.each(["accountFirst", "article"] as const)("a rename in the order %s", (renameOrder) => {
  it("moves the mailbox, carries everything over and leaves nothing behind", async () => {
    simulator = await stage();
    plugin = provider(settingsOf(simulator, { renameOrder }));
    const before = await picture();
    const result = await plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
    const after = await picture();

    expect(result).toMatchObject({ address: `jsmith@${domain}`, notes: [] });
    expect(result.initialPassword).toBeTruthy();
    expect(after.names).toEqual(["asmith", "jsmith"]);
    expect(after.directories.jsmith).toEqual(before.directories.jdoe);
    expect(after.directories.jdoe).toBeUndefined();
    expect(after.messages("jsmith")).toEqual(before.messages("jdoe"));
    const person = after.account("jsmith");
    expect(person).toMatchObject({
      enabled: true,
      description: "accounting",
      fullName: "J. Doe",
      emailAddresses: ["j.d"],
    });
    for (const field of ["diskSizeLimit", "emailForwarding", "role"]) {
      expect(person[field]).toEqual(before.account("jdoe")[field]);
    }
    expect(after.text).not.toContain(before.account("jdoe").id);
    expect(after.groups).toEqual({ staff: ["jsmith"] });
    expect(after.lists).toEqual({ news: ["jsmith Moderator"] });
    expect(after.managers).toEqual({ room: "jsmith" });
    expect(after.aliases).toEqual({ books: [`jsmith@${domain}`], jdoe: [`jsmith@${domain}`] });
    expect(after.services).toEqual(before.services);
    expect(await simulator.control.downtimes()).toHaveLength(1);
    expect(await leftOnHost()).toEqual([expect.stringMatching(/^snapshots\/\w+\.open\.json$/)]);
    await plugin.coordinator.heard(before.account("jdoe").id);
    expect(await leftOnHost()).toEqual([expect.stringMatching(/^snapshots\/\w+\.closed\.json$/)]);
    await simulator.deliver({ to: `jdoe@${domain}`, subject: "to the old address" });
    const subjects = (await simulator.control.messages(domain, "jsmith")).map((message) => message.subject);
    expect(subjects).toContain("to the old address");
    expect((await simulator.control.login("jsmith", result.initialPassword ?? "")).ok).toBe(true);
  });
});

/** Files of ours on the host, without the copies of the server's configuration. */
async function leftOnHost(): Promise<string[]> {
  const root = join(simulator.state, "home/.pulumi-kerio");
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((e) => relative(root, join(e.parentPath, e.name)));
  return files.filter((file) => !file.startsWith("copies/"));
}

async function picture() {
  const truth = await simulator.control.truth();
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
