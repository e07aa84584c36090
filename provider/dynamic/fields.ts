import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { KerioError } from "../errors";
import { knownIssues } from "./issues";
import type { Failure, Properties } from "./lifecycle";
import { hasUnknown } from "./unknowns";

/**
 * What a changed field does: `replaces` makes a new object, `refused` is a failure of `check`, `updates` is written
 * to the server in place, `remembered` changes nothing but the state.
 */
export type Effect = "replaces" | "refused" | "updates" | "remembered";

/** One input of a resource: type, rule and message in the schema, the rest beside it. */
export interface Field {
  schema: z.ZodType;
  effect: Effect;
  required?: boolean;
  /** Its value must never stand in a message. */
  secret?: boolean;
  /** Put there by this package; a program cannot set it, and documentation leaves it out. */
  hidden?: boolean;
  /** When two values mean the same; the default is equality in depth. */
  same?(a: unknown, b: unknown): boolean;
}

/** All inputs of a resource by name. */
export type FieldTable = Readonly<Record<string, Field>>;

/** The checked inputs of a table. */
export type Values<T extends FieldTable> = { [K in keyof T]?: z.output<T[K]["schema"]> };

/** Defines a table and keeps the exact types of its schemas. */
export function defineFields<T extends FieldTable>(table: T): T {
  return table;
}

/** What a table makes of the inputs of a program. */
export interface CheckedFields {
  inputs: Properties;
  failures: Failure[];
  /** Names of the inputs that are wrong. */
  wrong: ReadonlySet<string>;
}

/**
 * Applies a table to what a program declares. Values that are not yet known, nested ones too, pass as they are, and what
 * is known beside them is looked at; everything else comes out normalised. All failures are reported at once.
 */
export function checkFields(table: FieldTable, news: Properties): CheckedFields {
  const inputs: Record<string, unknown> = {};
  const failures: Failure[] = [];
  const wrong = new Set<string>();
  for (const [name, value] of Object.entries(news)) {
    if (value === undefined || value === null) continue;
    const field = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!field) failures.push(unknownField(name, table));
    else {
      const parsed = field.schema.safeParse(value);
      inputs[name] = parsed.success && !hasUnknown(value) ? parsed.data : value;
      const issues = knownIssues(parsed.error?.issues ?? [], value);
      if (issues.length > 0) wrong.add(name);
      for (const issue of issues) failures.push(...toFailures(name, field, issue));
    }
  }
  for (const [name, field] of Object.entries(table))
    if (field.required && inputs[name] === undefined)
      failures.push({ property: "", reason: `${name}: this input is required.` });
  return { inputs, failures, wrong };
}

/** The fields whose values differ, by what the difference does. A field that the program leaves out never differs. */
export function diffFields(table: FieldTable, olds: Properties, news: Properties): Record<Effect, string[]> {
  const differing: Record<Effect, string[]> = { replaces: [], refused: [], updates: [], remembered: [] };
  for (const [name, field] of Object.entries(table)) {
    const before = olds[name] ?? undefined;
    const after = news[name] ?? undefined;
    if (before === undefined && after === undefined) continue;
    if (after === undefined && field.effect === "updates") continue;
    const same = before !== undefined && after !== undefined && !hasUnknown(after) && isSame(field, before, after);
    if (!same) differing[field.effect].push(name);
  }
  return differing;
}

/** Whether two values of a field mean the same. */
export function isSame(field: Field, a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b) || (a !== undefined && b !== undefined && (field.same?.(a, b) ?? false));
}

/**
 * Reads inputs that a `check` has accepted, or the inputs inside stored outputs, with their types.
 *
 * @throws KerioError `INPUT_INVALID` when they are not what `check` lets through, without any value
 */
export function readFields<T extends FieldTable>(table: T, properties: Properties, object: string): Values<T> {
  const values: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const [name, field] of Object.entries(table)) {
    const value = properties[name];
    if (value === undefined || value === null) continue;
    const parsed = field.schema.safeParse(value);
    if (parsed.success) values[name] = parsed.data;
    else
      wrong.push(...parsed.error.issues.flatMap((issue) => toFailures(name, field, issue)).map(({ reason }) => reason));
  }
  if (wrong.length > 0)
    throw new KerioError("INPUT_INVALID", {
      object,
      doing: "reading its properties",
      happened: wrong.join(" "),
      next: "Run `pulumi refresh`, or correct the program.",
    });
  return values as Values<T>;
}

/** One failure; of an object with members that it cannot have, one for each of them. */
function toFailures(name: string, field: Field, issue: z.core.$ZodIssue): Failure[] {
  const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => toFailure([name, ...path], field, issue));
}

function toFailure(names: PropertyKey[], field: Field, issue: z.core.$ZodIssue): Failure {
  const path = names.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
  const reason = `${path}: ${field.secret ? secretMessage(issue) : issue.message}`;
  // The engine prints the value of a property that is named, secrets of the program inside it too.
  return { property: "", reason: /[.!?]$/.test(reason) ? reason : `${reason}.` };
}

/** Messages of rules may be built from values; those about a secret say no more than the kind of rule. */
function secretMessage(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return "must be a text";
  return issue.code === "too_small" ? "must not be empty" : "is not a value that the server can take";
}

function unknownField(name: string, table: FieldTable): Failure {
  const visible = Object.entries(table).filter(([, field]) => !field.hidden);
  const near = visible.map(([known]) => known).find((known) => known.toLowerCase() === name.toLowerCase());
  const advice = near ? `Did you mean ${near}?` : `The inputs are: ${visible.map(([known]) => known).join(", ")}.`;
  return { property: "", reason: `${name}: there is no such input. ${advice}` };
}
