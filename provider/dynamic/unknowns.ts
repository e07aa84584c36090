import { runtime } from "@pulumi/pulumi";

/** Whether a value, or anything inside it, is not known before the update. */
export function hasUnknown(value: unknown): boolean {
  if (value === runtime.unknownValue) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

/** A copy without `undefined`, which would lose a resource on its way to the engine; holes in lists are closed. */
export function withoutUndefined<T>(value: T): T {
  if (Array.isArray(value)) return value.filter((one) => one !== undefined).map(withoutUndefined) as T;
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutUndefined(one)])) as T;
}
