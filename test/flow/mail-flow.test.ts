import { describe, expect, it, vi } from "vitest";
import { defaultTimeouts } from "../../provider/config-fields";
import { provider, renameRequest, settingsOf } from "../rename/stage";
import { judge } from "./judge";
import { MailBook, type Way } from "./mail-book";
import { Readers } from "./readers";
import { addressesOf, at, passwordOf, town } from "./town";
import { Traffic } from "./traffic";

const deaf = { "ignore-service-stop": "yes" };
const busy = { "queue-while-held": "deliver" };
const userFirst = { "alias-or-user": "user" };
const slow = { "removal-delay-ms": "1500" };

/** What a server may do otherwise than hoped for, while mail flows. */
const servers: { name: string; switches: Record<string, string> }[] = [
  { name: "as documented", switches: {} },
  { name: "that does not heed the stop of a service", switches: deaf },
  { name: "whose queue goes on while it is held", switches: { ...busy, "bind-account": "at-create" } },
  { name: "that asks users before aliases and removes late", switches: { ...deaf, ...userFirst, ...slow } },
  { name: "that does all of that", switches: { ...deaf, ...busy, ...slow, "bind-account": "at-start" } },
  { name: "that delivers to disabled accounts", switches: { ...deaf, "disabled-delivery": "accept" } },
  { name: "whose queue goes on, users first", switches: { ...busy, ...userFirst, "disabled-delivery": "accept" } },
  { name: "without a free seat, whose queue goes on", switches: { ...busy, "licence-seats": "3" } },
];

const staying = "bdoe";

/** Milliseconds in which letters must have come, and people must have read. */
const patience = { timeout: 30_000, interval: 50 };

const scenes: { name: string; renames: Record<string, string> }[] = [
  { name: "one", renames: { jdoe: "jsmith" } },
  { name: "two", renames: { jdoe: "jsmith", asmith: "asmith2" } },
];

const cases = servers.map((server, index) => ({ ...server, scene: scenes[index % 2 === 0 ? 1 : 0] }));

describe.concurrent("mail during a rename", () => {
  it.each(cases)("arrives once, and nobody reads another's, on a server $name", { timeout: 180_000 }, async (one) => {
    const renames = one.scene?.renames ?? {};
    const book = new MailBook();
    const people = ["jdoe", "asmith", staying];
    const { simulator, ids } = await town(book, people, { switches: one.switches });
    try {
      const plugin = provider(settingsOf(simulator, { timeouts: { ...defaultTimeouts } }));
      const own = (person: string) => addressesOf(person).map((address) => ({ address, readers: [person] }));
      const together = ["staff", "news"].map((name) => ({ address: at(name), readers: people }));
      const early = Object.entries(renames).map(([from, to]) => ({ address: at(to), readers: [from], early: true }));
      const traffic = new Traffic(simulator, book, [...people.flatMap(own), ...together, ...early]);
      const logins = (person: string) =>
        [person, renames[person] ?? person].map((name) => ({ name, password: passwordOf(person) }));
      const readers = new Readers(
        simulator.control,
        book,
        people.map((person) => ({ person, logins: logins(person) })),
      );
      const looks = (names: string[]) => Math.min(...names.map((name) => readers.seen.get(name) ?? 0));
      await vi.waitUntil(() => looks(Object.keys(renames)) > 3, patience);
      await Promise.all(
        Object.entries(renames).map(async ([from, to]) => {
          const request = renameRequest(from, to, ids.get(from), { password: passwordOf(from) });
          await plugin.coordinator.create(request);
          const announced = traffic.destinations.filter(({ address }) => address !== at(to));
          traffic.destinations = [...announced, { address: at(to), readers: [from] }];
        }),
      );
      // Otherwise nothing has flowed, or nobody has read.
      const accepted = (way: Way) => book.count("accepted", (letter) => letter.way === way);
      await vi.waitUntil(() => accepted("smtp") > 30 && accepted("fetched") > 30, patience);
      await vi.waitUntil(() => looks(Object.values(renames)) > 3, patience);
      await Promise.all([traffic.close(), readers.close()]);
      await plugin.close();
      expect(await judge(simulator, book, new Map(Object.entries(renames)))).toEqual([]);
      expect(readers.foreign).toEqual([]);
      expect(await simulator.control.downtimes()).toHaveLength(1);
      expect(book.count("refused", (letter) => letter.early)).toBeGreaterThan(0);
    } finally {
      await simulator.stop();
    }
  });
});
