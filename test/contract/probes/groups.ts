import type { Probe } from "../probe";
import { errorsOf, shown } from "./tools";

/** Groups and who is in them. */
export const groups: Probe[] = [
  {
    question: "Are members added with `userList`, read by `userGroups`, and removed with `userIds`?",
    fact: { source: "definition", says: "addMemberList takes userList, removeMemberList takes userIds" },
    expects: "one member, then none",
    async ask(world) {
      const { id } = await world.user("one");
      const groupId = await world.id("groups", { name: world.name("group") });
      const members = async () => {
        const conditions = [{ fieldName: "userGroups", comparator: "Eq", value: groupId }];
        return (await world.rows("users", { conditions })).map((each) => each.id);
      };
      await world.api.call("Groups.addMemberList", { groupId, userList: [id] });
      const added = await members();
      await world.api.call("Groups.removeMemberList", { groupId, userIds: [id] });
      const left = await members();
      return { holds: added.join() === id && left.length === 0, seen: `${added.length}, then ${left.length}` };
    },
  },
  {
    question: "Does an account show its groups, and can they be set there?",
    fact: { source: "definition", says: "userGroups is the membership, as id, name, description and itemSource" },
    expects: "the group by id and name",
    async ask(world) {
      const { id } = await world.user("one");
      const name = world.name("group");
      const groupId = await world.id("groups", { name });
      const pattern = { userGroups: [{ id: groupId }] };
      const answer = await world.bulk("Users.set", { userIds: [id], pattern });
      const shownGroups = (await world.row("users", id))?.["userGroups"] as { id: string; name: string }[];
      const holds = shownGroups.length === 1 && shownGroups[0]?.id === groupId && shownGroups[0].name === name;
      return { holds, seen: `${errorsOf(answer)}; ${shown(shownGroups.map((each) => each.name))}` };
    },
  },
  {
    question: "What is the role of a group?",
    fact: { source: "definition", says: "a group's role is a bare text, not a structure" },
    expects: '`"UserRole"`',
    async ask(world) {
      const id = await world.id("groups", { name: world.name("group") });
      const role = (await world.row("groups", id))?.["role"];
      return { holds: role === "UserRole", seen: shown(role) };
    },
  },
  {
    question: "Can a group be removed that has a member?",
    fact: { source: "definition", says: "members need not be removed first" },
    expects: "yes, and the account stays",
    async ask(world) {
      const { id } = await world.user("one");
      const groupId = await world.id("groups", { name: world.name("group") });
      await world.api.call("Groups.addMemberList", { groupId, userList: [id] });
      const answer = await world.bulk("Groups.remove", { requests: [{ groupId, mode: "DSModeDeactivate" }] });
      const row = await world.row("users", id);
      const holds = answer.errors.length === 0 && row !== undefined && (row["userGroups"] as unknown[]).length === 0;
      return { holds, seen: `${errorsOf(answer)}; the account ${row ? "stays" : "is gone"}` };
    },
  },
];
