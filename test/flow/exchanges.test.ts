import { describe, it } from "vitest";
import { letMailFlow } from "./let-mail-flow";

const deaf = { "ignore-service-stop": "yes" };
const busy = { "queue-while-held": "deliver" };
const userFirst = { "alias-or-user": "user" };
const slow = { "removal-delay-ms": "1500" };

const swap = { jdoe: "asmith", asmith: "jdoe" };
const circle = { jdoe: "asmith", asmith: "cdoe", cdoe: "jdoe" };
const chain = { jdoe: "asmith", asmith: "cdoe" };

interface Case {
  name: string;
  renames: Record<string, string>;
  switches: Record<string, string>;
  /** Who gets an account of what name. */
  newcomers?: Record<string, string>;
}

const leaves = { jdoe: "cdoe" };
const newcomers = { edoe: "jdoe" };

/** Who changes names with whom, and what the server does otherwise than hoped for. */
const cases: Case[] = [
  { name: "a swap, as documented", renames: swap, switches: {} },
  { name: "a swap, that does not heed the stop of a service", renames: swap, switches: deaf },
  { name: "a circle, whose queue goes on while it is held", renames: circle, switches: { ...busy, ...userFirst } },
  { name: "a circle, that does neither and removes late", renames: circle, switches: { ...deaf, ...busy, ...slow } },
  { name: "a chain, that does not heed the stop", renames: chain, switches: { ...deaf, "bind-account": "at-create" } },
  { name: "a chain, users first and removing late", renames: chain, switches: { ...deaf, ...userFirst, ...slow } },
  { name: "a swap, users first and removing late", renames: swap, switches: { ...deaf, ...userFirst, ...slow } },
  { name: "a newcomer for a name, as documented", renames: leaves, switches: {}, newcomers },
  {
    name: "a newcomer for a name, that does not heed the stop",
    renames: leaves,
    switches: { ...deaf, ...busy },
    newcomers,
  },
];

describe.concurrent("mail while names pass from one person to another", () => {
  it.each(cases)("is in one right mailbox, on a server with $name", { timeout: 600_000 }, (one) =>
    letMailFlow(one.renames, one.switches, one.newcomers),
  );
});
