import { same } from "./applied";
import { managedFields, type World } from "./world";

/** Notes whom an update that has failed or died may have touched: those whose declaration differs from what was there. */
export function unsettle(world: World): void {
  for (const { key, declared, account, isManaged, known } of world.people.values()) {
    const from = account?.name ?? "";
    const note = (names: string[], mayBeMissing: boolean) => world.unsettled.set(key, { names, mayBeMissing });
    if (declared && !account) note([declared.name], true);
    else if (declared && isManaged && from !== declared.name) note([from, declared.name], false);
    else if (!declared && isManaged) note([from], true);
    else if (declared && !isManaged) note([from], false);
    else if (
      declared &&
      managedFields.some((field) => declared[field] !== undefined && !same(declared[field], known[field]))
    )
      note([from], false);
  }
  for (const alias of world.declaredAliases) {
    const row = world.aliases.find((one) => one.logicalName === alias.logicalName);
    if (row?.owner === alias.owner && row.name === alias.name) continue;
    for (const key of [alias.owner, row?.owner]) settleLater(world, key);
  }
  for (const row of world.aliases)
    if (row.by === "program" && !world.declaredAliases.some((alias) => alias.logicalName === row.logicalName))
      settleLater(world, row.owner);
}

function settleLater(world: World, key: string | undefined): void {
  const name = key === undefined ? undefined : world.people.get(key)?.account?.name;
  if (key !== undefined && name !== undefined && !world.unsettled.has(key))
    world.unsettled.set(key, { names: [name], mayBeMissing: false });
}

/** People whose names are mixed up with each other's, because an exchange is unfinished; mostly one alone. */
export interface Together {
  keys: string[];
  names: Set<string>;
  /** Accounts that they must have among them. */
  least: number;
}

/** The people in the middle of something, those together whose names overlap. */
export function unsettledTogether(world: World): Together[] {
  let all: Together[] = [];
  for (const [key, { names, mayBeMissing }] of world.unsettled) {
    const own: Together = { keys: [key], names: new Set(names), least: mayBeMissing ? 0 : 1 };
    const overlaps = (other: Together) => names.some((name) => other.names.has(name));
    for (const other of all.filter(overlaps)) {
      own.keys.push(...other.keys);
      for (const name of other.names) own.names.add(name);
      own.least += other.least;
    }
    all = [...all.filter((other) => !overlaps(other)), own];
  }
  return all;
}

/** Whether a name is one that a person bears for a moment, where names go round in a circle. */
export function isTransient(name: string): boolean {
  return /^renaming-[0-9a-f]{10}$/.test(name);
}
