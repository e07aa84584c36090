import type { z } from "zod";
import { hasUnknown } from "./unknowns";

/**
 * What is wrong with a value, as deep as it can be told: of an object where one of several forms may stand, what is wrong
 * with its members. What is not known yet, or holds what is not, is judged when it is.
 */
export function knownIssues(issues: readonly z.core.$ZodIssue[], value: unknown): z.core.$ZodIssue[] {
  return issues.flatMap((issue) => inside(issue, value)).filter((issue) => !hasUnknown(at(value, issue.path)));
}

function inside(issue: z.core.$ZodIssue, value: unknown): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const part = at(value, issue.path);
  if (typeof part !== "object" || part === null || Array.isArray(part)) return [issue];
  const form = issue.errors.find((errors) => errors.length > 0 && errors.every(isOfMember));
  return form?.map((one) => ({ ...one, path: [...issue.path, ...one.path] })) ?? [issue];
}

/** Whether an object may stand there, and it is one of its members that may not be as it is. */
function isOfMember(issue: z.core.$ZodIssue): boolean {
  return issue.path.length > 0 || issue.code === "unrecognized_keys";
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (typeof part === "object" && part !== null ? Reflect.get(part, key) : undefined),
    value,
  );
}
