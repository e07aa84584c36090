import {
  addressOf,
  managedFields,
  noFields,
  peopleWhere,
  personOf,
  type Field,
  type Fields,
  type Person,
  type World,
} from "./world";

/** What was seen just before an update, as far as the model does not foresee it. */
export interface Before {
  /** Whether a mailbox directory of that name lies in the store. */
  hasDirectory(name: string): boolean;
}

/** The world after an update that has succeeded. */
export function applyUpdate(world: World, before: Before): void {
  const people = [...world.people.values()];
  // Removals are the last steps of an update, and what a person leaves behind must not count as in somebody's way.
  const renamed = people.filter(
    ({ declared, account, isManaged }) => declared && account && isManaged && account.name !== declared.name,
  );
  const from = new Map(renamed.map((person) => [person, person.account?.name ?? ""]));
  for (const person of renamed) takeName(world, person);
  for (const [person, oldName] of from) leaveAlias(world, person, oldName);
  for (const person of people) if (person.declared) bring(world, person);
  const leaving = people.filter(({ declared, isManaged }) => !declared && isManaged);
  applyAliases(world);
  for (const person of leaving) leave(world, person, before);
  world.unsettled.clear();
}

/** The world after a refresh: the stack knows what an administrator has changed. */
export function applyRefresh(world: World): void {
  for (const person of peopleWhere(world, ({ isManaged }) => isManaged))
    for (const field of managedFields)
      if (person.known[field] !== undefined) person.known[field] = person.server[field];
  for (const key of world.stale) {
    const person = world.people.get(key);
    if (person) Object.assign(person, { isManaged: false, known: {} });
  }
  world.stale.clear();
}

export function same(a: unknown, b: unknown): boolean {
  const plain = (value: unknown) => JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
  return plain(a) === plain(b);
}

/** What was led to that name by an account that is gone leads to whoever bears it now. */
export function bear(world: World, person: Person, name: string): void {
  person.account = { name, id: undefined };
  person.told = undefined;
  for (const row of world.aliases)
    if (row.deadTarget === addressOf(world, name)) {
      row.owner = person.key;
      delete row.deadTarget;
    }
}

function takeName(world: World, person: Person): void {
  const { declared, account } = person;
  if (!declared || !account) return;
  const [oldName, newName] = [account.name, declared.name];
  person.previousNames = [...person.previousNames.filter((name) => name !== oldName && name !== newName), oldName];
  bear(world, person, newName);
  for (const field of managedFields) {
    if (declared[field] !== undefined) person.server[field] = declared[field];
    person.known[field] = declared[field];
  }
}

function leaveAlias(world: World, person: Person, oldName: string): void {
  const newName = person.account?.name;
  world.aliases = world.aliases.filter((row) => !(row.name === newName && row.owner === person.key));
  const hasNewBearer = [...world.people.values()].some(({ declared }) => declared?.name === oldName);
  const isThere = world.aliases.some((row) => row.name === oldName && row.owner === person.key);
  if (person.declared?.["keepOldAddress"] === false || hasNewBearer || isThere) return;
  world.aliases.push({ name: oldName, owner: person.key, by: "rename" });
}

/** An account that is made, taken over, or changed in place. */
function bring(world: World, person: Person): void {
  const { declared } = person;
  if (!declared) return;
  if (!person.account) {
    bear(world, person, declared.name);
    person.server = { ...noFields };
    person.previousNames = [];
    world.abandoned.delete(declared.name);
  }
  const wanted = (field: Field) => declared[field] !== undefined;
  if (!person.isManaged) Object.assign(person.server, Object.fromEntries(declaredFields(declared)));
  for (const field of managedFields)
    if (wanted(field) && !same(person.known[field], declared[field])) person.server[field] = declared[field];
  person.known = Object.fromEntries(declaredFields(declared)) as Partial<Fields>;
  person.isManaged = true;
}

function declaredFields(declared: Record<string, unknown>): [Field, unknown][] {
  return managedFields.flatMap((field) => (declared[field] === undefined ? [] : [[field, declared[field]]]));
}

function leave(world: World, person: Person, before: Before): void {
  const name = person.account?.name ?? "";
  const isOurs = (row: World["aliases"][number]) =>
    row.owner === person.key && row.by !== "program" && person.previousNames.includes(row.name);
  world.aliases = world.aliases.filter((row) => !isOurs(row));
  forget(world, person);
  Object.assign(person, { isManaged: false, known: {} });
  if (!before.hasDirectory(name)) return;
  const { mailGoesTo } = person;
  if (mailGoesTo === undefined) world.abandoned.set(name, person.key);
  else
    for (const message of world.messages.values()) {
      const theirs = message.owners.filter((owner) => owner === person.key);
      message.owners = message.owners.filter((owner) => owner !== person.key);
      if (mailGoesTo !== "") message.owners.push(...theirs.map(() => mailGoesTo));
    }
}

/** The account is gone: aliases to it stay and lead nowhere. */
export function forget(world: World, person: Person): void {
  const name = person.account?.name ?? "";
  for (const row of world.aliases) if (row.owner === person.key) row.deadTarget ??= addressOf(world, name);
  Object.assign(person, { account: undefined, lists: [], rooms: [], password: undefined, told: undefined });
}

function applyAliases(world: World): void {
  const isDeclared = (logicalName: string | undefined) =>
    world.declaredAliases.some((alias) => alias.logicalName === logicalName);
  world.aliases = world.aliases.filter((row) => row.by !== "program" || isDeclared(row.logicalName));
  for (const { logicalName, name, owner } of world.declaredAliases) {
    personOf(world, owner);
    const row = world.aliases.find((one) => one.logicalName === logicalName);
    if (row) Object.assign(row, { name, owner, deadTarget: undefined });
    else world.aliases.push({ name, owner, by: "program", logicalName });
  }
}
