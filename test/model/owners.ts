import type { Sight } from "./sight";
import { peopleWhere, personOf, type Person, type World } from "./world";

/** Whose mailbox a directory is, by its inode: names change hands in an exchange, inodes do not. */
export type Owners = Map<number, string>;

/** The owners of all mailboxes at a moment when nobody is in the middle of anything, so that each name is one person's. */
export function ownersOf(world: World, { inodes }: Sight): Owners {
  const owners: Owners = new Map();
  for (const [name, inode] of inodes) {
    const [first] = bearersOf(world, name);
    if (first) owners.set(inode, first.key);
  }
  return owners;
}

/** Those whose mailbox a directory of that name may be now. */
export function bearersOf(world: World, name: string): Person[] {
  const leaver = world.abandoned.get(name);
  if (leaver !== undefined) return [personOf(world, leaver)];
  const bearers = peopleWhere(world, (person) => namesOf(world, person).includes(name));
  // A name that belongs to somebody for certain is out of the reach of another one's unfinished rename.
  const certain = bearers.filter((person) => !world.unsettled.has(person.key));
  return certain.length > 0 ? certain : bearers;
}

function namesOf(world: World, { key, account }: Person): string[] {
  return [...(world.unsettled.get(key)?.names ?? []), ...(account ? [account.name] : [])];
}
