import { z } from "zod";

/** Members of a row as its template has them. */
export type Members = Record<string, unknown>;

/**
 * The schema of a change to rows that look like the template: every member may be missing, also inside structures,
 * and one that is there has the template's type. Members the template lacks are dropped. A list is taken whole; the
 * template's first element, if it has one, says what its elements are.
 */
export function patternOf(template: Members): z.ZodType<Members> {
  const members = Object.entries(template).map(([name, value]) => [name, schemaOf(value).optional()]);
  return z.object(Object.fromEntries(members) as Record<string, z.ZodType>);
}

function schemaOf(value: unknown): z.ZodType {
  if (typeof value === "string") return z.string();
  if (typeof value === "number") return z.number().int();
  if (typeof value === "boolean") return z.boolean();
  if (Array.isArray(value)) return z.array(value.length === 0 ? z.unknown() : schemaOf(value[0]));
  return patternOf((value ?? {}) as Members);
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
