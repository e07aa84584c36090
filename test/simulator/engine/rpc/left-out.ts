import type { z } from "zod";

type Issue = z.core.$ZodIssue;
type Structure = Record<string, unknown>;

/**
 * The parameters without what a client of a language with zero values has not filled in: clients in Go write every
 * member of a structure, lists of nothing as null and choices that nobody made as "". A structure that holds nothing but
 * such values is left out as a whole. Undefined when none of the issues is of that kind.
 */
export function withoutUnfilled(params: unknown, issues: readonly Issue[]): unknown {
  const unfilled = issues.filter((issue) => isUnfilled(issue, valueAt(params, issue.path)));
  if (unfilled.length === 0) return undefined;
  const copy: unknown = structuredClone(params);
  for (const { path } of unfilled) leaveOut(copy, path);
  return copy;
}

function isUnfilled(issue: Issue, value: unknown): boolean {
  if (issue.code === "invalid_value") return value === "";
  return issue.code === "invalid_type" && issue.expected === "array" && value === null;
}

function leaveOut(root: unknown, path: readonly PropertyKey[]): void {
  let place = path;
  while (
    place.length > 1 &&
    isStructure(valueAt(root, place.slice(0, -1))) &&
    isZero(valueAt(root, place.slice(0, -1)))
  ) {
    place = place.slice(0, -1);
  }
  const parent = valueAt(root, place.slice(0, -1));
  if (isStructure(parent)) delete parent[String(place.at(-1))];
}

function isZero(value: unknown): boolean {
  if (isStructure(value)) return Object.values(value).every(isZero);
  return value === null || value === "" || value === 0 || value === false;
}

function isStructure(value: unknown): value is Structure {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Structure | null | undefined)?.[String(name)], root);
}
