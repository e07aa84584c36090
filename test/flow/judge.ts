import type { Simulator } from "../helpers/start-simulator";
import { domain } from "../rename/stage";
import { rightReaders, type Change, type MailBook } from "./mail-book";

/**
 * Everything that is wrong with the mail, each as a sentence; by the files on the server's disk and its records.
 *
 * @param mailboxes under what name each renamed person has the mailbox now
 * @param sightings who has seen a letter of that subject: nobody but those who have it at the end
 * @param change when names passed from one person to another
 */
export async function judge(
  simulator: Simulator,
  book: MailBook,
  mailboxes: Map<string, string>,
  sightings: Map<string, Set<string>>,
  change: Change,
): Promise<string[]> {
  const nameOf = (person: string) => mailboxes.get(person) ?? person;
  const truth = await simulator.control.truth();
  const names = new Set(truth.accounts.map((account) => account.name));
  const found = new Map<string, string[]>();
  const wrong: string[] = [];
  for (const { name, messages } of await simulator.control.directories(domain)) {
    if (!names.has(name)) wrong.push(`a directory ${name} with ${messages} messages that no account sees`);
    for (const { subject, folder } of await simulator.control.messages(domain, name)) {
      found.set(subject, [...(found.get(subject) ?? []), name]);
      if (folder === "") wrong.push(`"${subject}" lies in the root of ${name}`);
    }
  }
  for (const letter of book.letters.values()) {
    const { subject, fate, early, detail } = letter;
    const places = (found.get(subject) ?? []).sort();
    const wanted = rightReaders(letter, change).map((people) => people.map(nameOf).sort().join());
    const isThere = wanted.includes(places.join());
    const others = [...(sightings.get(subject) ?? [])].filter((person) => !places.includes(nameOf(person)));
    if (others.length > 0) wrong.push(`"${subject}" is in [${places.join()}], and ${others.join()} has seen it`);
    const isLoss = fate === "queued" || (fate === "refused" && !early);
    if (isLoss) wrong.push(`"${subject}" is ${fate} (${detail})`);
    const mayBeAway = fate === "unclear" || (fate === "refused" && early);
    if (!isThere && !isLoss && !(mayBeAway && places.length === 0)) {
      wrong.push(`"${subject}" (${letter.way}, ${fate}) is in [${places.join()}], not in [${wanted.join("] or [")}]`);
    }
  }
  const early = new Set([...book.letters.values()].filter((letter) => letter.early).map((letter) => letter.address));
  for (const bounce of await simulator.control.bounces()) {
    if (!early.has(String(bounce["recipient"]))) wrong.push(`bounced: ${JSON.stringify(bounce)}`);
  }
  if (truth.queued > 0) wrong.push(`${truth.queued} messages still wait in the server's queue`);
  return wrong;
}
