import { codeOf, messageOf } from "../../errors";
import type { Command } from "../../kerio/methods/batch";
import type { ItemResult } from "../../kerio/methods/bulk";
import { addGroupMembers, listGroups, removeGroupMembers } from "../../kerio/methods/groups";
import { addMembers, listMembers, removeMembers } from "../../kerio/methods/mailing-lists";
import type { User } from "../../kerio/methods/users";
import { explainItemError } from "../item-errors";
import { isMember, memberOf } from "../members";
import { alive, seeAccounts, type Accounts, type Renaming, type RunContext } from "../run-context";
import type { Step } from "./step";

/** Gives the new accounts the old ones' groups and mailing lists: one call a group or list, however many renames. */
export const addMemberships: Step = {
  name: "add-memberships",
  doneAtOnce: true,
  unseen: "the new account lacks a group or a mailing list",
  onUnseen: "incomplete",
  async pending(run) {
    const open = alive(run);
    const accounts = await seeAccounts(run, open);
    return distinct([
      ...(await groupGaps(run, open, accounts)).map((gap) => gap.renaming),
      ...(await listGaps(run, open, accounts)).map((gap) => gap.renaming),
    ]);
  },
  async act(run, pending) {
    const accounts = await seeAccounts(run, pending);
    await eachKey(await groupGaps(run, pending, accounts), async (groupId, gaps) => {
      const results = await addGroupMembers(
        run.server.client,
        groupId,
        gaps.map((gap) => gap.userId),
        { itemwise: true },
      );
      noteRefusals(gaps, results, "group");
    });
    await eachKey(await listGaps(run, pending, accounts), async (listId, gaps) => {
      const members = gaps.map((gap) => memberOf(gap.userId, gap.kind));
      noteRefusals(gaps, await addMembers(run.server.client, listId, members, { itemwise: true }), "mailing list");
    });
  },
};

/** Takes the old accounts out of groups and lists, so that no reference to a removed account is left behind. */
export const dropMemberships: Step = {
  name: "drop-memberships",
  doneAtOnce: true,
  unseen: "the old account is still in a group or mailing list",
  onUnseen: "incomplete",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    const open = alive(run).filter((renaming) => accounts.get(renaming)?.old !== undefined);
    return distinct([
      ...oldGroups(open, accounts).map((gap) => gap.renaming),
      ...(await oldLists(run, open)).map((gap) => gap.renaming),
    ]);
  },
  async act(run, pending) {
    const accounts = await seeAccounts(run, pending);
    await eachKey(oldGroups(pending, accounts), async (groupId, gaps) => {
      await removeGroupMembers(
        run.server.client,
        groupId,
        gaps.map((gap) => gap.userId),
      );
    });
    await eachKey(await oldLists(run, pending), async (listId, gaps) => {
      await removeMembers(
        run.server.client,
        listId,
        gaps.map((gap) => memberOf(gap.userId, gap.kind)),
      );
    });
  },
};

/** What {@link addMemberships} and {@link dropMemberships} do, as calls: to each group and list both, one after the other. */
export async function membershipCommands(
  run: RunContext,
  renamings: Renaming[],
  accounts: Map<Renaming, Accounts>,
): Promise<Command[]> {
  const [add, drop] = [await groupGaps(run, renamings, accounts), oldGroups(renamings, accounts)];
  const [join, leave] = [await listGaps(run, renamings, accounts), await oldLists(run, renamings)];
  const users = (gaps: Gap[]) => gaps.map((gap) => gap.userId);
  const members = (gaps: Gap[]) => gaps.map((gap) => memberOf(gap.userId, gap.kind));
  return [
    ...keysOf([...add, ...drop]).flatMap((groupId) => [
      ...callFor(add, groupId, "Groups.addMemberList", (gaps) => ({ groupId, userList: users(gaps) })),
      ...callFor(drop, groupId, "Groups.removeMemberList", (gaps) => ({ groupId, userIds: users(gaps) })),
    ]),
    ...keysOf([...join, ...leave]).flatMap((mlId) => [
      ...callFor(join, mlId, "MailingLists.addMlUserList", (gaps) => ({ mlId, members: members(gaps) })),
      ...callFor(leave, mlId, "MailingLists.removeMlUserList", (gaps) => ({ mlId, members: members(gaps) })),
    ]),
  ];
}

function callFor(gaps: Gap[], key: string, method: string, params: (here: Gap[]) => object): Command[] {
  const here = gaps.filter((gap) => gap.key === key);
  return here.length > 0 ? [{ method, params: params(here) }] : [];
}

function keysOf(gaps: Gap[]): string[] {
  return [...new Set(gaps.map((gap) => gap.key))];
}

/** One membership to be added or removed. */
interface Gap {
  renaming: Renaming;
  userId: string;
  /** The group or list. */
  key: string;
  kind: string;
}

/** A group that somebody has removed meanwhile concerns nobody any more, like a list. */
async function groupGaps(run: RunContext, renamings: Renaming[], accounts: Map<Renaming, Accounts>): Promise<Gap[]> {
  const gaps = renamings.flatMap((renaming) => {
    const fresh = accounts.get(renaming)?.fresh;
    if (!fresh) return [];
    const missing = renaming.record.groupIds.filter((id) => !groupsOf(fresh).includes(id));
    return missing.map((key) => ({ renaming, userId: fresh.id, key, kind: "" }));
  });
  const present = new Set<string>();
  for (const domainId of new Set(gaps.map((gap) => gap.renaming.record.domainId)))
    for (const group of await listGroups(run.server.client, { domainId })) present.add(group.id);
  return gaps.filter((gap) => present.has(gap.key));
}

async function listGaps(run: RunContext, renamings: Renaming[], accounts: Map<Renaming, Accounts>): Promise<Gap[]> {
  const gaps: Gap[] = [];
  await eachList(run, renamings, (renaming, { id, kind }, members) => {
    const fresh = accounts.get(renaming)?.fresh;
    if (fresh && !isMember(members, fresh.id, kind)) gaps.push({ renaming, userId: fresh.id, key: id, kind });
  });
  return gaps;
}

function oldGroups(renamings: Renaming[], accounts: Map<Renaming, Accounts>): Gap[] {
  return renamings.flatMap((renaming) => {
    const old = accounts.get(renaming)?.old;
    return old ? groupsOf(old).map((key) => ({ renaming, userId: old.id, key, kind: "" })) : [];
  });
}

async function oldLists(run: RunContext, renamings: Renaming[]): Promise<Gap[]> {
  const gaps: Gap[] = [];
  await eachList(run, renamings, (renaming, { id, kind }, members) => {
    const userId = renaming.record.oldId;
    if (isMember(members, userId, kind)) gaps.push({ renaming, userId, key: id, kind });
  });
  return gaps;
}

type Members = Awaited<ReturnType<typeof listMembers>>;

/** Lists the members of each list concerned once. */
async function eachList(
  run: RunContext,
  renamings: Renaming[],
  look: (renaming: Renaming, list: { id: string; kind: string }, members: Members) => void,
): Promise<void> {
  const known = new Map<string, Members | "gone">();
  for (const renaming of renamings) {
    for (const list of renaming.record.lists) {
      const members = known.get(list.id) ?? (await membersOf(run, list));
      known.set(list.id, members);
      if (members !== "gone") look(renaming, list, members);
    }
  }
}

/** A list that somebody has removed meanwhile concerns nobody any more. */
export async function membersOf(run: RunContext, list: { id: string }): Promise<Members | "gone"> {
  try {
    return await listMembers(run.server.client, list.id);
  } catch (error) {
    if (codeOf(error) === "API_REFUSED") return "gone";
    throw error;
  }
}

/** One group or list that refuses must not keep the others, nor the people beside, from going on. */
async function eachKey(gaps: Gap[], act: (key: string, gaps: Gap[]) => Promise<void>): Promise<void> {
  for (const key of new Set(gaps.map((gap) => gap.key))) {
    const concerned = gaps.filter((gap) => gap.key === key);
    try {
      await act(key, concerned);
    } catch (error) {
      if (codeOf(error) !== "API_REFUSED") throw error;
      for (const gap of concerned) gap.renaming.notes.push(messageOf(error));
    }
  }
}

function groupsOf(user: User): string[] {
  return (user.userGroups ?? []).map((group) => group.id);
}

function distinct(renamings: Renaming[]): Renaming[] {
  return [...new Set(renamings)];
}

function noteRefusals(gaps: Gap[], results: ItemResult<void>[], what: string): void {
  results.forEach((result, index) => {
    if (result.ok) return;
    gaps[index]?.renaming.notes.push(`A ${what} refused the new account: ${explainItemError(result.error)}`);
  });
}
