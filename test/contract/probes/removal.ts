import type { Probe } from "../probe";
import type { World } from "../world";
import { errorsOf } from "./tools";

const slowestMs = 30_000;

/** Removing accounts, and what is left of them. */
export const removal: Probe[] = [
  {
    question: "How long is a removed account still listed?",
    fact: { source: "seen1009", says: "a client looks for up to 30 s until removed names are gone" },
    settles: "removal-delay-ms",
    async ask(world) {
      const { id } = await world.user("one");
      await world.removeKeepingMail(id);
      const removed = Date.now();
      if ((await world.row("users", id)) === undefined) return { value: "0", seen: "gone at the first look" };
      const gone = await world.until(async () => (await world.row("users", id)) === undefined, slowestMs);
      const ms = Math.ceil((Date.now() - removed) / 100) * 100;
      return { value: gone ? String(ms) : undefined, seen: gone ? `gone after ${ms} ms` : "still there after 30 s" };
    },
  },
  {
    question: "Does a new account of the same name have another id?",
    fact: { source: "details", says: "an id is unique and permanent" },
    expects: "yes",
    async ask(world) {
      const first = await world.user("one");
      await world.removeKeepingMail(first.id);
      await world.until(async () => (await world.row("users", first.id)) === undefined);
      const second = await world.user("one");
      return { holds: first.id !== second.id, seen: first.id === second.id ? "the same" : "yes" };
    },
  },
  {
    question: "What stays of an alias and a list where an account is removed without its references?",
    fact: { source: "deleting", says: "deleting the other settings, aliases among them, is a choice of its own" },
    settles: "dangling-references",
    async ask(world) {
      const { id, address } = await world.user("one");
      const alias = await world.id("aliases", { name: world.name("alias"), deliverTo: address });
      const mlId = await world.id("mailing lists", { name: world.name("list") });
      await world.api.call("MailingLists.addMlUserList", { mlId, members: [memberOf(id)] });
      await world.removeKeepingMail(id);
      await world.until(async () => (await world.row("users", id)) === undefined, slowestMs);
      const alone = [(await world.row("aliases", alias)) !== undefined, (await memberIds(world, mlId)).length > 0];
      const namesake = await world.user("one");
      const isTakenUp = (await memberIds(world, mlId)).includes(namesake.id);
      const seen = `the alias ${alone[0] ? "stays" : "is gone"}, the member ${alone[1] ? "stays" : "is gone"}`;
      if (!alone[0]) return { value: alone[1] ? undefined : "gone", seen };
      if (!alone[1]) return { value: "texts", seen };
      return { value: isTakenUp ? "by-name" : "kept", seen: `${seen}${isTakenUp ? ", a namesake takes it up" : ""}` };
    },
  },
  {
    question: "Does it go with `removeReferences`?",
    fact: { source: "definition", says: "with removeReferences all references to the account go too" },
    expects: "it goes",
    async ask(world) {
      const { id, address } = await world.user("one");
      const alias = await world.id("aliases", { name: world.name("alias"), deliverTo: address });
      await world.removeKeepingMail(id, true);
      const gone = await world.until(async () => (await world.row("aliases", alias)) === undefined, slowestMs);
      return { holds: gone, seen: gone ? "it goes" : "it is still there" };
    },
  },
  {
    question: "Does a membership in a list go with `removeReferences`?",
    fact: { source: "deleting", says: "aliases and roles are named; nothing about the rest" },
    settles: "removed-references",
    async ask(world) {
      const { id } = await world.user("one");
      const mlId = await world.id("mailing lists", { name: world.name("list") });
      await world.api.call("MailingLists.addMlUserList", { mlId, members: [memberOf(id)] });
      await world.removeKeepingMail(id, true);
      await world.until(async () => (await world.row("users", id)) === undefined, slowestMs);
      const stays = (await memberIds(world, mlId)).includes(id);
      return { value: stays ? "aliases" : "everything", seen: stays ? "it stays" : "it goes" };
    },
  },
  {
    question: "Is a removal refused whose target is nobody?",
    fact: { source: "definition", says: "UMoveFolder needs targetUserId" },
    expects: "an error, and the account stays",
    async ask(world) {
      const { id } = await world.user("one");
      const answer = await world.removeBy({
        userId: id,
        method: "UMoveFolder",
        removeReferences: false,
        targetUserId: "",
      });
      const stays = (await world.row("users", id)) !== undefined;
      return {
        holds: answer.errors.length > 0 && stays,
        seen: `${errorsOf(answer)}; ${stays ? "it stays" : "it is gone"}`,
      };
    },
  },
];

function memberOf(userId: string): object {
  return { hasId: true, userId, emailAddress: "", fullName: "", kind: "Member" };
}

async function memberIds(world: World, mlId: string): Promise<string[]> {
  const { list } = await world.api.call<{ list: { userId: string }[] }>("MailingLists.getMlUserList", {
    query: {},
    mlId,
  });
  return list.map(({ userId }) => userId);
}
