import { gaps } from "../contract/gaps";
import { hostFacts } from "../contract/host-facts";
import { notSettled } from "../contract/not-settled";
import { areas } from "../contract/probes/areas";
import { sources, type Fact } from "../contract/sources";
import { unseen } from "../rename/switches/values";
import { interfaces } from "../simulator/engine/rpc/interfaces";
import { productMethods } from "../simulator/engine/rpc/product-methods";
import { switchRules, type SwitchName, type SwitchRule } from "../simulator/engine/switches";
import { hostSwitches, type HostRule, type HostSwitch } from "../simulator/host/host-switches";

/** The page that lists every interface and method of the Administration API, and how much of it the stand-in has. */
export function apiPage(): string {
  const names = [...new Set([...Object.keys(productMethods), ...Object.keys(interfaces)])].sort();
  const sections = names.map((name) => {
    const known = productMethods[name] ?? [];
    const own = Object.keys(interfaces[name] ?? {}).filter((method) => !known.includes(method));
    const rows = [...known, ...own].map((method) => [`\`${method}\``, stateOf(name, method)]);
    const body =
      rows.length === 0
        ? "None of its methods is known by name: whatever is called is answered as _not_.\n"
        : table(["Method", "Stand-in"], rows);
    return `## ${name}\n\n${body}`;
  });
  return `# The Administration API of the stand-in

Made from the code; \`npx vitest run test/simulator-engine/docs.test.ts -u\` writes it anew. _Full_: every field, default
and error that public sources give. _Partly_: what follows is missing or simpler than in the real server. _Not_: the
real server has the method, the stand-in answers error 1000, "%1 is not implemented.". A method that stands nowhere here
is unknown to both: error -32601, or no answer at all, by the switch \`unknown-method\`.

Two-factor authentication and application passwords are in the product since 9.4. No public source names a member or a
method of theirs: nothing is answered about them, and every login is by the password of the account alone.

${totals(names)}

${sections.join("\n")}`;
}

function totals(names: string[]): string {
  const all = names.flatMap((name) =>
    [...new Set([...(productMethods[name] ?? []), ...Object.keys(interfaces[name] ?? {})])].map((method) =>
      stateOf(name, method),
    ),
  );
  const count = (start: string) => all.filter((state) => state.startsWith(start)).length;
  return `${all.length} methods are known by name: ${count("full")} full, ${count("partly")} partly, ${count("not")} not.`;
}

function stateOf(name: string, method: string): string {
  const handler = interfaces[name]?.[method];
  if (!handler) return "not";
  return handler.gap === undefined ? "full" : `partly: ${handler.gap}`;
}

/** The page of all switches: what public sources leave open, its values, the default and the reason for it. */
export function switchesPage(): string {
  const engine = Object.entries(switchRules as Record<string, SwitchRule>).map(([name, rule]) => [
    `\`${name}\``,
    valuesOf(rule.values),
    `\`${rule.standard}\``,
    rule.reason,
    factOf(name as SwitchName),
  ]);
  const host = Object.entries(hostSwitches as Record<string, HostRule>).map(([name, rule]) => [
    `\`${name}\``,
    valuesOf(rule.values ?? "text"),
    `\`${rule.default}\``,
    rule.reason,
    cited(hostFacts[name as HostSwitch]),
  ]);
  return `# Switches of the stand-in

Made from the code; \`npx vitest run test/simulator-engine/docs.test.ts -u\` writes it anew. Each is given at the start
with \`--switch name=value\`; those of the engine can be changed while it runs.

## Engine

What public sources leave open, what speaks for the default, and what is known. [A real server](contract.md) can be asked.

${table(["Switch", "Values", "Default", "What is open", "What is known"], engine)}
## Host

Properties of the machine; fixed while it runs.

${table(["Switch", "Values", "Default", "What it is", "What is known"], host)}
## Gaps without a switch

What public sources leave open, and no value here stands for.

${table(
  ["What is open", "Why there is no switch"],
  gaps.map(({ gap, why }) => [gap, why]),
)}
## Renames under each value

\`test/rename/switches/\` plays an update under each value of each switch, and under combinations in which any two values
of any two switches are together at least once; the test run prints both. A switch that takes a number or a text has one
value beside its default there. The update gives two people other names and brings a third: with mail on disk, groups,
lists and the right to post to them and to read their archives, rooms, aliases, quota, forwarding, and a card with a
photo. What the update is belongs to the combinations too, so that each value meets each: names that nobody has, one
that the other person has, or an exchange; with nothing before it, or an attempt that was taken back, or killed and
recovered with the service stopped or at the removal. Judged is what the server and its disk hold afterwards. Where a
rename cannot be, it must be refused for a reason that it says, with nothing touched: without directory access, and for
a login that may not become root. Where the service manager kills an engine that is not done with its stop, and where
something else starts it again, it is taken back.

Not played are switches that no rename can meet: ${listed(unseen)}.

Every other test of the renames is played on the defaults, and by \`npm run rename-suite -- NAME=VALUE …\` on a server
that behaves so; \`-- --each\` plays them under each value of each switch, one after the other, for many hours: all of
them on the defaults first, then for each value those in which the server's behaviour hung on its switch, as its truth
tells. A test that is about one behaviour of the server names its value, and keeps it.

The other deaths and the troubles of the host are played on the defaults, and with \`npm run crash-matrix -- --turn 0\`
each under another value: the values take turns, so that one pass has each a few times, and \`--turn 1\` begins with the
next. A death for which a value leaves no moment, as where the server is not stopped for it, is told as never come to. The
preview's questions and the engine run on the defaults; the random operations of \`npm run model\` draw some of the
switches anew each time.
`;
}

function listed(reasons: Readonly<Record<string, string>>): string {
  return Object.entries(reasons)
    .map(([name, why]) => `\`${name}\` (${why})`)
    .join("; ");
}

/** What the question that settles a switch rests on, or what stands for it. */
function factOf(name: SwitchName): string {
  const probe = Object.values(areas)
    .flat()
    .find((each) => "settles" in each && each.settles === name);
  const fact: Fact | undefined = probe?.fact ?? notSettled[name]?.fact;
  if (!fact) throw new Error(`nothing is known of the switch ${name}`);
  return cited(fact);
}

function cited(fact: Fact): string {
  const { title, url } = sources[fact.source];
  return `${fact.says} (${url === "" ? title : `[${title}](${url})`})`;
}

function valuesOf(values: readonly string[] | string): string {
  return typeof values === "string" ? `a ${values}` : values.map((value) => `\`${value}\``).join(", ");
}

function table(heads: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return line(heads) + line(heads.map(() => "---")) + rows.map(line).join("");
}
