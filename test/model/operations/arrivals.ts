import fc from "fast-check";
import { bear } from "../applied";
import { declare, password, settings, settledPeople, type Settings } from "../edits";
import type { Stage } from "../stage";
import { freeName, newPerson, personOf, type Person, type World } from "../world";
import { send } from "./mail";
import { chosen, operation, pick } from "./operation";
import { refused, strangers } from "./refusals";
import { carryOut } from "./updates";

interface Picks {
  who: number;
  settings: Settings;
}

/** Accounts and mailboxes that are there before the program asks for them, and people who go. */
export const arrivals = {
  stranger: operation<Picks & { mail: boolean }>(
    "an administrator makes an account",
    { who: pick, settings, mail: fc.boolean() },
    {
      ready: (world) => strangers(world).length < 3,
      run: async (stage, { who, mail }) => {
        const { world } = stage;
        const person = newPerson(world);
        const name = freeName(world, who);
        const secret = password(world);
        await stage.step("by hand", `account ${name}`, async () => {
          const users = [{ domainId: world.domainId, loginName: name, password: secret }];
          await done(stage, "Users.create", { users });
          bear(world, person, name);
          person.password = secret;
        });
        if (mail) await send(stage, name, [person]);
      },
    },
  ),
  adopt: operation<Picks>(
    "take over an account",
    { who: pick, settings },
    {
      ready: (world) => strangers(world).length > 0,
      run: async (stage, { who, settings }) => {
        const { world } = stage;
        const person = chosen(strangers(world), who);
        const name = person.account?.name ?? "";
        person.declared = { ...declare(world, name, { ...settings, description: true }), adopt: true };
        await carryOut(stage, `${person.key} takes over ${name}`);
      },
    },
  ),
  leave: operation<Picks & { where: number }>(
    "leave, and say where the mail goes",
    { who: pick, settings, where: pick },
    {
      ready: (world) => settledPeople(world).length > 4,
      run: async (stage, { who, where }) => {
        const { world } = stage;
        const person = chosen(settledPeople(world), who);
        const heir = chosen(
          settledPeople(world).filter((other) => other !== person),
          where,
        );
        const isLost = where % 2 === 0;
        const onDelete = isLost ? "deleteMail" : { moveMailTo: heir.declared?.name };
        if (person.declared) person.declared = { ...person.declared, onDelete };
        await carryOut(stage, `${person.key} will leave, ${JSON.stringify(onDelete)}`);
        person.mailGoesTo = isLost ? "" : heir.key;
        person.declared = undefined;
        world.declaredAliases = world.declaredAliases.filter((alias) => alias.owner !== person.key);
        await carryOut(stage, `${person.key} leaves`);
      },
    },
  ),
  comeBack: operation<Picks>(
    "a leaver comes back",
    { who: pick, settings },
    {
      ready: (world) => comers(world).length > 0,
      run: async (stage, { who, settings }) => {
        const { world } = stage;
        const [name, person] = chosen(comers(world), who);
        const declared = declare(world, name, settings);
        await refused(stage, `${person.key} back as ${name}`, /mailbox directory/, () => {
          person.declared = declared;
        });
        person.mailGoesTo = undefined;
        person.declared = { ...declared, adoptMailbox: true };
        await carryOut(stage, `${person.key} comes back as ${name}`);
      },
    },
  ),
};

/** Leavers whose mail lies in the store under a name that nothing else takes, and who have not come back otherwise. */
function comers(world: World): [string, Person][] {
  return [...world.abandoned].flatMap(([name, key]): [string, Person][] => {
    const person = personOf(world, key);
    const isTaken = world.aliases.some((row) => row.name === name);
    return person.account || person.declared || isTaken ? [] : [[name, person]];
  });
}

/** A call of an administrator, every item of which must be taken. */
export async function done(stage: Stage, method: string, params: Record<string, unknown>): Promise<void> {
  const { errors = [] } = await stage.simulator.adminCall<{ errors?: unknown[] }>(method, params);
  if (errors.length > 0) throw new Error(`${method}: ${JSON.stringify(errors)}`);
}
