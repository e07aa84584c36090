import { z } from "zod";
import { cellOf, type Cell } from "./cells.js";
import { globFits } from "./glob.js";
import { RpcError } from "./rpc/rpc-error.js";
import type { Switches } from "./switches.js";

const comparators = ["Eq", "NotEq", "LessThan", "GreaterThan", "LessEq", "GreaterEq", "Like"] as const;

const queryMembers = z.object({
  fields: z.array(z.string()).nullish(),
  conditions: z
    .array(z.object({ fieldName: z.string(), comparator: z.enum(comparators).default("Eq"), value: z.string() }))
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
});

/** What stands for a query that was not sent. */
const noQuery: z.infer<typeof queryMembers> = {};

/** Whether the parameters of a call hold a query, whatever it is worth. */
export function hasQuery(params: unknown): boolean {
  return unlessEmpty((params as { query?: unknown } | null)?.query) !== undefined;
}

/** What PHP makes of an object without members is a list. */
function unlessEmpty(query: unknown): unknown {
  return query === "" || query === null || (Array.isArray(query) && query.length === 0) ? undefined : query;
}

/** Whether the query is one that was not sent. */
export function isMissing(query: SearchQuery): boolean {
  return query === noQuery;
}

/** The query of every list method; each member may be missing. */
export const searchQuery = z.preprocess(unlessEmpty, queryMembers.optional()).transform((query) => query ?? noQuery);

/** A checked query. */
export type SearchQuery = z.infer<typeof searchQuery>;

type Condition = NonNullable<SearchQuery["conditions"]>[number];

/** How to answer a query over rows of one kind. */
export interface SearchRules<T> {
  /** The text members that the pseudo-field QUICKSEARCH looks at. */
  quick?: readonly (keyof T & string)[];
  /** Conditions that no plain comparison of a member answers, such as `userGroups`. */
  special?: Record<string, (row: T, value: string) => boolean>;
  /** The switches in force: they say whether `id` always comes along, and what an unknown field does. */
  switches?: Switches;
  /** The members of a row of which `fields` names none; left out, all. */
  unasked?: readonly string[];
  /** Whether `id` comes along when `fields` does not name it; left out, the switch says so. */
  alwaysId?: boolean;
}

/**
 * The rows that fit, cut and ordered as asked, and how many fit before the cut. Throws what is documented as not
 * possible: `itemSource` in an Or query, `isWritableByMe` in a condition.
 */
export function search<T extends object>(
  rows: readonly T[],
  query: SearchQuery,
  rules: SearchRules<T>,
): { list: Partial<T>[]; totalItems: number } {
  if (isMissing(query) && rules.switches?.of("missing-query") === "refused") {
    throw RpcError.failed("internal database error");
  }
  const all = query.combining === "And";
  refuseImpossible(query);
  refuseUnknown(rows[0], query, rules);
  const conditions = heededOf(rows[0], query, rules);
  const holds = (row: T, condition: Condition) => judge(row, condition, rules);
  const found = rows.filter((row) =>
    conditions.length === 0 || all
      ? conditions.every((condition) => holds(row, condition))
      : conditions.some((condition) => holds(row, condition)),
  );
  const list = cut(ordered(found, query.orderBy ?? []), query);
  const fields = fieldsOf(query, rules);
  const hasId = fields.length === 0 || fields.includes("id");
  const alwaysId = hasId || (rules.alwaysId ?? rules.switches?.of("list-id") === "always");
  return { list: list.map((row) => restrict(row, fields, alwaysId)), totalItems: found.length };
}

function fieldsOf<T>({ fields }: SearchQuery, { unasked = [] }: SearchRules<T>): readonly string[] {
  return fields && fields.length > 0 ? fields : unasked;
}

/** Whether a query asks for a member, by name or by naming none. */
export function asksFor(query: SearchQuery, field: string): boolean {
  const named = query.fields ?? [];
  const everything = named.length === 0 || named.some((each) => constants.includes(each));
  const conditions = (query.conditions ?? []).some((each) => each.fieldName === field);
  const order = (query.orderBy ?? []).some((each) => each.columnName === field);
  return everything || named.includes(field) || conditions || order;
}

/** Names in `fields` that stand for all columns of a view. */
const constants = ["LIST_USERS", "ADD_USERS"];

function refuseImpossible({ conditions, combining }: SearchQuery): void {
  const named = (field: string) => conditions?.some((each) => each.fieldName === field) ?? false;
  if (named("isWritableByMe") || (combining === "Or" && (conditions?.length ?? 0) > 1 && named("itemSource"))) {
    throw RpcError.invalidParams();
  }
}

function knownTo<T extends object>(row: T, rules: SearchRules<T>): string[] {
  return [...Object.keys(row), ...Object.keys(rules.special ?? {}), "QUICKSEARCH", ...constants];
}

/** The conditions that count, see the switch unknown-field. */
function heededOf<T extends object>(row: T | undefined, query: SearchQuery, rules: SearchRules<T>): Condition[] {
  const conditions = query.conditions ?? [];
  if (!row) return conditions;
  const known = knownTo(row, rules);
  const heeded = conditions.filter(({ fieldName }) => known.includes(fieldName));
  const areDropped = heeded.length < conditions.length && rules.switches?.of("unknown-field") === "conditions-dropped";
  return areDropped ? heeded : conditions;
}

function refuseUnknown<T extends object>(row: T | undefined, query: SearchQuery, rules: SearchRules<T>): void {
  if (!row) return;
  const known = knownTo(row, rules);
  const used = [
    ...(query.fields ?? []),
    ...(query.conditions ?? []).map((each) => each.fieldName),
    ...(query.orderBy ?? []).map((each) => each.columnName),
  ];
  const isUnknown = used.some((name) => !known.includes(name));
  if (isUnknown && rules.switches?.of("unknown-field") === "error") throw RpcError.invalidParams();
}

// Every key is worked out once: a list of thousands is ordered by several columns.
function ordered<T extends object>(rows: T[], orders: NonNullable<SearchQuery["orderBy"]>): T[] {
  if (orders.length === 0) return rows;
  const keys = new Map(
    rows.map((row) => [
      row,
      orders.map(({ columnName, caseSensitive }) => {
        const cell = cellOf(row, columnName);
        return caseSensitive || typeof cell === "number" ? cell : String(cell).toLowerCase();
      }),
    ]),
  );
  return rows.sort((left, right) => {
    for (const [index, { direction }] of orders.entries()) {
      const order = compare(keys.get(left)?.[index] ?? "", keys.get(right)?.[index] ?? "");
      if (order !== 0) return direction === "Desc" ? -order : order;
    }
    return 0;
  });
}

function cut<T>(rows: T[], { start, limit }: SearchQuery): T[] {
  const from = Math.max(0, start ?? 0);
  return rows.slice(from, limit === undefined || limit === null || limit < 0 ? undefined : from + limit);
}

function judge<T extends object>(row: T, condition: Condition, rules: SearchRules<T>): boolean {
  const { special: own = {} } = rules;
  const special = Object.hasOwn(own, condition.fieldName) ? own[condition.fieldName] : undefined;
  if (special) return special(row, condition.value) === (condition.comparator !== "NotEq");
  if (condition.fieldName === "QUICKSEARCH" && rules.quick) {
    const without = rules.switches?.of("quick-search") === "names" ? "description" : "";
    const members = rules.quick.filter((member) => member !== without);
    const isExact = rules.switches?.of("quick-search-eq") !== "contains";
    const comparator = isExact && ["Eq", "NotEq"].includes(condition.comparator) ? "Eq" : "Like";
    const some = members.some((fieldName) => judgeMember(row, { ...condition, fieldName, comparator }, rules));
    return some === (condition.comparator !== "NotEq");
  }
  return judgeMember(row, condition, rules);
}

function judgeMember<T extends object>(row: T, condition: Condition, rules: SearchRules<T>): boolean {
  const value = (row as Record<string, unknown>)[condition.fieldName];
  const { comparator } = condition;
  const isExact = () => rules.switches?.of("condition-case") === "exact";
  if (typeof value === "string" && (comparator === "Eq" || comparator === "NotEq") && isExact()) {
    return (value === condition.value) === (comparator === "Eq");
  }
  if (!Array.isArray(value)) return matches(cellOf(row, condition.fieldName), condition);
  // A list such as the extra addresses fits when one of its elements does.
  const some = (comparator: Condition["comparator"]) =>
    value.some((_, index) => matches(cellOf(value, String(index)), { ...condition, comparator }));
  return condition.comparator === "NotEq" ? !some("Eq") : some(condition.comparator);
}

function matches(actual: Cell, { comparator, value }: Condition): boolean {
  const left = typeof actual === "number" ? actual : actual.toLowerCase();
  const number = Number(value);
  const right = typeof left === "number" && value.trim() !== "" && !Number.isNaN(number) ? number : value.toLowerCase();
  const order = compare(left, right);
  switch (comparator) {
    case "Eq":
      return order === 0;
    case "NotEq":
      return order !== 0;
    case "LessThan":
      return order < 0;
    case "GreaterThan":
      return order > 0;
    case "LessEq":
      return order <= 0;
    case "GreaterEq":
      return order >= 0;
    case "Like": {
      const pattern = value.toLowerCase();
      const text = String(left);
      return /[*%]/.test(pattern) ? globFits(pattern, text, { any: "*%", one: "" }) : text.includes(pattern);
    }
  }
}

function compare(left: Cell, right: Cell): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  const [first, second] = [String(left), String(right)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function restrict<T extends object>(row: T, fields: readonly string[], alwaysId: boolean): Partial<T> {
  if (fields.length === 0 || fields.some((each) => constants.includes(each))) {
    // A member that is worked out when it is looked at is worked out here, where its failure is still the call's.
    return { ...row };
  }
  const kept = Object.entries(row).filter(([member]) => fields.includes(member) || (alwaysId && member === "id"));
  return Object.fromEntries(kept) as Partial<T>;
}
