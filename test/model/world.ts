import type { Declared, Props } from "./engine";

/** Settings of an account that a program may manage and an administrator may change. */
export const managedFields = ["fullName", "description", "enabled", "groups", "emailAddresses"] as const;
export type Field = (typeof managedFields)[number];
export type Fields = Record<Field, unknown>;

/** A person, whether or not the program declares them and the server has an account for them. */
export interface Person {
  key: string;
  /** What the program declares; undefined when it does not. */
  declared: (Props & { name: string }) | undefined;
  /** The account that must be on the server. */
  account: { name: string; id: string | undefined } | undefined;
  /** Whether the stack's state holds the account. */
  isManaged: boolean;
  /** What the server must show. */
  server: Fields;
  /** What the stack believes of it. */
  known: Partial<Fields>;
  /** Names the account bore before. */
  previousNames: string[];
  password: string | undefined;
  /** The password that was told last, which somebody may have changed since. */
  told: string | undefined;
  /** Where the mail goes when they leave: it stays where it is, is deleted (`""`), or goes to another person. */
  mailGoesTo?: string | undefined;
  /** Mailing lists whose member, and rooms whose manager the person is: made by hand, to be kept. */
  lists: string[];
  rooms: string[];
}

/** An alias that must be on the server. */
export interface AliasRow {
  name: string;
  /** The person it leads to; when they have left, the text stays. */
  owner: string;
  deadTarget?: string;
  by: "program" | "hand" | "rename";
  /** The logical name of the resource. */
  logicalName?: string;
}

/** What a program declares as an alias. */
export interface DeclaredAlias {
  logicalName: string;
  name: string;
  owner: string;
}

/** A message that the server has taken. */
export interface Message {
  /** Of the file, as it was first seen. */
  sha256: string | undefined;
  /** The people in whose mailboxes it must be, each once. */
  owners: string[];
}

/** A person in the middle of an operation that failed or died: what may be true until the next update. */
export interface Unsettled {
  names: string[];
  mayBeMissing: boolean;
}

/** What should be true: plain data, moved on by the operations and never read from the server, ids aside. */
export interface World {
  domain: string;
  domainId: string;
  people: Map<string, Person>;
  declaredAliases: DeclaredAlias[];
  aliases: AliasRow[];
  groups: string[];
  lists: string[];
  rooms: string[];
  messages: Map<string, Message>;
  /** Mailbox directories without an account, and whose mail lies there. */
  abandoned: Map<string, string>;
  unsettled: Map<string, Unsettled>;
  /** Resources whose object an administrator has removed, which the stack does not know yet. */
  stale: Set<string>;
  counter: number;
}

export const noFields: Fields = { fullName: "", description: "", enabled: true, groups: [], emailAddresses: [] };

/** A number that no other call on this world has given. */
export function next(world: World): number {
  return ++world.counter;
}

export function newPerson(world: World): Person {
  const person: Person = {
    key: `p${next(world)}`,
    declared: undefined,
    account: undefined,
    isManaged: false,
    server: { ...noFields },
    known: {},
    previousNames: [],
    password: undefined,
    told: undefined,
    lists: [],
    rooms: [],
  };
  world.people.set(person.key, person);
  return person;
}

/** The people that meet a condition, in an order that does not change. */
export function peopleWhere(world: World, holds: (person: Person) => boolean): Person[] {
  return [...world.people.values()].filter(holds);
}

/** Declared, on the server under the declared name, and nothing under way. */
export function isSettled(world: World, person: Person): boolean {
  return person.isManaged && person.account?.name === person.declared?.name && !world.unsettled.has(person.key);
}

export function personOf(world: World, key: string): Person {
  const person = world.people.get(key);
  if (!person) throw new Error(`nobody is ${key}`);
  return person;
}

/** Everything that takes mail for a name of the domain or stands in the way of a new account of that name. */
export function takenNames(world: World): Set<string> {
  const names = new Set<string>([...world.groups, ...world.lists, ...world.rooms, ...world.abandoned.keys()]);
  for (const { account, declared, server } of world.people.values()) {
    if (account) names.add(account.name);
    if (declared) names.add(declared.name);
    if (account) for (const address of server.emailAddresses as string[]) names.add(address);
    for (const address of (declared?.["emailAddresses"] ?? []) as string[]) names.add(address);
  }
  for (const { name } of [...world.aliases, ...world.declaredAliases]) names.add(name);
  return names;
}

const names = [
  "jdoe",
  "jsmith",
  "asmith",
  "bdoe",
  "cdoe",
  "dsmith",
  "edoe",
  "fsmith",
  "gdoe",
  "hsmith",
  "idoe",
  "ksmith",
];

/** A name that nothing takes: one of a few, so that names are used again. */
export function freeName(world: World, seed: number): string {
  const taken = takenNames(world);
  const free = names.filter((name) => !taken.has(name));
  const name = free[seed % Math.max(free.length, 1)];
  return name ?? `${names[seed % names.length]}.${next(world)}`;
}

export function addressOf(world: World, name: string): string {
  return `${name}@${world.domain}`;
}

/** The target of an alias that the server must show. */
export function targetOf(world: World, row: AliasRow): string {
  return row.deadTarget ?? addressOf(world, personOf(world, row.owner).account?.name ?? "nobody");
}

/** Whether an alias comes and goes with a resource, so that an operation that failed may have touched it. */
export function isManagedAlias(world: World, row: AliasRow): boolean {
  return row.by === "program" || world.declaredAliases.some((alias) => alias.name === row.name);
}

/** The program as it stands, beginning with another resource each time. */
export function programOf(world: World, turn = 0): Declared[] {
  const users = peopleWhere(world, (person) => person.declared !== undefined).map((person): Declared => ({
    kind: "user",
    logicalName: person.key,
    props: { domain: world.domain, ...person.declared },
  }));
  const aliases = world.declaredAliases.map((alias): Declared => {
    const { declared } = personOf(world, alias.owner);
    const deliverTo = addressOf(world, declared?.name ?? "nobody");
    const props = { domain: world.domain, name: alias.name, deliverTo };
    return { kind: "alias", logicalName: alias.logicalName, props, after: alias.owner };
  });
  const first = users.length === 0 ? 0 : turn % users.length;
  return [...users.slice(first), ...users.slice(0, first), ...aliases];
}
