import { z } from "zod";
import { fits } from "./addresses.js";

/** The query of every list method; each member may be missing. */
export const searchQuery = z
  .object({
    fields: z.array(z.string()).nullish(),
    conditions: z
      .array(z.object({ fieldName: z.string(), comparator: z.string().default("Eq"), value: z.string() }))
      .nullish(),
    combining: z.enum(["Or", "And"]).nullish(),
    start: z.number().int().nullish(),
    limit: z.number().int().nullish(),
    orderBy: z
      .array(
        z.object({
          columnName: z.string(),
          direction: z.enum(["Asc", "Desc"]).default("Asc"),
          caseSensitive: z.boolean().default(false),
        }),
      )
      .nullish(),
  })
  .nullish()
  .or(z.literal(""))
  .transform((query) => query || {});

/** A checked query. */
export type SearchQuery = z.infer<typeof searchQuery>;

/** How to answer a query over rows of one kind. */
export interface SearchRules<T> {
  /** The text members that the pseudo-field QUICKSEARCH looks at. */
  quick?: readonly (keyof T & string)[];
  /** Conditions that no plain comparison of a member answers, such as `userGroups`. */
  special?: Record<string, (row: T, value: string) => boolean>;
  /** Whether `id` comes along when `fields` does not name it. */
  alwaysId: boolean;
}

/** The rows that fit, cut and ordered as asked, and how many fit before the cut. */
export function search<T extends object>(
  rows: readonly T[],
  query: SearchQuery,
  rules: SearchRules<T>,
): { list: Partial<T>[]; totalItems: number } {
  const conditions = query.conditions ?? [];
  const holds = (row: T, condition: Condition) => judge(row, condition, rules);
  const found = rows.filter((row) =>
    conditions.length === 0
      ? true
      : query.combining === "And"
        ? conditions.every((condition) => holds(row, condition))
        : conditions.some((condition) => holds(row, condition)),
  );
  for (const order of [...(query.orderBy ?? [])].reverse()) {
    const sign = order.direction === "Desc" ? -1 : 1;
    const key = (row: T) =>
      order.caseSensitive ? text(row, order.columnName) : text(row, order.columnName).toLowerCase();
    found.sort((left, right) => sign * compare(key(left), key(right)));
  }
  const start = Math.max(0, query.start ?? 0);
  const limit = query.limit ?? -1;
  const cut = found.slice(start, limit < 0 ? undefined : start + limit);
  return { list: cut.map((row) => restrict(row, query.fields ?? [], rules.alwaysId)), totalItems: found.length };
}

/** Whether a query asks for a member, by name or by naming none. */
export function asksFor(query: SearchQuery, field: string): boolean {
  const named = query.fields ?? [];
  return named.length === 0 || named.includes(field) || (query.orderBy ?? []).some((each) => each.columnName === field);
}

interface Condition {
  fieldName: string;
  comparator: string;
  value: string;
}

function judge<T extends object>(row: T, condition: Condition, rules: SearchRules<T>): boolean {
  const special = rules.special?.[condition.fieldName];
  if (special) return special(row, condition.value) === (condition.comparator !== "NotEq");
  if (condition.fieldName === "QUICKSEARCH") {
    const parts = (rules.quick ?? []).map((member) => text(row, member));
    const like = (value: string) => matches(value, { ...condition, comparator: "Like" });
    return condition.comparator === "NotEq" ? parts.every((value) => !like(value)) : parts.some(like);
  }
  return matches(text(row, condition.fieldName), condition);
}

function matches(actual: string, condition: Condition): boolean {
  const left = actual.toLowerCase();
  const right = condition.value.toLowerCase();
  const order = compare(left, right);
  switch (condition.comparator) {
    case "Eq":
      return left === right;
    case "NotEq":
      return left !== right;
    case "LessThan":
      return order < 0;
    case "GreaterThan":
      return order > 0;
    case "LessEq":
      return order <= 0;
    case "GreaterEq":
      return order >= 0;
    default: {
      const pattern = right.replaceAll("%", "*");
      return pattern.includes("*") ? fits(pattern, left) : left.includes(right);
    }
  }
}

function compare(left: string, right: string): number {
  const numbers = [Number(left), Number(right)] as const;
  if (left !== "" && right !== "" && numbers.every((each) => !Number.isNaN(each))) return numbers[0] - numbers[1];
  return left < right ? -1 : left > right ? 1 : 0;
}

// A member that is an object with an id or a value compares by it, as a column of the administration does.
function text(row: object, member: string): string {
  const value = (row as Record<string, unknown>)[member];
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  const inner = value as Record<string, unknown>;
  return String(inner["id"] ?? inner["value"] ?? JSON.stringify(value));
}

function restrict<T extends object>(row: T, fields: readonly string[], alwaysId: boolean): Partial<T> {
  if (fields.length === 0 || fields.includes("LIST_USERS") || fields.includes("ADD_USERS")) return row;
  const kept = Object.entries(row).filter(([member]) => fields.includes(member) || (alwaysId && member === "id"));
  return Object.fromEntries(kept) as Partial<T>;
}
