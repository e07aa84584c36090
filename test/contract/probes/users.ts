import { outcomeOf } from "../api-client";
import type { Probe } from "../probe";
import type { Created, Row, World } from "../world";
import { errorsOf, shown, unknownId } from "./tools";

/** Accounts: making, changing, reading. */
export const users: Probe[] = [
  {
    question: "Is an account made of domain, name and password alone?",
    fact: { source: "seen1009", says: "domainId, loginName and password are enough" },
    expects: "an account of the internal source",
    async ask(world) {
      const row = await world.row("users", await minimal(world));
      return { holds: row?.["itemSource"] === "DSInternalSource", seen: `itemSource ${shown(row?.["itemSource"])}` };
    },
  },
  {
    question: "Can such an account be used, and does it change its password?",
    fact: { source: "phpLibrary", says: "a sample sends isEnabled, others do not; what it is then is not said" },
    settles: "minimal-create",
    async ask(world) {
      const row = await world.row("users", await minimal(world));
      const seen = [row?.["isEnabled"], row?.["allowPasswordChange"]];
      const values: Record<string, string> = { "true,true": "usable", "false,false": "bare" };
      return { value: values[seen.join()], seen: `isEnabled ${shown(seen[0])}, allowPasswordChange ${shown(seen[1])}` };
    },
  },
  {
    question: "What form has an account's id?",
    fact: { source: "seen1009", says: "ids are keriodb://user/DOMAIN/GUID, in small letters" },
    expects: "keriodb://user/GUID/GUID",
    async ask(world) {
      const { id } = await world.user("one");
      const form = id.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "GUID");
      return { holds: form === "keriodb://user/GUID/GUID", seen: form };
    },
  },
  {
    question: "Can a password be read?",
    fact: { source: "definition", says: "`password` is write-only" },
    expects: "no",
    async ask(world) {
      const { id, password } = await world.user("one");
      const row = await unasked(world, id);
      const told = JSON.stringify(row).includes(password);
      return { holds: !told, seen: told ? "yes" : `no: it is ${shown(row?.["password"])}` };
    },
  },
  {
    question: "Is `password` a member of a row?",
    fact: { source: "definition", says: "it is write-only; whether it comes back empty is not said" },
    settles: "password-shown",
    async ask(world) {
      const { id } = await world.user("one");
      const params = { query: { fields: ["id", "password"] }, domainId: world.domain.id };
      const { result } = await outcomeOf(world.api.call<{ list: Row[] }>("Users.get", params));
      const password = result?.list.find((each) => each.id === id)?.["password"];
      return {
        value: password === undefined ? "absent" : password === "" ? "empty" : undefined,
        seen: shown(password),
      };
    },
  },
  {
    question: "Which members come where `fields` names none?",
    fact: { source: "definition", says: "all of them" },
    settles: "unasked-fields",
    async ask(world) {
      const { id } = await world.user("one");
      const names = Object.keys((await unasked(world, id)) ?? {});
      const missing = ["emailAddresses", "userGroups", "role", "consumedItems"].filter((each) => !names.includes(each));
      const value = missing.length === 0 ? "all" : missing.length === 4 ? "few" : undefined;
      return { value, seen: missing.length === 0 ? `${names.length} members` : `none of ${missing.join(", ")}` };
    },
  },
  {
    question: "Is an extra address taken with its domain?",
    fact: { source: "seen1009", says: "a client sends local parts" },
    settles: "full-email-address",
    async ask(world) {
      const { id } = await world.user("one");
      const emailAddresses = [`${world.name("extra")}@${world.domain.name}`];
      const answer = await world.bulk("Users.set", { userIds: [id], pattern: { emailAddresses } });
      return { value: answer.errors.length === 0 ? "taken" : "refused", seen: errorsOf(answer) };
    },
  },
  {
    question: "Is an extra address of another domain taken?",
    fact: { source: "seen1009", says: "a client sends local parts" },
    settles: "foreign-email-address",
    async ask(world) {
      const { id } = await world.user("one");
      const emailAddresses = [`${world.name("extra")}@elsewhere.example.org`];
      const answer = await world.bulk("Users.set", { userIds: [id], pattern: { emailAddresses } });
      if (answer.errors.length > 0) return { value: "refused", seen: errorsOf(answer) };
      const held = ((await world.row("users", id))?.["emailAddresses"] ?? []) as string[];
      const isCut = held.length === 1 && !held[0]?.includes("elsewhere");
      return { value: isCut ? "cut" : undefined, seen: shown(held) };
    },
  },
  {
    question: "Does letter case tell two names apart?",
    fact: { source: "accounts", says: "user names are not case-sensitive" },
    expects: "no: the second is refused",
    async ask(world) {
      const { loginName } = await world.user("one");
      const answer = await world.create("users", { loginName: loginName.toUpperCase(), password: world.password() });
      return { holds: answer.errors.length === 1, seen: errorsOf(answer) };
    },
  },
  {
    question: "Is a name with a space refused?",
    fact: { source: "accounts", says: "a name has no spaces and no special characters" },
    expects: "an error of the item",
    async ask(world) {
      const answer = await world.create("users", { loginName: `${world.name("a")} b`, password: world.password() });
      return { holds: answer.errors.length === 1, seen: errorsOf(answer) };
    },
  },
  {
    question: "Does `set` leave alone what it does not name?",
    fact: { source: "definition", says: "`pattern` holds the new values alone" },
    expects: "yes",
    async ask(world) {
      const { id } = await world.user("one", { fullName: "A. Smith" });
      await world.api.call("Users.set", { userIds: [id], pattern: { publishInGal: false } });
      const row = await world.row("users", id);
      const holds = row?.["fullName"] === "A. Smith" && row["publishInGal"] === false;
      return { holds, seen: `fullName ${shown(row?.["fullName"])}, publishInGal ${shown(row?.["publishInGal"])}` };
    },
  },
  {
    question: "May a pattern hold the name the account has?",
    fact: { source: "seen1009", says: "a nearly whole row is sent back with its loginName and domainId" },
    expects: "no error",
    async ask(world) {
      const { id, loginName } = await world.user("one");
      const pattern = { loginName, domainId: world.domain.id, fullName: "J. Smith" };
      const answer = await world.bulk("Users.set", { userIds: [id], pattern });
      return { holds: answer.errors.length === 0, seen: errorsOf(answer) };
    },
  },
  {
    question: "What does `set` do with another login name?",
    fact: { source: "definition", says: "loginName is not marked as write-once, and no client changes it" },
    settles: "set-login-name",
    async ask(world) {
      const { id, loginName } = await world.user("one");
      const wanted = world.name("two");
      const answer = await world.bulk("Users.set", { userIds: [id], pattern: { loginName: wanted } });
      const now = (await world.row("users", id))?.["loginName"];
      const seen = `${errorsOf(answer)}; the name is ${now === loginName ? "the old one" : shown(now)}`;
      if (now === wanted) return { value: "accept", seen };
      return { value: now !== loginName ? undefined : answer.errors.length > 0 ? "refuse" : "ignore", seen };
    },
  },
  {
    question: "What do `set` and `remove` answer to an id that nobody has?",
    fact: { source: "javaClient", says: "1002 is “does not exist”; whether it is used here is not said" },
    settles: "unknown-id",
    async ask(world) {
      const userId = unknownId("user", world.domain.id);
      const set = await world.bulk("Users.set", { userIds: [userId], pattern: { fullName: "x" } });
      const removed = await world.removeBy({
        userId,
        method: "UDeleteUser",
        removeReferences: false,
        targetUserId: "",
      });
      const [one, other] = [set.errors.length > 0, removed.errors.length > 0];
      const seen = `set: ${errorsOf(set)}; remove: ${errorsOf(removed)}`;
      return { value: one !== other ? undefined : one ? "error" : "ignored", seen };
    },
  },
  {
    question: "In which form do extra addresses come back?",
    fact: { source: "seen1009", says: "a client sends local parts; what comes back is not said" },
    settles: "email-addresses",
    async ask(world) {
      const extra = world.name("extra");
      const { id } = await world.user("one", { emailAddresses: [extra] });
      const addresses = (await world.row("users", id))?.["emailAddresses"] as string[];
      const forms: Record<string, string> = { [extra]: "local", [`${extra}@${world.domain.name}`]: "full" };
      return { value: forms[addresses[0] ?? ""], seen: shown(addresses) };
    },
  },
  {
    question: "Does an extra address keep its capital letters?",
    fact: { source: "seen1009", says: "a client sends local parts in small letters; nothing else was seen" },
    settles: "email-address-case",
    async ask(world) {
      const extra = world.name("Extra.Name");
      const { id } = await world.user("one", { emailAddresses: [extra] });
      const [address = ""] = (await world.row("users", id))?.["emailAddresses"] as string[];
      const [local = ""] = address.split("@");
      const forms: Record<string, string> = { [extra]: "as-given", [extra.toLowerCase()]: "lower" };
      return { value: forms[local], seen: shown(address) };
    },
  },
  {
    question: "Is a list with a bad item carried out for the good one?",
    fact: { source: "details", says: "operations on lists answer per item; which refusals do was not seen" },
    settles: "bulk-refusals",
    async ask(world) {
      const { id, loginName } = await world.user("one");
      const items = [loginName, world.name("two")].map((name) => ({ loginName: name, password: world.password() }));
      const names = await outcomeOf(world.createAll("users", items));
      const made = (await world.mine()).length - 1;
      const userIds = [unknownId("user", world.domain.id), id];
      const pattern = { fullName: "Changed" };
      const ids = await outcomeOf(world.api.call<Pick<Created, "errors">>("Users.set", { userIds, pattern }));
      const changed = (await world.row("users", id))?.["fullName"] === pattern.fullName ? 1 : 0;
      const told = ({ result, error }: typeof names | typeof ids) =>
        error ? `the call fails (${error.code})` : errorsOf(result);
      const seen = `a taken name: ${told(names)}, ${made} made; an unknown id: ${told(ids)}, ${changed} changed`;
      const [byNames, byIds] = [names.error !== undefined, ids.error !== undefined];
      const isClean = made === (byNames ? 0 : 1) && changed === (byIds ? 0 : 1);
      // Where an unknown id is no error, nothing tells the two apart.
      const isTold = ids.result?.errors.length !== 0;
      const value = byNames ? (byIds || !isTold ? "call" : "names") : byIds ? "ids" : "items";
      return { value: isClean ? value : undefined, seen };
    },
  },
];

/** An account of which nothing is said that need not be. */
function minimal(world: World): Promise<string> {
  return world.id("users", { loginName: world.name("one"), password: world.password() });
}

/** The row of an account as it comes where nothing is asked for. */
async function unasked(world: World, id: string): Promise<Row | undefined> {
  const params = { query: {}, domainId: world.domain.id };
  return (await world.api.call<{ list: Row[] }>("Users.get", params)).list.find((each) => each.id === id);
}
