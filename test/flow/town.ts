import { startSimulator, type Simulator, type SimulatorOptions } from "../helpers/start-simulator";
import { domain } from "../rename/stage";
import type { MailBook } from "./mail-book";

/** A mail server with people, each with mail, an alias, the group `staff` and the list `news`. */
export interface Town {
  simulator: Simulator;
  /** The server's ids of the people. */
  ids: Map<string, string>;
}

/** What a person signs in with. Nobody else's password is alike, so that a look into a wrong mailbox is one. */
export function passwordOf(person: string): string {
  return `Orchard.7.${[...person].reverse().join("")}`;
}

/** The address `name@example.com`. */
export function at(name: string): string {
  return `${name}@${domain}`;
}

/** Every address a person has at the beginning: the own one, an alias, and an extra address. */
export function addressesOf(person: string): string[] {
  return [person, `alias.${person}`, `extra.${person}`].map(at);
}

/** Builds the town; what lies in the mailboxes is entered in the book. */
export async function town(book: MailBook, people: readonly string[], options: SimulatorOptions): Promise<Town> {
  const simulator = await startSimulator(options);
  const { adminCall } = simulator;
  const { list } = await adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  const domainId = list[0]?.id ?? "";
  const make = async (method: string, params: Record<string, unknown>): Promise<string[]> => {
    const { result, errors } = await adminCall<{ result: { id: string }[]; errors: unknown[] }>(method, params);
    if (errors.length > 0) throw new Error(`${method}: ${JSON.stringify(errors)}`);
    return result.map(({ id }) => id);
  };
  const users = people.map((loginName) => ({
    domainId,
    loginName,
    password: passwordOf(loginName),
    emailAddresses: [`extra.${loginName}`],
  }));
  const made = await make("Users.create", { users });
  const ids = new Map(people.map((person, index) => [person, made[index] ?? ""]));
  const groups = [{ domainId, name: "staff", emailAddresses: ["staff"] }];
  const [groupId] = await make("Groups.create", { groups });
  await adminCall("Groups.addMemberList", { groupId, userList: made });
  const [mlId] = await make("MailingLists.create", { mailingLists: [{ domainId, name: "news" }] });
  const members = made.map((userId) => ({ hasId: true, userId, emailAddress: "", fullName: "", kind: "Member" }));
  await adminCall("MailingLists.addMlUserList", { mlId, members });
  const aliases = people.map((person) => ({ domainId, name: `alias.${person}`, deliverTo: person }));
  await make("Aliases.create", { aliases });
  for (const person of people) {
    for (let count = 0; count < 3; count++) {
      const letter = book.write({ address: at(person), readers: [person], way: "smtp" });
      await simulator.deliver({ to: letter.address, subject: letter.subject });
      letter.fate = "accepted";
    }
  }
  return { simulator, ids };
}
