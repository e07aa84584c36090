import { NotAsked, type Probe } from "../probe";
import type { Account, World } from "../world";
import { errorsOf, shown } from "./tools";

interface Member {
  hasId: boolean;
  userId: string;
  emailAddress: string;
  kind?: string;
}

/** Mailing lists and their members. */
export const mailingLists: Probe[] = [
  {
    question: "Is a local member held by its id, and a foreign one by its address?",
    fact: { source: "definition", says: "a member has hasId and userId, or emailAddress when hasId is false" },
    expects: "one by id, one by address",
    async ask(world) {
      const { id } = await world.user("one");
      const mlId = await world.id("mailing lists", { name: world.name("list") });
      await add(world, mlId, { hasId: true, userId: id, emailAddress: "" });
      await add(world, mlId, { hasId: false, userId: "", emailAddress: "jdoe@example.org" });
      const { list } = await members(world, mlId);
      const holds =
        list.some((each) => each.hasId && each.userId === id) &&
        list.some((each) => !each.hasId && each.emailAddress === "jdoe@example.org");
      return { holds, seen: shown(list.map((each) => (each.hasId ? "by id" : "by address"))) };
    },
  },
  {
    question: "Does the membership stay with the id of an account that is gone?",
    fact: { source: "definition", says: "members that are accounts are held by id, so a new id is another member" },
    expects: "a new account of the same name is no member",
    async ask(world) {
      const first = await world.user("one");
      const mlId = await world.id("mailing lists", { name: world.name("list") });
      await add(world, mlId, { hasId: true, userId: first.id, emailAddress: "" });
      await world.removeKeepingMail(first.id);
      await world.until(async () => (await world.row("users", first.id)) === undefined);
      const second = await world.user("one");
      const { list } = await members(world, mlId);
      const isMember = list.some((each) => each.userId === second.id || each.emailAddress === second.address);
      return { holds: !isMember, seen: isMember ? "it is a member" : "it is none" };
    },
  },
  {
    question: "Can a list be renamed?",
    fact: { source: "definition", says: "a list's name is write-once" },
    expects: "no",
    async ask(world) {
      const name = world.name("list");
      const id = await world.id("mailing lists", { name });
      const answer = await world.bulk("MailingLists.set", { mlIds: [id], pattern: { name: world.name("other") } });
      const now = (await world.row("mailing lists", id))?.["name"];
      return { holds: now === name, seen: `${errorsOf(answer)}; ${now === name ? "no" : shown(now)}` };
    },
  },
  {
    question: "What becomes of mail from somebody whom a list does not let post?",
    fact: {
      source: "definition",
      says: "`posting` of a list has a rule for members, for others and for moderators; not what sender and moderators get",
    },
    settles: "list-posting",
    needs: ["smtp"],
    async ask(world) {
      const [member, moderator] = [await world.user("member"), await world.user("moderator")];
      const rules = {
        memberPosting: "PostAllowed",
        nonMemberPosting: "PostModerated",
        moderatorPosting: "PostAllowed",
      };
      const posting = { ...rules, userPostingNotification: false, sendErrorsToModerator: false };
      const name = world.name("list");
      const mlId = await world.id("mailing lists", { name, posting });
      await add(world, mlId, { hasId: true, userId: member.id, emailAddress: "" });
      await add(world, mlId, { hasId: true, userId: moderator.id, emailAddress: "", kind: "Moderator" });
      const refusal = await world.send(`${name}@${world.domain.name}`);
      await awaitMail(world);
      const got = async ({ id }: Account) => (await world.items(id)) > 0;
      // A list may take longer to pass its mail on.
      if (await world.until(() => got(member), 5_000)) return { value: "anybody", seen: "the members get it" };
      if (await got(moderator)) return { value: "moderated", seen: "the moderators get it, and not the members" };
      return { value: "bounced", seen: refusal ?? "it is taken, and neither members nor moderators get it" };
    },
  },
];

function add(world: World, mlId: string, member: Member): Promise<unknown> {
  const full = { kind: "Member", fullName: "", ...member };
  return world.api.call("MailingLists.addMlUserList", { members: [full], mlId });
}

function members(world: World, mlId: string): Promise<{ list: Member[] }> {
  return world.api.call("MailingLists.getMlUserList", { query: {}, mlId });
}

/** Waits until mail that is sent now has arrived, and with it what was sent before. */
async function awaitMail(world: World): Promise<void> {
  const { id, address } = await world.user("other");
  const refusal = await world.send(address);
  if (refusal !== undefined) throw new NotAsked(`mail to an account is refused: ${refusal}`);
  if (!(await world.until(async () => (await world.items(id)) > 0, 15_000)))
    throw new NotAsked("mail to an account has not arrived after 15 s");
}
