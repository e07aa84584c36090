import { bytesOf } from "./units.js";

/** What a member of a row counts as when it is compared: numbers by size, everything else as text. */
export type Cell = string | number;

/**
 * A member as a column of the administration shows it. A structure counts by what it is about: a size by its bytes, a
 * limit by its size when it is on, a reference by its id, rights by the role, a login by its time.
 */
export function cellOf(row: object, member: string): Cell {
  const value = Object.hasOwn(row, member) ? (row as Record<string, unknown>)[member] : undefined;
  return typeof value === "object" && value !== null
    ? structureCell(value as Record<string, unknown>)
    : typeof value === "number"
      ? value
      : value === null || value === undefined
        ? ""
        : String(value as string | boolean);
}

function structureCell(value: Record<string, unknown>): Cell {
  if (typeof value["value"] === "number" && typeof value["units"] === "string") {
    return bytesOf({ value: value["value"], units: value["units"] });
  }
  if (typeof value["isActive"] === "boolean" && "limit" in value) {
    return value["isActive"] ? cellOf(value, "limit") : -1;
  }
  for (const about of ["id", "userRole", "dateTime", "mode", "type"]) {
    if (typeof value[about] === "string" || typeof value[about] === "number") return value[about] as Cell;
  }
  return JSON.stringify(value);
}
