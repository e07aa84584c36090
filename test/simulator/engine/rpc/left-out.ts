import type { z } from "zod";
import type { Switches } from "../switches.js";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];
type Structure = Record<string, unknown>;

/**
 * The parameters without what a client has not filled in: those in Go write every member of a structure, lists of
 * nothing as null and choices that nobody made as "", and libraries of other languages write any member that nobody has
 * filled in as null. A structure that lacks such a member and holds nothing else goes too, where it cannot be without.
 * `issuesOf` says what is wrong with parameters.
 */
export function withoutUnfilled(
  params: unknown,
  issuesOf: (params: unknown) => readonly Issue[],
  switches: Switches,
): unknown {
  const copy: unknown = structuredClone(params);
  const emptied = new Set<unknown>();
  const leaveOut = (path: Path): boolean => {
    const place = valueAt(copy, path.slice(0, -1));
    const name = String(path.at(-1));
    if (!isStructure(place) || !(name in place)) return false;
    delete place[name];
    emptied.add(place);
    return true;
  };
  for (let isDone = false; !isDone;) {
    const left = issuesOf(copy).map((issue) => {
      if (isUnfilled(issue, valueAt(copy, issue.path), switches)) return leaveOut(issue.path);
      const around = issue.path.slice(0, -1);
      const structure = valueAt(copy, around);
      return emptied.has(structure) && isZero(structure) && leaveOut(around);
    });
    isDone = !left.includes(true);
  }
  return copy;
}

function isUnfilled(issue: Issue, value: unknown, switches: Switches): boolean {
  if (value !== null) return value === "" && issue.code === "invalid_value";
  const isList = issue.code === "invalid_type" && issue.expected === "array";
  return isList || switches.of("null-member") === "left-out";
}

function isZero(value: unknown): boolean {
  if (isStructure(value)) return Object.values(value).every(isZero);
  return value === null || value === "" || value === 0 || value === false;
}

function isStructure(value: unknown): value is Structure {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, name) => (value as Structure | null | undefined)?.[String(name)], root);
}
