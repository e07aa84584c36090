import fc from "fast-check";

/** What public sources leave open about the server. */
const open: [string, string[]][] = [
  ["bind-account", ["at-first-use", "at-create", "at-start"]],
  ["alias-or-user", ["alias", "user"]],
  ["removal-delay-ms", ["0", "300"]],
  ["directory-at", ["first-use", "create"]],
  ["queue-while-held", ["hold", "deliver"]],
  ["ignore-service-stop", ["no", "yes"]],
  ["adopted-sizes", ["at-once", "later"]],
  ["deliver-to", ["as-given", "completed"]],
  ["email-addresses", ["local", "full"]],
  ["list-id", ["always", "asked"]],
  ["config-save", ["at-stop", "after-change"]],
];

/** The open questions, settled one way for each seed, on a server that is quick. */
export function switchesOf(seed: number): Record<string, string> {
  const answers = fc.tuple(...open.map(([, values]) => fc.constantFrom(...values)));
  const drawn = fc.sample(answers, { seed, numRuns: 1 })[0] ?? [];
  const switches = Object.fromEntries(open.map(([name], at) => [name, drawn[at] ?? ""]));
  return { ...switches, "licence-seats": "1000", "start-delay-ms": "100", "stop-delay-ms": "50" };
}
