import { addressOf, next, peopleWhere, type Person, type World } from "../world";
import type { Stage } from "../stage";
import { chosen, operation, pick } from "./operation";

interface Picks {
  who: number;
  where: number;
}

/** People who can get mail now. */
export function reachable(world: World): Person[] {
  return peopleWhere(
    world,
    ({ key, account, server }) => account !== undefined && server.enabled === true && !world.unsettled.has(key),
  );
}

/** Every local part that must reach a person. */
export function localParts(world: World, person: Person): string[] {
  const aliases = world.aliases.filter((row) => row.owner === person.key && row.deadTarget === undefined);
  return [person.account?.name ?? "", ...(person.server.emailAddresses as string[]), ...aliases.map((row) => row.name)];
}

/** Sends a message that the server must take and give to those people. */
export async function send(stage: Stage, local: string, owners: Person[]): Promise<void> {
  const subject = `m${next(stage.world)}`;
  const to = addressOf(stage.world, local);
  await stage.step("mail", `${subject} to ${to}`, async () => {
    await stage.simulator.deliver({ to, subject });
    stage.world.messages.set(subject, { sha256: undefined, owners: owners.map((person) => person.key) });
  });
}

/** Mail from outside, and people who read theirs. */
export const mail = {
  toPerson: operation<Picks>(
    "mail to a person",
    { who: pick, where: pick },
    {
      ready: (world) => reachable(world).length > 0,
      run: (stage, { who, where }) => {
        const person = chosen(reachable(stage.world), who);
        return send(stage, chosen(localParts(stage.world, person), where), [person]);
      },
    },
  ),
  toGroup: operation<Picks>(
    "mail to a group",
    { who: pick, where: pick },
    {
      ready: (world) => world.unsettled.size === 0 && world.groups.some((group) => membersOf(world, group).length > 0),
      run: (stage, { where }) => {
        const groups = stage.world.groups.filter((group) => membersOf(stage.world, group).length > 0);
        const group = chosen(groups, where);
        return send(stage, group, membersOf(stage.world, group));
      },
    },
  ),
  toNobody: operation<Picks>(
    "mail to nobody",
    { who: pick, where: pick },
    {
      ready: () => true,
      run: (stage) =>
        stage.step("mail to nobody", "", async () => {
          const to = addressOf(stage.world, `nobody.${next(stage.world)}`);
          const refusal = await stage.simulator.deliver({ to, subject: "lost" }).then(
            () => undefined,
            (error: Error) => error.message,
          );
          if (!refusal?.includes("user unknown")) throw new Error(`mail to ${to}: ${refusal ?? "was taken"}`);
        }),
    },
  ),
  login: operation<Picks>(
    "a person reads their mail",
    { who: pick, where: pick },
    {
      ready: (world) => readers(world).length > 0,
      run: (stage, { who }) => read(stage, chosen(readers(stage.world), who)),
    },
  ),
};

function membersOf(world: World, group: string): Person[] {
  return reachable(world).filter(({ server }) => (server.groups as string[]).includes(group));
}

function readers(world: World): Person[] {
  return reachable(world).filter(({ password }) => password !== undefined);
}

/** Signs in, and finds the own mail and nobody else's. */
export function read(stage: Stage, person: Person): Promise<void> {
  const { world, simulator } = stage;
  const address = addressOf(world, person.account?.name ?? "");
  return stage.step("login", address, async () => {
    const login = await simulator.control.login(address, person.password ?? "");
    if (!login.ok) throw new Error(`${person.key} cannot sign in as ${address}: ${login.reason}`);
    const shown = login.messages.map((message) => message.subject).sort();
    const theirs = [...world.messages].flatMap(([subject, { owners }]) =>
      owners.filter((owner) => owner === person.key).map(() => subject),
    );
    if (JSON.stringify(shown) !== JSON.stringify(theirs.sort()))
      throw new Error(`${address} shows ${shown.join(" ")}, and is to show ${theirs.join(" ")}`);
  });
}
