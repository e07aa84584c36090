import { ApiError } from "../api-client";
import { NotAsked, type Probe } from "../probe";
import type { Account, World } from "../world";

/** Who gets a message, asked by SMTP and judged by the number of items. */
export const delivery: Probe[] = [
  {
    question: "What does SMTP answer for a disabled account?",
    fact: { source: "deleting", says: "what becomes of mail to a disabled account is not said" },
    settles: "disabled-delivery",
    needs: ["smtp"],
    async ask(world) {
      const { id, address } = await world.user("one", { isEnabled: false });
      // A server that puts off every stranger says nothing about disabled accounts.
      const other = await world.send((await world.user("other")).address);
      if (other !== undefined) throw new NotAsked(`mail to an enabled account is refused: ${other}`);
      const refusal = await world.send(address, 400);
      if (refusal !== undefined) return { value: refusal.startsWith("4") ? "defer" : "reject", seen: refusal };
      const arrived = await world.until(async () => (await world.items(id)) > 0, 15_000);
      return {
        value: arrived ? "accept" : undefined,
        seen: arrived ? "it arrives" : "taken, and not there after 15 s",
      };
    },
  },
  {
    question: "Who gets the mail when an alias and an account have one name?",
    fact: { source: "guide67", says: "an alias may bear the name of an account; who wins in 10.x is not said" },
    settles: "alias-or-user",
    needs: ["smtp"],
    async ask(world) {
      const { other, user } = await namesakes(world);
      const got = await receivers(world, user.address, { alias: other, user });
      return { value: got === "alias" || got === "user" ? got : undefined, seen: `the ${got || "nobody"} gets it` };
    },
  },
  {
    question: "Who gets the mail when one account bears another's login name among its addresses?",
    fact: { source: "definition", says: "duplicates are often permitted, and `win` marks one; which is not said" },
    settles: "name-or-address",
    needs: ["smtp"],
    async ask(world) {
      const name = await world.user("one");
      const address = await world.user("two");
      const pattern = { emailAddresses: [name.loginName] };
      const { errors } = await world.bulk("Users.set", { userIds: [address.id], pattern });
      if (errors.length > 0) throw new NotAsked("it is refused, see `address-of-another`");
      const got = await receivers(world, name.address, { name, address });
      return {
        value: got === "name" || got === "address" ? got : undefined,
        seen: got === "" ? "nobody gets it" : `the account with that ${got} gets it`,
      };
    },
  },
  {
    question: "Does `findEntityByEmail` name the one that gets the mail?",
    fact: { source: "definition", says: "`win` says which entity takes the mail" },
    needs: ["smtp"],
    expects: "yes",
    async ask(world) {
      const { other, user } = await namesakes(world);
      const { entities } = await world.api.call<{ entities: { kind: string; win: boolean }[] }>(
        "Server.findEntityByEmail",
        { addresses: [user.loginName], updatedEntity: { kind: "EntityUser", id: "" }, domainId: world.domain.id },
      );
      const wins = entities.filter(({ win }) => win).map(({ kind }) => kind.replace("Entity", "").toLowerCase());
      const got = await receivers(world, user.address, { alias: other, user });
      return { holds: wins.join() === got, seen: `it names ${wins.join() || "nobody"}, ${got || "nobody"} gets it` };
    },
  },
  {
    question: "Do two aliases of one name deliver to both targets?",
    fact: { source: "guide67", says: "several aliases of one name deliver to all their targets" },
    needs: ["smtp"],
    expects: "both",
    async ask(world) {
      const [one, two] = [await world.user("one"), await world.user("two")];
      const name = world.name("alias");
      await world.id("aliases", { name, deliverTo: one.address });
      const second = await world.create("aliases", { name, deliverTo: two.address });
      if (second.errors.length > 0) throw new NotAsked("the second is refused, see `second-alias`");
      const got = await receivers(world, `${name}@${world.domain.name}`, { one, two });
      return { holds: got === "one and two", seen: got || "nobody" };
    },
  },
  {
    question: "Does an alias with a star catch what nobody has?",
    fact: { source: "aliases", says: "an alias may hold * for any characters and ? for one" },
    needs: ["smtp"],
    expects: "yes",
    async ask(world) {
      const one = await world.user("one");
      await world.id("aliases", { name: world.name("star*"), deliverTo: one.address });
      const got = await receivers(world, `${world.name("star-x")}@${world.domain.name}`, { yes: one });
      return { holds: got === "yes", seen: got || "no" };
    },
  },
  {
    question: "Does an extra address deliver to its account?",
    fact: { source: "guide67", says: "the addresses of an account deliver to it" },
    needs: ["smtp"],
    expects: "yes",
    async ask(world) {
      const extra = world.name("extra");
      const one = await world.user("one", { emailAddresses: [extra] });
      const got = await receivers(world, `${extra}@${world.domain.name}`, { yes: one });
      return { holds: got === "yes", seen: got || "no" };
    },
  },
  {
    question: "Is mail to nobody refused?",
    fact: { source: "guide67", says: "mail to no account and no alias returns, unless an alias * catches it" },
    needs: ["smtp"],
    expects: "refused",
    async ask(world) {
      if ((await world.rows("aliases")).some(({ name }) => name === "*")) throw new NotAsked("an alias * catches all");
      const refusal = await world.send(`${world.name("nobody")}@${world.domain.name}`);
      return { holds: refusal !== undefined, seen: refusal === undefined ? "it is taken" : "refused" };
    },
  },
];

/** Sends one message and says by name who has got it; empty when nobody has in fifteen seconds. */
async function receivers(world: World, to: string, candidates: Record<string, Account>): Promise<string> {
  const got = async () => {
    const counts = await Promise.all(
      Object.entries(candidates).map(async ([name, { id }]) => ({ name, count: await world.items(id) })),
    );
    return counts.filter(({ count }) => count > 0).map(({ name }) => name);
  };
  const refusal = await world.send(to);
  if (refusal !== undefined) return "";
  await world.until(async () => (await got()).length > 0, 15_000);
  // A second copy comes right after the first, when there is one.
  await world.until(async () => (await got()).length === Object.keys(candidates).length, 2_000);
  return (await got()).join(" and ");
}

/** An account, and an alias of its name that leads to another: in the order that the server takes them in. */
async function namesakes(world: World): Promise<{ other: Account; user: Account }> {
  const other = await world.user("other");
  const alias = { name: world.name("both"), deliverTo: other.address };
  const first = await world.create("aliases", alias);
  try {
    return { other, user: await world.user("both") };
  } catch (error) {
    const [made] = first.result;
    if (!(error instanceof ApiError) || !made) throw error;
    await world.api.call("Aliases.remove", { aliasIds: [made.id] });
  }
  const user = await world.user("both");
  if ((await world.create("aliases", alias)).errors.length > 0)
    throw new NotAsked("neither is taken beside the other, see `user-beside-alias` and `alias-beside-user`");
  return { other, user };
}
