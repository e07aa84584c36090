import { outcomeOf } from "../api-client";
import { NotAsked, type Probe } from "../probe";
import type { Created, World } from "../world";
import { errorsOf, shown } from "./tools";

/** Aliases. */
export const aliases: Probe[] = [
  {
    question: "How does a bare login come back as a target?",
    fact: { source: "definition", says: "deliverTo is an email address; the guide shows bare names" },
    settles: "deliver-to",
    async ask(world) {
      const { loginName, address } = await world.user("one");
      const id = await world.id("aliases", { name: world.name("alias"), deliverTo: loginName });
      const target = (await world.row("aliases", id))?.["deliverTo"];
      const forms: Record<string, string> = { [loginName]: "as-given", [address]: "completed" };
      return { value: forms[String(target)], seen: shown(target) };
    },
  },
  {
    question: "Is a second row of the same name and target refused?",
    fact: { source: "guide67", says: "several rows of one name are legal; of the same row twice nothing is said" },
    settles: "duplicate-alias",
    async ask(world) {
      const { address } = await world.user("one");
      const row = { name: world.name("alias"), deliverTo: address };
      await world.id("aliases", row);
      return refusedOrNot(await world.create("aliases", row));
    },
  },
  {
    question: "Is a second row of the same name with another target refused?",
    fact: { source: "guide67", says: "several rows of one name are legal; what 10.x does is not said" },
    settles: "second-alias",
    async ask(world) {
      const [one, two] = [await world.user("one"), await world.user("two")];
      const name = world.name("alias");
      await world.id("aliases", { name, deliverTo: one.address });
      return refusedOrNot(await world.create("aliases", { name, deliverTo: two.address }));
    },
  },
  {
    question: "Is an alias refused that has an account's name?",
    fact: { source: "guide67", says: "an alias may carry an account's name; what 10.x does is not said" },
    settles: "alias-beside-user",
    async ask(world) {
      const { loginName, address } = await world.user("one");
      return refusedOrNot(await world.create("aliases", { name: loginName, deliverTo: address }));
    },
  },
  {
    question: "Is an account refused that has an alias's name?",
    fact: {
      source: "definition",
      says: "duplicates are often permitted but may have unwanted effects; which is not said",
    },
    settles: "user-beside-alias",
    async ask(world) {
      const { address } = await world.user("one");
      const loginName = world.name("alias");
      await world.id("aliases", { name: loginName, deliverTo: address });
      return refusedOrNot(await world.create("users", { loginName, password: world.password() }));
    },
  },
  {
    question: "Is an alias refused that is among an account's extra addresses?",
    fact: { source: "definition", says: "addresses of accounts and aliases are two stores; nothing about both in one" },
    settles: "alias-beside-address",
    async ask(world) {
      const extra = world.name("extra");
      const { address } = await world.user("one", { emailAddresses: [extra] });
      return refusedOrNot(await world.create("aliases", { name: extra, deliverTo: address }));
    },
  },
  {
    question: "Is an extra address refused that is an alias?",
    fact: { source: "definition", says: "addresses of accounts and aliases are two stores; nothing about both in one" },
    settles: "address-beside-alias",
    async ask(world) {
      const { id, address } = await world.user("one");
      const extra = world.name("alias");
      await world.id("aliases", { name: extra, deliverTo: address });
      return refusedOrNot(await setAddress(world, id, extra));
    },
  },
  {
    question: "Is an extra address refused that is another account's login name or among its extra addresses?",
    fact: {
      source: "definition",
      says: "duplicates are often permitted but may have unwanted effects; which is not said",
    },
    settles: "address-of-another",
    async ask(world) {
      const extra = world.name("extra");
      const { loginName } = await world.user("one", { emailAddresses: [extra] });
      const { id } = await world.user("two");
      const [byName, byAddress] = [await setAddress(world, id, loginName), await setAddress(world, id, extra)];
      const seen = `the name ${errorsOf(byName)}, the address ${errorsOf(byAddress)}`;
      const isMixed = byName.errors.length !== byAddress.errors.length;
      return { value: isMixed ? undefined : refusedOrNot(byName).value, seen };
    },
  },
  {
    question: "What form have the ids of aliases, groups, lists and resources?",
    fact: { source: "details", says: "an id is unique and permanent; theirs were not seen" },
    settles: "id-form",
    async ask(world) {
      const { address } = await world.user("one");
      const ids = [
        await world.id("aliases", { name: world.name("alias"), deliverTo: address }),
        await world.id("groups", { name: world.name("group") }),
        await world.id("mailing lists", { name: world.name("list") }),
        await world.id("resources", { name: world.name("room") }),
      ];
      const guid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
      const forms = ids.map((id) => id.replace(guid, "GUID").replace(/^keriodb:\/\/[a-z]+/, ""));
      const known: Record<string, string> = { "/GUID/GUID": "nested", "/GUID": "flat" };
      const value = new Set(forms).size === 1 ? known[forms[0] ?? ""] : undefined;
      return { value, seen: ids.map((id) => id.replace(guid, "GUID")).join(", ") };
    },
  },
  {
    question: "Is an alias taken with + in its name?",
    fact: { source: "aliases", says: "letters from a to z, and more that was not read" },
    settles: "alias-name-signs",
    async ask(world) {
      const { address } = await world.user("one");
      const answer = await world.create("aliases", { name: world.name("a+b"), deliverTo: address });
      return { value: answer.errors.length === 0 ? "with-plus" : "without-plus", seen: errorsOf(answer) };
    },
  },
  {
    question: "How does a public folder come back as a target?",
    fact: { source: "definition", says: "deliverTo is an address or the name of a public folder" },
    settles: "public-folder-target",
    async ask(world) {
      const type = "TypePublicFolder";
      const folders = await outcomeOf(
        world.api.call<{ publicFolderList: { name: string }[] }>("Aliases.getMailPublicFolderList", {
          domainId: world.domain.id,
        }),
      );
      const folder = folders.result?.publicFolderList[0]?.name ?? world.name("folder");
      const made = await world.create("aliases", { name: world.name("alias"), deliverTo: `#public/${folder}`, type });
      const id = made.result[0]?.id;
      if (id === undefined) throw new NotAsked(`the target #public/${folder} is refused: ${errorsOf(made)}`);
      const target = (await world.row("aliases", id))?.["deliverTo"];
      const forms: Record<string, string> = { [`#public/${folder}`]: "as-given", [folder]: "bare" };
      return { value: forms[String(target)], seen: shown(target) };
    },
  },
  {
    question: "Is an alias taken with a member that no definition has?",
    fact: { source: "phpLibrary", says: "its samples send deliverToSelect, which the definition lacks" },
    expects: "no error",
    async ask(world) {
      const { address } = await world.user("one");
      const row = { name: world.name("alias"), deliverTo: address, deliverToSelect: "TypeEmailAddress" };
      const answer = await world.create("aliases", row);
      return { holds: answer.errors.length === 0, seen: errorsOf(answer) };
    },
  },
  {
    question: "Can name and target of an alias be changed?",
    fact: { source: "definition", says: "no field of an alias is marked as write-once" },
    expects: "yes",
    async ask(world) {
      const [one, two] = [await world.user("one"), await world.user("two")];
      const id = await world.id("aliases", { name: world.name("alias"), deliverTo: one.address });
      const pattern = { name: world.name("changed"), deliverTo: two.address };
      const answer = await world.bulk("Aliases.set", { aliasIds: [id], pattern });
      const row = await world.row("aliases", id);
      const holds = row?.["name"] === pattern.name && row["deliverTo"] === pattern.deliverTo;
      return { holds, seen: `${errorsOf(answer)}; ${shown(row?.["name"])} to ${shown(row?.["deliverTo"])}` };
    },
  },
  {
    question: "Does `check` follow an alias of an alias?",
    fact: { source: "definition", says: "check gives the addresses a text expands to" },
    expects: "the address of the account alone",
    async ask(world) {
      const { address } = await world.user("one");
      const [first, second] = [world.name("first"), world.name("second")];
      await world.id("aliases", { name: second, deliverTo: address });
      await world.id("aliases", { name: first, deliverTo: `${second}@${world.domain.name}` });
      const checkString = `${first}@${world.domain.name}`;
      const { result } = await world.api.call<{ result: string[] }>("Aliases.check", { checkString });
      return { holds: result.join() === address, seen: shown(result) };
    },
  },
  {
    question: "Does `findEntityByEmail` find accounts, aliases and patterns?",
    fact: { source: "definition", says: "it lists every entity that answers to a local part, patterns marked" },
    expects: "EntityUser, EntityAlias, EntityAlias with isPattern",
    async ask(world) {
      const { loginName, address } = await world.user("one");
      const alias = world.name("on-alias");
      await world.id("aliases", { name: alias, deliverTo: address });
      await world.id("aliases", { name: world.name("on*"), deliverTo: address });
      const { entities } = await world.api.call<{ entities: { kind: string; name: string; isPattern: boolean }[] }>(
        "Server.findEntityByEmail",
        {
          addresses: [loginName, alias],
          updatedEntity: { kind: "EntityUser", id: "" },
          domainId: world.domain.id,
        },
      );
      const has = (kind: string, name: string, isPattern: boolean) =>
        entities.some((each) => each.kind === kind && each.name === name && each.isPattern === isPattern);
      const holds =
        has("EntityUser", loginName, false) &&
        has("EntityAlias", alias, false) &&
        has("EntityAlias", world.name("on*"), true);
      return {
        holds,
        seen: entities.map((each) => `${each.kind}${each.isPattern ? " with isPattern" : ""}`).join(", "),
      };
    },
  },
];

function refusedOrNot(answer: Pick<Created, "errors">): { value: string; seen: string } {
  return { value: answer.errors.length > 0 ? "refused" : "allowed", seen: errorsOf(answer) };
}

function setAddress(world: World, id: string, address: string): Promise<Created> {
  return world.bulk("Users.set", { userIds: [id], pattern: { emailAddresses: [address] } });
}
