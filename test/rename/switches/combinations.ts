import { criteria, make, sorters } from "covertable";
import { factors, isRefused, ofStandIn, refusals, type Chosen, type Factor } from "./values";

/** A rename is played once under each. */
export interface Combination {
  title: string;
  chosen: Chosen;
}

/** Each value of each switch, with every other switch at its standard; the host's need a host of their own. */
export const singles: readonly (Combination & { owner: Factor["owner"] })[] = factors.flatMap(
  ({ name, owner, others }) => others.map((value) => ({ title: `${name}=${value}`, owner, chosen: { [name]: value } })),
);

/** The switches that can be combined. */
export const combined: readonly Factor[] = factors.filter(({ others }) => others.length > 0);

/** Any two values of any two switches are together in one of these, unless a rename is refused under the two. */
export const pairwise: readonly Combination[] = make(axes(), { criterion: criteria.simple, sorter: sorters.hash }).map(
  (row, index) => ({ title: `combination ${index + 1}`, chosen: Object.assign({}, ...Object.values(row)) as Chosen }),
);

/**
 * What is combined: each switch by itself, but those that a refusal names together as one, with the choices that are
 * left. The library's own filter loses pairs: it drops a row that it cannot complete, with all that is in it.
 */
function axes(): Record<string, Chosen[]> {
  const bound = new Set(refusals.flatMap(({ switches }) => Object.keys(switches)));
  const together = combined.filter(({ name }) => bound.has(name));
  const choices = together.reduce<Chosen[]>(
    (all, factor) => all.flatMap((chosen) => valuesOf(factor).map((value) => ({ ...chosen, [factor.name]: value }))),
    [{}],
  );
  const free = combined.filter(({ name }) => !bound.has(name));
  const single = free.map((factor) => [factor.name, valuesOf(factor).map((value) => ({ [factor.name]: value }))]);
  return {
    ...(Object.fromEntries(single) as Record<string, Chosen[]>),
    bound: choices.filter((one) => !isRefused(one)),
  };
}

/** Standard and others. */
export function valuesOf({ standard, others }: Factor): string[] {
  return [standard, ...others];
}

/** The pairwise combinations as a table: a line for each switch, a column for each combination. */
export function pairwiseTable(): string {
  const letters = "abcdefgh";
  const lines = combined.map((factor) => {
    const values = valuesOf(factor);
    const cells = pairwise.map(({ chosen }) => letters[values.indexOf(chosen[factor.name] ?? "")] ?? "?");
    return { name: factor.name, cells, legend: values.map((value, at) => `${letters[at]} ${value}`).join(", ") };
  });
  const width = Math.max(...lines.map(({ name }) => name.length));
  const head = `${" ".repeat(width)}  ${pairwise.map((_, at) => String(at + 1).padStart(2)).join(" ")}`;
  const rows = lines.map(({ name, cells, legend }) => {
    return `${name.padEnd(width)}  ${cells.map((cell) => cell.padStart(2)).join(" ")}  ${legend}`;
  });
  return [head, ...rows].join("\n");
}

/** What starts a stand-in that behaves so. */
export function commandOf({ chosen }: Combination): string {
  const flags = Object.entries(ofStandIn(chosen)).map(([name, value]) => ` --switch ${name}=${value}`);
  return `npm run simulator --${flags.join("")}`;
}
