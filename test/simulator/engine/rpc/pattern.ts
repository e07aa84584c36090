import { z } from "zod";

/** Members of a row as its template has them. */
export type Members = Record<string, unknown>;

/** The texts that a member may be, by its name, wherever in the row it stands. */
type Choices = Readonly<Record<string, readonly string[]>>;

/**
 * The schema of a change to rows that look like the template: every member may be missing, also inside structures,
 * and one that is there has the template's type, and one of its choices if it has any. Members the template lacks are
 * dropped. A list is taken whole; the template's first element, if it has one, says what its elements are.
 */
export function patternOf(template: Members, choices: Choices = {}): z.ZodType<Members> {
  const members = Object.entries(template).map(([name, value]) => [name, schemaOf(name, value, choices).optional()]);
  return z.object(Object.fromEntries(members) as Record<string, z.ZodType>);
}

function schemaOf(name: string, value: unknown, choices: Choices): z.ZodType {
  if (typeof value === "string") return choices[name] ? z.enum(choices[name]) : z.string();
  if (typeof value === "number") return z.number().int();
  if (typeof value === "boolean") return z.boolean();
  if (Array.isArray(value)) return z.array(value.length === 0 ? z.unknown() : schemaOf(name, value[0], choices));
  return patternOf((value ?? {}) as Members, choices);
}

/** A copy of the row with the change in it; structures are changed inside, everything else is replaced. */
export function changed<T extends Members>(row: T, change: Members): T {
  const copy: Members = { ...row };
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) continue;
    const old = copy[name];
    copy[name] = isStructure(value) ? changed(isStructure(old) ? old : {}, value) : structuredClone(value);
  }
  return copy as T;
}

function isStructure(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
