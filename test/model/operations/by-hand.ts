import { forget, same } from "../applied";
import { password, settledPeople } from "../edits";
import type { Stage } from "../stage";
import { next, peopleWhere, type Person, type World } from "../world";
import { done } from "./arrivals";
import { chosen, operation, pick } from "./operation";
import { refused } from "./refusals";
import { carryOut, differs } from "./updates";

interface Picks {
  who: number;
  what: number;
}

const somebody = (world: World) => settledPeople(world).length > 0;

/** What an administrator changes past the program, and how the stack finds out. */
export const byHand = {
  change: operation<Picks>(
    "an administrator changes an account",
    { who: pick, what: pick },
    {
      ready: somebody,
      run: (stage, { who, what }) => {
        const person = chosen(settledPeople(stage.world), who);
        const [detail, act] = chosen(changes(stage, person), what);
        return stage.step("by hand", `${person.key}: ${detail}`, act);
      },
    },
  ),
  alias: operation<Picks>(
    "an administrator makes or removes an alias",
    { who: pick, what: pick },
    {
      ready: somebody,
      run: (stage, { who, what }) => {
        const { world } = stage;
        const made = world.aliases.filter((row) => row.by === "hand");
        if (made.length > 2) return removeAlias(stage, chosen(made, what).name);
        const person = chosen(settledPeople(world), who);
        const name = `hand.${next(world)}`;
        const deliverTo = `${person.account?.name}@${world.domain}`;
        return stage.step("by hand", `alias ${name} to ${person.key}`, async () => {
          const aliases = [{ domainId: world.domainId, name, deliverTo, type: "TypeEmailAddress" }];
          await done(stage, "Aliases.create", { aliases });
          world.aliases.push({ name, owner: person.key, by: "hand" });
        });
      },
    },
  ),
  refresh: operation<Picks>(
    "refresh, and put back what was changed by hand",
    { who: pick, what: pick },
    {
      ready: () => true,
      run: async (stage, { what }) => {
        const { world } = stage;
        const outcome = await stage.refresh("");
        if (!outcome.ok) throw new Error(`refresh fails: ${outcome.errors.join("\n")}`);
        const preview = await stage.preview("what was changed by hand");
        const wanted = peopleWhere(world, differs).map((person) => `${person.key} update`);
        if (!preview.ok || !same(preview.changed, wanted))
          throw new Error(`the preview shows ${JSON.stringify(preview)}, not ${wanted.join(", ")}`);
        if (what % 2 === 0) await carryOut(stage, "put back what was changed by hand", { preview: false });
      },
    },
  ),
  aliasGone: operation<Picks>(
    "an administrator removes an alias of the program",
    { who: pick, what: pick },
    {
      ready: (world) => world.aliases.some((row) => row.by === "program"),
      run: async (stage, { what }) => {
        const { world } = stage;
        const row = chosen(
          world.aliases.filter((one) => one.by === "program"),
          what,
        );
        await stage.step("by hand", `alias ${row.name} removed`, async () => {
          await removeRow(stage, row.name);
          world.aliases = world.aliases.filter((one) => one !== row);
          if (row.logicalName !== undefined) world.stale.add(row.logicalName);
        });
        await refreshed(stage);
        await carryOut(stage, `bring ${row.name} back`);
      },
    },
  ),
  accountGone: operation<Picks>(
    "an administrator removes an account",
    { who: pick, what: pick },
    {
      ready: somebody,
      run: async (stage, { who }) => {
        const { world } = stage;
        const person = chosen(settledPeople(world), who);
        const name = person.account?.name ?? "";
        const hasMailbox = stage.seen.mailboxes.has(name);
        const lost = world.declaredAliases.filter((alias) => alias.owner === person.key);
        await stage.step("by hand", `account ${name} removed`, async () => {
          await remove(stage, person);
          if (hasMailbox) world.abandoned.set(name, person.key);
          forget(world, person);
          world.stale.add(person.key);
        });
        const before = person.declared;
        if (before && peopleWhere(world, differs).length === 0) {
          const renamed = { ...before, name: `new.${next(world)}` };
          await refused(stage, `${person.key} after the removal`, /no account/, () => (person.declared = renamed));
        }
        await refreshed(stage);
        person.declared = before && hasMailbox ? { ...before, adoptMailbox: true } : before;
        await carryOut(stage, `${person.key} gets an account again (${lost.length} aliases)`);
      },
    },
  ),
  restart: operation<Picks>(
    "the service is restarted",
    { who: pick, what: pick },
    {
      ready: () => true,
      run: (stage) =>
        stage.step("by hand", "restart", async () => void (await stage.simulator.control.command("restart"))),
    },
  ),
};

async function refreshed(stage: Stage): Promise<void> {
  const outcome = await stage.refresh("");
  if (!outcome.ok) throw new Error(`refresh fails: ${outcome.errors.join("\n")}`);
}

function changes(stage: Stage, person: Person): [string, () => Promise<void>][] {
  const { world } = stage;
  const id = stage.seen.accounts.find((account) => account.name === person.account?.name)?.id ?? "";
  const set = async (pattern: Record<string, unknown>) => done(stage, "Users.set", { userIds: [id], pattern });
  const idOf = (rows: { id: string }[] | undefined, name: string) =>
    rows?.find(
      (row) =>
        (row as Record<string, unknown>)["name"] === name &&
        (row as Record<string, unknown>)["domain"] === world.domain,
    )?.id ?? "";
  const groups = person.server.groups as string[];
  const text = `by hand ${next(world)}`;
  const room = world.rooms[0] ?? "";
  return [
    [
      "full name",
      async () => {
        await set({ fullName: text });
        person.server.fullName = text;
      },
    ],
    [
      "description",
      async () => {
        await set({ description: text });
        person.server.description = text;
      },
    ],
    [
      "enabled or not",
      async () => {
        await set({ isEnabled: !person.server.enabled });
        person.server.enabled = !person.server.enabled;
      },
    ],
    [
      "an extra address",
      async () => {
        const emailAddresses = [...(person.server.emailAddresses as string[]), `h.${world.counter}`];
        await set({ emailAddresses });
        person.server.emailAddresses = emailAddresses;
      },
    ],
    ...world.groups.map((group): [string, () => Promise<void>] => [
      `group ${group}`,
      async () => {
        const groupId = idOf(stage.seen.truth?.groups, group);
        const isIn = groups.includes(group);
        if (isIn) await done(stage, "Groups.removeMemberList", { groupId, userIds: [id] });
        else await done(stage, "Groups.addMemberList", { groupId, userList: [id] });
        person.server.groups = isIn ? groups.filter((one) => one !== group) : [...groups, group];
      },
    ]),
    [
      "mailing list",
      async () => {
        const member = { hasId: true, userId: id, emailAddress: "", fullName: "", kind: "Member" };
        const mlId = idOf(stage.seen.truth?.mailingLists, "news");
        const isIn = person.lists.includes("news");
        const method = isIn ? "MailingLists.removeMlUserList" : "MailingLists.addMlUserList";
        await done(stage, method, { mlId, members: [member] });
        person.lists = isIn ? [] : ["news"];
      },
    ],
    [
      "room",
      async () => {
        const manager = { type: "UserPrincipal", id, name: person.account?.name };
        const resourceIds = [idOf(stage.seen.truth?.resources, room)];
        await done(stage, "Resources.set", { resourceIds, pattern: { manager } });
        for (const other of world.people.values()) other.rooms = other === person ? [room] : [];
      },
    ],
    [
      "password",
      async () => {
        const secret = password(world);
        await set({ password: secret });
        person.password = secret;
      },
    ],
  ];
}

function removeAlias(stage: Stage, name: string): Promise<void> {
  return stage.step("by hand", `alias ${name} removed`, async () => {
    await removeRow(stage, name);
    stage.world.aliases = stage.world.aliases.filter((row) => row.name !== name);
  });
}

async function removeRow(stage: Stage, name: string): Promise<void> {
  const row = stage.seen.aliases.find((one) => one["name"] === name);
  await done(stage, "Aliases.remove", { aliasIds: [row?.id ?? ""] });
}

async function remove(stage: Stage, person: Person): Promise<void> {
  const id = stage.seen.accounts.find((account) => account.name === person.account?.name)?.id ?? "";
  const request = { userId: id, method: "UDeleteUser", removeReferences: false, targetUserId: "" };
  await done(stage, "Users.remove", { requests: [request] });
  // A server may take its time over what it has accepted.
  const isThere = async () => (await stage.simulator.control.truth()).accounts.some((account) => account.id === id);
  while (await isThere()) await new Promise((resolve) => setTimeout(resolve, 50));
}
