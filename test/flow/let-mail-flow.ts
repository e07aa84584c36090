import { expect, vi } from "vitest";
import { defaultTimeouts } from "../../provider/config-fields";
import { newcomer, provider, renameRequest, settingsOf } from "../rename/stage";
import { judge } from "./judge";
import { MailBook, type Way } from "./mail-book";
import { Readers } from "./readers";
import { addressesOf, at, passwordOf, town } from "./town";
import { Traffic, type Destination } from "./traffic";

/** Somebody who keeps their name all the while. */
const staying = "bdoe";

/** Milliseconds in which letters must have come, and people must have read; a few seconds, where nothing else runs. */
const patience = { timeout: 120_000, interval: 50 };

/**
 * Renames people, all at once, while letters to everybody arrive and everybody reads; then judges, by the server's truth,
 * that every letter is in the right mailbox once, that nobody has seen another's, and that the service was away once.
 *
 * @param renames from name to name; each person is called after the first one
 * @param newcomers what names people get who have no account yet
 */
export async function letMailFlow(
  renames: Record<string, string>,
  switches: Record<string, string>,
  newcomers: Record<string, string> = {},
): Promise<void> {
  const book = new MailBook();
  const people = [...new Set([...Object.keys(renames), "asmith", staying])];
  const { simulator, ids } = await town(book, people, { switches });
  try {
    const declared = new Set([...Object.values(renames), ...Object.values(newcomers)]);
    const isDeclared = (_domain: string, name: string) => declared.has(name);
    const plugin = provider(settingsOf(simulator, { timeouts: { ...defaultTimeouts } }), { isDeclared });
    const traffic = new Traffic(simulator, book, destinations(renames, people, newcomers));
    const becomes = (person: string) => renames[person] ?? person;
    const readers = new Readers(
      simulator.control,
      book,
      people.map((person) => ({
        person,
        logins: [...new Set([person, becomes(person)])].map((name) => ({ name, password: passwordOf(person) })),
      })),
    );
    const looks = (nameOf: (person: string) => string) =>
      Math.min(...Object.keys(renames).map((person) => readers.seen.get(`${person} as ${nameOf(person)}`) ?? 0));
    await vi.waitUntil(() => looks((person) => person) > 3, patience);
    await Promise.all([
      ...Object.entries(newcomers).map(([person, name]) =>
        plugin.coordinator.create(newcomer(name, { password: passwordOf(person) })),
      ),
      ...Object.entries(renames).map(async ([from, to]) => {
        const request = renameRequest(from, to, ids.get(from), { password: passwordOf(from) });
        await plugin.coordinator.create(request);
        traffic.destinations = traffic.destinations.map((one) =>
          one.address === at(to) && one.early === true ? { address: at(to), readers: [from] } : one,
        );
      }),
    ]);
    const until = Date.now();
    // Otherwise nothing has flowed, or nobody has read.
    const accepted = (way: Way) => book.count("accepted", (letter) => letter.way === way);
    await vi.waitUntil(() => accepted("smtp") > 30 && accepted("fetched") > 30, patience);
    await vi.waitUntil(() => looks(becomes) > 3, patience);
    const passed = () => book.count("accepted", ({ heir, taken }) => heir !== undefined && (taken?.from ?? 0) > until);
    const passing = traffic.destinations.filter(({ heir }) => heir !== undefined).length;
    await vi.waitUntil(() => passed() >= 2 * passing, patience);
    await Promise.all([traffic.close(), readers.close()]);
    await plugin.close();
    const downtimes = await simulator.control.downtimes();
    const change = { from: Date.parse(downtimes[0]?.from ?? ""), until };
    expect(
      await judge(simulator, book, new Map(Object.entries({ ...renames, ...newcomers })), readers.sightings, change),
    ).toEqual([]);
    expect(readers.foreign).toEqual([]);
    // A name that passes on takes a stop of its own, in which the server writes down who has left it.
    const handedOn = Object.values(renames).filter((to) => to in renames).length;
    expect(downtimes).toHaveLength(1 + handedOn);
    if (Object.values(renames).some((to) => !(to in renames)))
      expect(book.count("refused", (letter) => letter.early)).toBeGreaterThan(0);
  } finally {
    await simulator.stop();
  }
}

/** Everybody's addresses, what reaches all of them, and the new names that are not announced yet. */
function destinations(
  renames: Record<string, string>,
  people: string[],
  newcomers: Record<string, string>,
): Destination[] {
  const becomes = { ...renames, ...newcomers };
  const heirOf = (name: string) => Object.keys(becomes).find((person) => becomes[person] === name);
  const own = people.flatMap((person) =>
    addressesOf(person).map((address) => {
      const heir = address === at(person) ? heirOf(person) : undefined;
      return { address, readers: [person], ...(heir !== undefined && { heir }) };
    }),
  );
  const together = ["staff", "news"].map((name) => ({ address: at(name), readers: people }));
  const free = Object.entries(renames).filter(([, to]) => !people.includes(to));
  return [...own, ...together, ...free.map(([from, to]) => ({ address: at(to), readers: [from], early: true }))];
}
