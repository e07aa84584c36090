import type { Row, TrueAccount } from "../simulator/host/control-types";
import { same } from "./applied";
import type { Stored } from "./engine";
import { mailIsSafe } from "./mail-is-safe";
import type { Owners } from "./owners";
import type { Sight } from "./sight";
import { isTransient, unsettledTogether } from "./unsettle";
import { isManagedAlias, managedFields, peopleWhere, targetOf, type Person, type World } from "./world";

/** What holds at every moment, whoever has died: mail, the people whom an operation did not touch, the rest of the host. */
export function alwaysTrue(world: World, sight: Sight, began: Sight, owners: Owners, store: string): string[] {
  return [
    ...mailIsSafe(world, sight, owners, store),
    ...(sight.truth ? accountsAreTheirs(world, sight) : []),
    ...(sight.outside === began.outside
      ? []
      : [`other domains have changed:\n${began.outside}\nnow\n${sight.outside}`]),
  ];
}

/** What holds besides when nothing is under way. */
export function trueAtRest(world: World, sight: Sight, began: Sight, state: Stored[]): string[] {
  const problems: string[] = [];
  if (!sight.service.running) problems.push("the mail service does not run");
  if (!sight.truth) return problems;
  if (services(sight) !== services(began)) problems.push(`services: ${services(sight)}, at first ${services(began)}`);
  if (sight.truth.queued > 0) problems.push(`${sight.truth.queued} messages wait in the queue`);
  const strange = sight.storeEntries.filter(
    (entry) => !began.storeEntries.includes(entry) && !ownEntries.includes(entry),
  );
  if (strange.length > 0) problems.push(`new in the store: ${strange.join(", ")}`);
  problems.push(...aliasesAreRight(world, sight), ...membershipsAreRight(world, sight));
  if (world.unsettled.size > 0) return problems;
  if (sight.parked.size > 0) problems.push(`${sight.parked.size} mailboxes are parked where nobody sees them`);
  problems.push(...stateIsTrue(world, sight, state));
  return problems;
}

/** Made by the server at the first mail, or by a rename for directories that are in the way. */
const ownEntries = ["mail", "queue", "pulumi-kerio"];

function services({ truth }: Sight): string {
  return (truth?.services ?? [])
    .map((row) => `${String(row["name"])} ${String(row["isRunning"])} ${String(row["howToStart"])}`)
    .join(", ");
}

/** Each person has exactly one account, with its own id and settings; there is no other account. */
function accountsAreTheirs(world: World, { accounts, mailboxes }: Sight): string[] {
  const problems: string[] = [];
  const byName = new Map(accounts.map((account) => [account.name, account]));
  for (const person of world.people.values()) {
    if (world.unsettled.has(person.key) || !person.account) continue;
    problems.push(...accountIsRight(world, person, byName.get(person.account.name)));
    byName.delete(person.account.name);
  }
  for (const { keys, names, least } of unsettledTogether(world)) {
    const isTheirs = ({ name }: TrueAccount) => names.has(name) || (keys.length > 1 && isTransient(name));
    const theirs = [...byName.values()].filter(isTheirs);
    const where = [...names].join(", ");
    if (theirs.length < least)
      problems.push(`${keys.join(", ")} have ${theirs.length} accounts, and must have ${least}, of ${where}`);
    // With free seats the old account and the new one are enabled together for a moment.
    if (theirs.length > 2 * keys.length)
      problems.push(`${keys.join(", ")} have ${theirs.length} accounts, of ${where}`);
    for (const { name } of theirs) byName.delete(name);
  }
  for (const [name, { id }] of byName) problems.push(`nobody's account ${name} (${id}) is on the server`);
  const directories = new Map(accounts.map((account) => [account.directory, account.name]));
  if (directories.size !== accounts.length)
    problems.push(`two accounts lead to one directory of ${[...mailboxes.keys()].join(", ")}`);
  return problems;
}

function accountIsRight(world: World, person: Person, account: TrueAccount | undefined): string[] {
  const { key, server } = person;
  const expected = person.account;
  if (!expected) return [];
  const who = `${key} (${expected.name})`;
  if (!account) return [`${who} has no account`];
  expected.id ??= account.id;
  const problems = expected.id === account.id ? [] : [`${who} has the account ${account.id}, which is not theirs`];
  for (const field of managedFields) {
    if (!same(server[field], account[field]))
      problems.push(`${field} of ${who} is ${JSON.stringify(account[field])}, not ${JSON.stringify(server[field])}`);
  }
  if (!account.directory.endsWith(`/${world.domain}/${expected.name}`))
    problems.push(`${who} leads to the directory ${account.directory}`);
  return problems;
}

function aliasesAreRight(world: World, sight: Sight): string[] {
  const touched = (owner: string) => world.unsettled.has(owner);
  const domain = `@${world.domain}`;
  const full = (text: string) => (text.includes("@") ? text : `${text}${domain}`);
  const there = sight.aliases.map((row) => `${String(row["name"])} -> ${full(String(row["deliverTo"]))}`).sort();
  const wanted = world.aliases.map((row) => `${row.name} -> ${targetOf(world, row)}`).sort();
  if (world.unsettled.size === 0)
    return same(there, wanted) ? [] : [`aliases are ${there.join(", ")}; they should be ${wanted.join(", ")}`];
  const firm = world.aliases.filter((row) => !touched(row.owner) && !isManagedAlias(world, row));
  return firm
    .map((row) => `${row.name} -> ${targetOf(world, row)}`)
    .filter((row) => !there.includes(row))
    .map((row) => `the alias ${row} is missing: ${there.join(", ")}`);
}

function membershipsAreRight(world: World, { truth, accounts }: Sight): string[] {
  if (!truth) return [];
  const problems: string[] = [];
  const idOf = (person: Person) => accounts.find((account) => account.name === person.account?.name)?.id;
  const named = (rows: Row[], name: string) =>
    rows.find((row) => row["name"] === name && row["domain"] === world.domain);
  for (const person of world.people.values()) {
    if (world.unsettled.has(person.key) || !person.account) continue;
    const id = idOf(person);
    for (const list of world.lists) {
      const members = (named(truth.mailingLists, list)?.["members"] ?? []) as { userId: string }[];
      const is = members.filter((member) => member.userId === id).length;
      if (is !== (person.lists.includes(list) ? 1 : 0))
        problems.push(`${person.account.name} is ${is} times a member of the list ${list}`);
    }
    for (const room of world.rooms) {
      const manager = named(truth.resources, room)?.["manager"] as { id: string } | undefined;
      if ((manager?.id === id) !== person.rooms.includes(room))
        problems.push(`${person.account.name} is ${manager?.id === id ? "" : "not "}the manager of ${room}`);
    }
  }
  return problems;
}

/** What the stack's state says is there, is there, and is what it says. */
function stateIsTrue(world: World, sight: Sight, state: Stored[]): string[] {
  const problems: string[] = [];
  for (const { kind, logicalName, id, outs, isOld, isUnfinished } of state) {
    if (world.stale.has(logicalName)) continue;
    if (isOld || isUnfinished)
      problems.push(`the state holds ${isOld ? "an old half" : "an unfinished"} ${logicalName}`);
    const rows: Row[] = kind === "user" ? sight.accounts : sight.aliases;
    const row = rows.find((one) => one.id === id);
    if (!row) problems.push(`the state's ${kind} ${logicalName} has the id ${id}, which the server does not know`);
    else if (row["name"] !== outs["name"])
      problems.push(
        `the state's ${logicalName} is ${String(outs["name"])}, on the server it is ${String(row["name"])}`,
      );
  }
  const managed = peopleWhere(world, (person) => person.isManaged).map((person) => person.key);
  const held = state.filter((one) => one.kind === "user" && !one.isOld).map((one) => one.logicalName);
  if (!same(managed, held)) problems.push(`the state holds the users ${held.join(", ")}, not ${managed.join(", ")}`);
  return problems;
}
