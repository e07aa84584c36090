import { describe, it } from "vitest";
import { letMailFlow } from "./let-mail-flow";

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

const scenes: { name: string; renames: Record<string, string> }[] = [
  { name: "one", renames: { jdoe: "jsmith" } },
  { name: "two", renames: { jdoe: "jsmith", asmith: "asmith2" } },
];

const cases = servers.map((server, index) => ({ ...server, scene: scenes[index % 2 === 0 ? 1 : 0] }));

describe.concurrent("mail during a rename", () => {
  it.each(cases)(
    "arrives once, and nobody reads another's, on a server $name",
    { timeout: 600_000 },
    ({ scene, switches }) => letMailFlow(scene?.renames ?? {}, switches),
  );
});
