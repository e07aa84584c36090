import { createHash } from "node:crypto";
import fc from "fast-check";
import { freeName, isSettled, newPerson, next, peopleWhere, type Person, type World } from "./world";
import { chosen, pick } from "./operations/operation";

/** What a new declaration holds besides a name. */
export interface Settings {
  fullName: boolean;
  description: boolean;
  groups: number;
  extra: boolean;
  password: boolean;
  keepOldAddress: boolean;
}

export const settings: fc.Arbitrary<Settings> = fc.record({
  fullName: fc.boolean(),
  description: fc.boolean(),
  groups: fc.nat(4),
  extra: fc.boolean(),
  password: fc.boolean(),
  keepOldAddress: fc.boolean(),
});

const groupSets = [undefined, [], ["staff"], ["board"], ["staff", "board"]];

/** The declared form of settings. */
export function declare(world: World, name: string, wanted: Settings): NonNullable<Person["declared"]> {
  const groups = groupSets[wanted.groups];
  return {
    name,
    ...(wanted.fullName && { fullName: `Person ${next(world)}` }),
    ...(wanted.description && { description: `desk ${next(world)}` }),
    ...(groups && { groups }),
    ...(wanted.extra && { emailAddresses: [`x.${next(world)}`] }),
    ...(wanted.password && { password: password(world) }),
    ...(!wanted.keepOldAddress && { keepOldAddress: false }),
  };
}

/** A password that no policy refuses and no other text looks like. */
export function password(world: World): string {
  const number = next(world);
  const rest = createHash("sha256").update(`${world.domain} ${number}`).digest("hex").slice(0, 8);
  return `Quiet.${number}.Harbour.${rest}`;
}

/** One change of a program. */
export interface Edit {
  kind: "hire" | "change" | "rename" | "exchange" | "leave" | "alias";
  seed: number;
  settings: Settings;
}

export const edit = (kinds: readonly Edit["kind"][]): fc.Arbitrary<Edit> =>
  fc.record({ kind: fc.constantFrom(...kinds), seed: pick, settings });

/** Those whom an edit may concern: declared, on the server, and able to be renamed or changed. */
export function settledPeople(world: World): Person[] {
  return peopleWhere(world, (person) => isSettled(world, person));
}

/**
 * Makes an edit of the program.
 *
 * @param done those who have been edited already, to be left alone
 * @returns what was edited, or undefined when there is nobody for it
 */
export function make(world: World, { kind, seed, settings }: Edit, done: Set<string>): string | undefined {
  const people = settledPeople(world).filter((person) => !done.has(person.key));
  if (kind === "hire") {
    const name = freeName(world, seed);
    const person = newPerson(world);
    person.declared = declare(world, name, settings);
    done.add(person.key);
    return `hire ${person.key} as ${name}`;
  }
  if (people.length === 0) return undefined;
  if (kind === "exchange")
    return exchange(world, { who: seed, size: 2 + (seed % 2), isCycle: settings.extra }, done)?.detail;
  const person = chosen(people, seed);
  done.add(person.key);
  const before = person.declared?.name ?? "";
  switch (kind) {
    case "change":
      return change(world, person, seed, settings);
    case "rename":
      person.declared = { ...person.declared, name: freeName(world, seed) };
      return `rename ${person.key} from ${before} to ${person.declared.name}`;
    case "leave":
      person.declared = undefined;
      person.mailGoesTo = undefined;
      world.declaredAliases = world.declaredAliases.filter((alias) => alias.owner !== person.key);
      return `remove ${person.key} (${before})`;
    case "alias": {
      const alias = { logicalName: `a${next(world)}`, name: `alias.${next(world)}`, owner: person.key };
      world.declaredAliases = [...world.declaredAliases, alias];
      return `alias ${alias.name} to ${person.key}`;
    }
  }
}

/** Names that go from one person to the next. */
export interface Exchange {
  who: number;
  size: number;
  /** Whether the last one gets the first one's name; otherwise a free one. */
  isCycle: boolean;
}

/**
 * Hands names on from one person to the next.
 *
 * @param done those who have been edited already, to be left alone
 * @returns what was edited, or undefined when there are too few people
 */
export function exchange(
  world: World,
  { who, size, isCycle }: Exchange,
  done = new Set<string>(),
): { kind: "chain" | "swap" | "circle"; detail: string } | undefined {
  const people = settledPeople(world).filter((person) => !done.has(person.key));
  if (people.length < size) return undefined;
  const some = Array.from({ length: size }, (_, at) => chosen(people, (who % people.length) + at));
  const names = some.map((person) => person.declared?.name ?? "");
  const last = isCycle ? (names[0] ?? "") : freeName(world, who);
  some.forEach((person, at) => {
    person.declared = { ...person.declared, name: names[at + 1] ?? last };
    done.add(person.key);
  });
  const kind = !isCycle ? "chain" : size === 2 ? "swap" : "circle";
  return { kind, detail: `${kind}: ${names.join(", ")} become ${some.map((one) => one.declared?.name).join(", ")}` };
}

function change(world: World, person: Person, seed: number, settings: Settings): string {
  const before = person.declared;
  if (!before) throw new Error(`${person.key} is not declared`);
  const options: (() => Partial<Person["declared"]> & object)[] = [
    () => ({ fullName: `Person ${next(world)}` }),
    () => ({ description: `desk ${next(world)}` }),
    () => ({ groups: groupSets[1 + (settings.groups % 4)] }),
    () => ({ emailAddresses: settings.extra ? [`x.${next(world)}`] : [] }),
    () => ({ enabled: !(person.server.enabled as boolean) }),
    () => ({ password: password(world) }),
    () => ({ keepOldAddress: before["keepOldAddress"] === false }),
  ];
  const changed = chosen(options, seed)();
  person.declared = { ...before, ...changed };
  return `change ${Object.keys(changed).join(", ")} of ${person.key}`;
}

/** The part of the world that is the program: to be put back where an update is refused. */
export function remember(world: World): () => void {
  const declared = new Map([...world.people].map(([key, person]) => [key, person.declared]));
  const aliases = world.declaredAliases;
  return () => {
    for (const [key, person] of world.people) {
      if (!declared.has(key)) world.people.delete(key);
      else person.declared = declared.get(key);
    }
    world.declaredAliases = aliases;
  };
}
