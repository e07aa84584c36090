import { outcomeOf } from "../api-client";
import { NotAsked, type Probe } from "../probe";
import type { World } from "../world";

/** The directory of an account, and who gets it afterwards. */
export const mailbox: Probe[] = [
  {
    question: "When is the directory of a mailbox made?",
    fact: { source: "userGuide7", says: "default folders are made at the first login" },
    settles: "directory-at",
    async ask(world) {
      const { loginName } = await world.user("one");
      const made = await directoryIsThere(world, loginName);
      return { value: made ? "create" : "first-use", seen: made ? "with the account" : "not with the account" };
    },
  },
  {
    question: "Does the first message make it?",
    fact: { source: "userGuide7", says: "default folders are made at first use; that mail is such a use is inferred" },
    needs: ["smtp"],
    open: true,
    expects: "yes",
    async ask(world) {
      const { address, loginName } = await world.user("one");
      const refusal = await world.send(address);
      const made = await world.until(() => directoryIsThere(world, loginName), 15_000);
      return { holds: made, seen: made ? "yes" : `no (${refusal ?? "the mail was taken"})` };
    },
  },
  {
    question: "How is the directory of a name with capitals written?",
    fact: { source: "accounts", says: "names have no letter case; how a directory is written is not said" },
    settles: "directory-case",
    needs: ["smtp"],
    async ask(world) {
      const { address, loginName } = await world.user("One");
      const refusal = await world.send(address);
      if (refusal !== undefined) throw new NotAsked(`the mail was refused: ${refusal}`);
      const small = () => directoryIsThere(world, loginName.toLowerCase());
      const given = () => directoryIsThere(world, loginName);
      await world.until(async () => (await small()) || (await given()), 15_000);
      const [isSmall, isGiven] = [await small(), await given()];
      if (isSmall && isGiven) throw new NotAsked("the host does not tell capitals from small letters");
      const value = isSmall ? "lower" : isGiven ? "as-given" : undefined;
      return { value, seen: isSmall ? "in small letters" : isGiven ? "as the name" : "in neither way" };
    },
  },
  {
    question: "Does a new account get the mailbox that its namesake has left?",
    fact: { source: "deleting", says: "an account of the same name is connected to the old mailbox automatically" },
    needs: ["smtp"],
    expects: "yes",
    async ask(world) {
      const { items, later, address } = await adopted(world);
      if (items > 0) return { holds: true, seen: `yes: ${items} items` };
      await world.send(address);
      const all = await world.until(async () => (await later()) >= 2, 15_000);
      return { holds: all, seen: all ? "yes, as its first use shows" : `no: ${await later()} items after one message` };
    },
  },
  {
    question: "When are the sizes of an adopted mailbox known?",
    fact: { source: "definition", says: "consumedItems is an output; when it is right is not said" },
    settles: "adopted-sizes",
    needs: ["smtp"],
    async ask(world) {
      const { items, later, address } = await adopted(world);
      if (items > 0) return { value: "at-once", seen: `${items} items at the first look` };
      await world.send(address);
      const all = await world.until(async () => (await later()) >= 2, 15_000);
      return {
        value: all ? "later" : undefined,
        seen: all ? "after the first use" : `${await later()} items after the first use`,
      };
    },
  },
];

async function directoryIsThere(world: World, name: string): Promise<boolean> {
  const { mailboxes } = world.around;
  if (mailboxes === undefined) throw new NotAsked("the login may not ask where the store is");
  const { result } = await outcomeOf(
    world.api.call<{ result: string }>("Server.pathExists", {
      path: `${mailboxes}/${name}`,
      credentials: { userName: "", password: "" },
    }),
  );
  if (!result) throw new NotAsked("the login may not look at directories");
  return result.result === "directoryExists";
}

/** An account over the mailbox, with one message, of a namesake that is gone. */
async function adopted(world: World) {
  const first = await world.user("adopted");
  const refusal = await world.send(first.address);
  if (refusal !== undefined) throw new NotAsked(`the mail was refused: ${refusal}`);
  const delivered = await world.until(async () => (await world.items(first.id)) > 0, 15_000);
  if (!delivered) throw new NotAsked("the mail was taken and did not arrive in 15 s");
  await world.removeKeepingMail(first.id);
  await world.until(async () => (await world.row("users", first.id)) === undefined);
  const { id, address } = await world.user("adopted");
  return { items: await world.items(id), later: () => world.items(id), address };
}
