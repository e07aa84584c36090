import { declare } from "./edits";
import { send } from "./operations/mail";
import { carryOut } from "./operations/updates";
import type { Stage } from "./stage";
import { freeName, newPerson, personOf, type World } from "./world";

/** The people whom every sequence begins with: in groups or not, with a mailbox or not. */
export async function begin(stage: Stage): Promise<void> {
  const { world } = stage;
  const people = Array.from({ length: 6 }, (_, at) => hire(world, at));
  await carryOut(stage, "the first people");
  for (const [at, key] of people.entries()) {
    const person = personOf(world, key);
    if (at % 3 !== 0) await send(stage, person.account?.name ?? "", [person]);
  }
}

function hire(world: World, at: number): string {
  const person = newPerson(world);
  const settings = {
    fullName: at % 2 === 0,
    description: at % 3 === 0,
    groups: at % 5,
    extra: at % 4 === 1,
    password: at % 3 === 1,
    keepOldAddress: at !== 4,
  };
  person.declared = declare(world, freeName(world, at), settings);
  return person.key;
}
