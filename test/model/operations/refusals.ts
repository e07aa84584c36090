import fc from "fast-check";
import { declare, remember, settings, settledPeople, type Settings } from "../edits";
import type { Stage } from "../stage";
import { putBack } from "./updates";
import { newPerson, peopleWhere, type Person, type World } from "../world";
import { chosen, operation, pick } from "./operation";

interface Refused {
  who: number;
  what: number;
  isNew: boolean;
  settings: Settings;
}

/** Names that an account must not get, with what the refusal says. */
function obstacles(world: World, person: Person | undefined): { name: string; says: RegExp }[] {
  const others = settledPeople(world).filter((other) => other !== person);
  return [
    ...[...world.abandoned.keys()].map((name) => ({ name, says: /mailbox directory/ })),
    ...world.groups.map((name) => ({ name, says: /taken by the group/ })),
    ...world.lists.map((name) => ({ name, says: /taken by the mailing list/ })),
    ...world.rooms.map((name) => ({ name, says: /taken by the resource/ })),
    ...world.aliases
      .filter((row) => row.owner !== person?.key)
      .map(({ name }) => ({ name, says: /taken by the alias/ })),
    ...others.flatMap((other) => {
      const extra = other.server.emailAddresses as string[];
      const own = { name: other.account?.name ?? "", says: /claimed by two resources|is the account of/ };
      return [own, ...extra.map((name) => ({ name, says: /taken by the user/ }))];
    }),
    ...strangers(world).map((other) => ({ name: other.account?.name ?? "", says: /is the account of|exists already/ })),
  ];
}

/** Accounts on the server that the program does not declare. */
export function strangers(world: World): Person[] {
  return peopleWhere(world, (person) => person.account !== undefined && !person.declared && !person.isManaged);
}

/** A program that asks for what cannot be is refused with the reason, and nothing is touched. */
export const refusals = {
  takenName: operation<Refused>(
    "ask for a name that is taken",
    { who: pick, what: pick, isNew: fc.boolean(), settings },
    {
      ready: (world, { isNew }) => isNew || settledPeople(world).length > 0,
      run: async (stage, { who, what, isNew, settings }) => {
        const { world } = stage;
        const person = isNew ? undefined : chosen(settledPeople(world), who);
        await putBack(stage);
        const { name, says } = chosen(obstacles(world, person), what);
        await refused(stage, `${person?.key ?? "a newcomer"} as ${name}`, says, () => {
          if (person) person.declared = { ...person.declared, name };
          else newPerson(world).declared = declare(world, name, { ...settings, description: true });
        });
      },
    },
  ),
};

/** An edit that the update must refuse: it is taken back afterwards. */
export async function refused(stage: Stage, detail: string, says: RegExp, edit: () => void): Promise<void> {
  const { world } = stage;
  const takeBack = remember(world);
  const before = traces(stage);
  const counter = world.messages.size;
  edit();
  const preview = await stage.engine.preview(await stage.life(), stage.program());
  const outcome = preview.ok ? await stage.engine.update(await stage.life(), stage.program(), 16) : preview;
  takeBack();
  await stage.step("refusal", detail, async () => {
    if (outcome.ok) throw new Error(`${detail} is not refused`);
    if (!says.test(outcome.errors.join("\n"))) throw new Error(`${detail} is refused for ${outcome.errors.join("\n")}`);
  });
  if (traces(stage) !== before || counter !== world.messages.size)
    throw new Error(`${detail} was refused, and has changed\n${before}\ninto\n${traces(stage)}`);
}

function traces({ seen, engine }: Stage): string {
  return JSON.stringify([
    seen.accounts.map(({ id, name, enabled, description }) => [id, name, enabled, description]),
    seen.aliases,
    [...seen.mailboxes],
    seen.service.startedAt,
    engine.state,
  ]);
}
